/*
 * units.h - the smallest pieces that passages are made of: sentences, lines of code and tables,
 * and parts of those that are too long.
 */
#ifndef CC_INGEST_UNITS_H
#define CC_INGEST_UNITS_H

#include "ingest/parse/extract.h"
#include "ingest/tokens.h"

enum cc_unit_edge { /* what a unit begins, weakest first */
                    CC_EDGE_WORD,
                    CC_EDGE_SENTENCE,
                    CC_EDGE_BLOCK,
};

struct cc_unit {
    const struct cc_block *block;
    const char *text; /* inside the block's text */
    size_t len, tokens;
    enum cc_unit_edge edge;
};

/* None has more than max_tokens tokens. */
int cc_units_split(const struct cc_extract *doc, const struct cc_tokens *tokens, size_t max_tokens,
                   struct cc_arena *mem, struct cc_unit **ret, size_t *ret_n);

/* Offset of the longest tail of at most max_tokens tokens that begins with a word; len for none. */
size_t cc_units_tail(const struct cc_unit *unit, const struct cc_tokens *tokens, size_t max_tokens);

#endif
