/*
 * tuning.h - how a bot searches: its own settings, a JSON object.
 *
 *     {"weightWords": 1, "weightMeaning": 0.7,        both absent: the defaults of search.h
 *      "rerank": true,                                ask CC_RERANK_URL about the best of them
 *      "tags": ["faq"], "metadata": {"lang": "en"},   only documents with any tag, all members
 *      "pinThreshold": 0.92}                          cosine from which a pinned answer is given
 */
#ifndef CC_VEC_TUNING_H
#define CC_VEC_TUNING_H

#include <stdbool.h>

#include "proto/store/chunk.h"

struct cc_tuning {
    double by_words, by_meaning; /* both 0: the defaults */
    bool rerank;
    struct cc_filter filter;
    double pin_threshold; /* above 1: exact questions only */
};

/* "" or "{}": the defaults.  INVALID names the member that is wrong; unknown ones are, too. */
int cc_tuning_read(const char *json, struct cc_arena *mem, struct cc_tuning *ret);

#endif
