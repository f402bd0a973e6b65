/*
 * pairs.h - questions and their answers in a text become one block each.
 *
 * Known by marks at the beginning of a line ("Q:", "A:", "Question 3:", "Answer:", "Frage:",
 * "Antwort:", "Q1.", ...), else by headings, lines of their own and first lines of paragraphs that
 * end with a question mark, each followed by its answer.
 */
#ifndef CC_INGEST_PAIRS_H
#define CC_INGEST_PAIRS_H

#include "ingest/chunker.h"

/*
 * *ret is doc with its pairs joined; the rest of its blocks is as it was.  AUTO: only if there are
 * several, with answers of a page at most, and they are most of the text.  Blocks live in mem.
 */
void cc_pairs_join(const struct cc_extract *doc, enum cc_shape_mode mode, struct cc_arena *mem,
                   struct cc_extract *ret);

#endif
