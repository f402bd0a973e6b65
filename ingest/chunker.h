/*
 * chunker.h - an extract becomes passages of about shape->tokens tokens, counted exactly.
 *
 * No passage has more than shape->tokens tokens, or 16 kB.  A cut falls before a heading once a
 * third is full, else between blocks, sentences or words, in this order, within the last third.  A
 * heading stays with the text below it.  Where a cut falls inside a section, the next passage
 * begins with up to shape->overlap tokens of the one before, whole sentences if they fit, else
 * words.
 */
#ifndef CC_INGEST_CHUNKER_H
#define CC_INGEST_CHUNKER_H

#include "ingest/parse/extract.h"
#include "ingest/tokens.h"

struct cc_shape {
    size_t tokens, overlap; /* overlap: less than half of tokens */
};
#define CC_SHAPE ((struct cc_shape){500, 50})

struct cc_slice {
    const char *text; /* NUL-terminated */
    size_t len, tokens;
    const char *section; /* path of headings; "" for none */
    int page;            /* where it begins, the overlap left out; 0: no pages */
};

/* May run on any thread.  Slices live in mem.  Fails only when ICU does. */
int cc_chunker_cut(const struct cc_extract *doc, const struct cc_tokens *tokens,
                   struct cc_shape shape, struct cc_arena *mem, struct cc_slice **ret,
                   size_t *ret_n);

#endif
