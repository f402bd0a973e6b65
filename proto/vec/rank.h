/*
 * rank.h - puts a handful of passages in the order in which they speak of a question, in memory.
 *
 * For what is too little and too short-lived for an index: files of one conversation.  BM25 over
 * the same words as the search (terms.h).
 */
#ifndef CC_VEC_RANK_H
#define CC_VEC_RANK_H

#include "proto/vec/terms.h"

/* The words of a passage as they are kept: a line for each, "3 lantern\n". */
const char *cc_rank_words(const struct cc_terms *terms, struct cc_arena *mem);

struct cc_ranked {
    int index;    /* of the passage */
    double score; /* above 0 */
};
/*
 * words: of n passages, by cc_rank_words(); lines that are none are passed over.  Those that have
 * some of the question's words, best first; of equals the first.  Valid UTF-8.
 */
int cc_rank(const char *question, const char *const *words, int n, struct cc_arena *mem,
            struct cc_ranked **ret, int *ret_n);

#endif
