/*
 * quote.h - the sentences of passages that fit a question best, by its words.
 */
#ifndef CC_WORKER_LLM_QUOTE_H
#define CC_WORKER_LLM_QUOTE_H

#include "worker/llm/llm.h"

struct cc_quote {
    int passage;      /* index */
    const char *text; /* one to three sentences on one line, in the arena */
    double score;     /* 0: none of the question's words is in it */
    double share;     /* of the question's words, those that are in it */
};
/*
 * At most max, best first, no two of the same sentence; *ret_n 0 only without passages.  When no
 * word fits, the beginning of the first passage.
 */
int cc_quotes(const struct cc_llm_request *req, int max, struct cc_quote *ret, int *ret_n);

/*
 * The stretch of a passage that holds most of the question's words, when no sentence of its own
 * does: forms and tables, where every line is a word or two.  ret->share says how many; 0: no
 * words.
 */
int cc_quote_stretch(const struct cc_llm_request *req, struct cc_quote *ret);

#endif
