/*
 * event.h - what happens to an answer, in order, as the visitor's stream tells it.
 *
 * An event's id is "<attempt>-<seq>": Redis refuses ids that are not larger than the last,
 * so an earlier attempt can add nothing once a later one has begun.  Seq begins at 1
 * ("start") and grows by one: a reader sees gaps.  data is the JSON text of the SSE data line
 * (docs/openapi.yaml), made once by the worker and passed through by the gateway.
 */
#ifndef CC_WIRE_EVENT_H
#define CC_WIRE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"

/* SSE event names; ACCEPTED is the gateway's own and never stored. */
#define CC_EVENTS(X)                                                                               \
    X(ACCEPTED, "accepted")                                                                        \
    X(START, "start")                                                                              \
    X(SOURCES, "sources")                                                                          \
    X(TOKEN, "token")                                                                              \
    X(TOOL, "tool")                                                                                \
    X(HANDOFF, "handoff")                                                                          \
    X(DONE, "done")                                                                                \
    X(ERROR, "error")
enum cc_event_kind {
#define X(id, name) CC_EV_##id,
    CC_EVENTS(X)
#undef X
        CC_EV_COUNT
};
const char *cc_event_name(enum cc_event_kind kind);
bool cc_event_ends(enum cc_event_kind kind); /* DONE and ERROR */

struct cc_event_id {
    int64_t attempt, seq;
};
int cc_event_id_compare(struct cc_event_id a, struct cc_event_id b);
bool cc_event_id_parse(const char *text, struct cc_event_id *ret); /* strict; "0-0" is allowed */
#define CC_EVENT_ID_MAX 44
char *cc_event_id_print(struct cc_event_id id, char out[CC_EVENT_ID_MAX]);

/* True when next may follow last with nothing between: same attempt and seq + 1, or a later
 * attempt's seq 1. */
bool cc_event_id_follows(struct cc_event_id last, struct cc_event_id next);

#define CC_EVENT_MAX (512 * 1024) /* bytes of data: a whole answer fits */

/* Stored form: one byte of kind ('a' + kind), then data.  Cheap, as it is on every token's path. */
struct cc_event {
    enum cc_event_kind kind;
    const char *data; /* NUL-terminated JSON text */
    size_t len;
};
void cc_event_encode(enum cc_event_kind kind, const char *data, size_t len, struct cc_buf *out);
/* INVALID for unknown kinds, newlines or bytes that are not UTF-8.  ret->data points into bytes,
 * which must be followed by a NUL. */
int cc_event_decode(const char *bytes, size_t len, struct cc_event *ret);

/* Published form: "<answer> <attempt>-<seq> " + stored form.  Parts point into bytes. */
struct cc_notice {
    const char *answer; /* not terminated */
    size_t answer_len;
    struct cc_event_id id;
    struct cc_event event;
};
int cc_notice_decode(const char *bytes, size_t len, struct cc_notice *ret);

#endif
