/*
 * units.h - the smallest pieces that passages are made of: sentences, lines of code and tables,
 * rows, pairs, and parts of those that are too long.
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

#define CC_UNIT_WHOLE ((size_t)11 << 10) /* bytes of the longest unit */
#define CC_UNIT_LEAD  ((size_t)2 << 10)  /* bytes of the longest line that is repeated */

/*
 * passage: tokens of one.  A row, a line of a table and a pair are one unit if they fit into a
 * passage (with the table's header before them); all others have at most a quarter of it.
 */
int cc_units_split(const struct cc_extract *doc, struct cc_counter *counter, size_t passage,
                   struct cc_arena *mem, struct cc_unit **ret, size_t *ret_n);

/*
 * Length of the line that stands above each part of this block when it is cut: a table's header, a
 * pair's question.  0: none, or too long to be repeated.
 */
size_t cc_units_lead(const struct cc_block *block, struct cc_counter *counter, size_t passage,
                     size_t *ret_tokens);

/* Offset of the longest tail of at most max_tokens tokens that begins with a word; len for none. */
size_t cc_units_tail(const struct cc_unit *unit, struct cc_counter *counter, size_t max_tokens);

#endif
