/*
 * pace.h - a text handed out piece by piece in its own time: for models that are no service.
 */
#ifndef CC_WORKER_LLM_PACE_H
#define CC_WORKER_LLM_PACE_H

#include "worker/llm/llm.h"

struct cc_pace {
    const char *text;
    size_t len, at;
    int64_t next_ms;      /* when the next piece is due */
    int64_t pieces;       /* handed out */
    int first_ms, gap_ms; /* before the first, between two */
};
/* Waits until the next piece is due; TIMEOUT without harm when deadline_ms is before. */
int cc_pace_wait(struct cc_pace *pace, int64_t deadline_ms);
/* The next word with the space before it; *ret_len 0 at the end. */
const char *cc_pace_take(struct cc_pace *pace, size_t *ret_len);

#endif
