/*
 * tuning.h - how a bot searches: its own settings, a JSON object.
 *
 *     {"weightWords": 1, "weightMeaning": 0.7,        absent: the defaults of search.h
 *      "rerank": true,                                ask CC_RERANK_URL about the best of them
 *      "tags": ["faq"], "metadata": {"lang": "en"},   only documents with any tag, all members
 *      "documentIds": ["doc_..."],                    only these
 *      "pinThreshold": 0.92}                          cosine from which a pinned answer is given
 */
#ifndef CC_VEC_TUNING_H
#define CC_VEC_TUNING_H

#include <jansson.h>
#include <stdbool.h>

#include "proto/store/chunk.h"

#define CC_PIN_THRESHOLD 0.92

struct cc_tuning {
    double by_words, by_meaning; /* below 0: the default of this one */
    bool rerank;
    struct cc_filter filter;
    double pin_threshold; /* above 1: exact questions only */
};

/* "" or "{}": the defaults.  INVALID names the member that is wrong; unknown ones are, too. */
int cc_tuning_read(const char *json, struct cc_arena *mem, struct cc_tuning *ret);
/* The same of an object that is there already, over what *tuning holds. */
int cc_tuning_lay(const json_t *members, struct cc_arena *mem, struct cc_tuning *tuning);
extern const struct cc_tuning cc_tuning_default;

/*
 * A bot's or document's chunking, {tokens?: 32 to 2000, overlap?: less than half of tokens, mode?:
 * "auto" | "text" | "pairs"}; what is absent stays as *ret has it.  "" and "{}" change nothing.
 * INVALID names the member.
 */
enum cc_chunking_mode { CC_CHUNKING_AUTO, CC_CHUNKING_TEXT, CC_CHUNKING_PAIRS };
struct cc_chunking {
    int tokens, overlap;
    enum cc_chunking_mode mode;
};
#define CC_CHUNKING ((struct cc_chunking){500, 50, CC_CHUNKING_AUTO})
int cc_chunking_read(const char *json, struct cc_chunking *ret);
int cc_chunking_check(const char *json); /* over CC_CHUNKING */

#endif
