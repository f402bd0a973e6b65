/*
 * pace.h - a text handed out piece by piece in its own time: for models that are no service.
 *
 * A call of such a provider is a cc_pace in the request's arena; read and close serve as they are.
 */
#ifndef CC_WORKER_LLM_PACE_H
#define CC_WORKER_LLM_PACE_H

#include "proto/base/buf.h"
#include "worker/llm/llm.h"

struct cc_pace {
    const char *text;
    size_t len, at;
    int64_t next_ms;           /* when the next piece is due */
    int first_ms, gap_ms;      /* before the first, between two */
    int64_t cut;               /* pieces after which it breaks off; -1: never */
    int64_t max;               /* pieces after which its length is reached */
    struct cc_llm_usage usage; /* input: a guess from the bytes; output: pieces */
};
/* The call that hands out a copy of text, without pauses and to its end, or the request's
 * max_tokens, until told otherwise. */
struct cc_pace *cc_pace_new(const struct cc_llm_request *req, const struct cc_buf *text);

/* The read of struct cc_llm_provider: the next word with the space before it.  Waits. */
int cc_pace_read(void *self, int64_t deadline_ms, struct cc_llm_piece *ret);
void cc_pace_close(void *self);

#endif
