/*
 * chunker.h - an extract becomes passages of about shape->tokens tokens, counted exactly.
 *
 * No passage has more than shape->tokens tokens, or 16 kB.  A cut falls before a heading once a
 * third is full, else between blocks, sentences or words, in this order, within the last third.  A
 * heading stays with the text below it.  Where a cut falls inside a section of prose, the next
 * passage begins with up to shape->overlap tokens of the one before, whole sentences if they fit,
 * else words.  A row is never cut unless it alone is longer than a passage; a table that is cut
 * repeats its header.  A question and its answer are one passage (cut with the question repeated
 * only when too long).  Rows, tables and pairs need no overlap: each part stands for itself.
 * Among equally strong edges the text around them chooses, not what comes long before, so that an
 * edit changes few passages.
 */
#ifndef CC_INGEST_CHUNKER_H
#define CC_INGEST_CHUNKER_H

#include "ingest/parse/extract.h"
#include "ingest/tokens.h"

enum cc_shape_mode {
    CC_SHAPE_AUTO,  /* pairs where the text is questions and answers */
    CC_SHAPE_TEXT,  /* never pairs */
    CC_SHAPE_PAIRS, /* "Q: ... A: ..." and headings that end with "?" are pairs */
};
struct cc_shape {
    size_t tokens, overlap; /* 32 to 2000; overlap: less than half of tokens */
    enum cc_shape_mode mode;
};
#define CC_SHAPE ((struct cc_shape){500, 50, CC_SHAPE_AUTO})

/*
 * JSON {tokens?, overlap?, mode?: "auto" | "text" | "pairs"} over what *shape holds; "" changes
 * nothing.  INVALID names the member.
 */
int cc_shape_read(const char *json, struct cc_shape *shape);

struct cc_slice {
    const char *text; /* NUL-terminated */
    size_t len, tokens;
    const char *section;     /* path of headings; "" for none */
    int page, row;           /* where it begins, the overlap left out; 0: none */
    enum cc_block_kind kind; /* of its first block that is no heading */
    /* what prepare.h adds; zero before */
    const char *text_sha256; /* of the text as parsed; "" for a passage made by hand */
    int64_t edit;            /* of chunk_edits; 0: as parsed */
    bool disabled;
};

#define CC_SLICES_MAX 300000 /* of one document */

/* May run on any thread.  Slices live in mem.  LIMIT beyond CC_SLICES_MAX; else fails only when ICU
 * does. */
int cc_chunker_cut(const struct cc_extract *doc, const struct cc_tokens *tokens,
                   struct cc_shape shape, struct cc_arena *mem, struct cc_slice **ret,
                   size_t *ret_n);

#endif
