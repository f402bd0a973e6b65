/*
 * events.h - the events of one attempt, written to the replay stream in order.
 *
 * They are kept until the end of the attempt: when the server comes back empty all are written
 * again with their old ids, so that a reader who saw some of them misses none.  While the server
 * cannot be reached events are owed; the answer goes on, and PostgreSQL has the truth in the end.
 */
#ifndef CC_WORKER_EVENTS_H
#define CC_WORKER_EVENTS_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/bus/redis.h"
#include "proto/wire/event.h"

struct cc_events {
    struct cc_redis *live;
    struct cc_arena *mem; /* of the attempt */
    const char *answer, *viewer;
    int64_t attempt;
    int keep_s;
    /* below: ours */
    struct cc_kept *first, *last, *owed; /* owed: the first that is not written */
    int64_t n;
    int64_t again_ms; /* while the server is down: not before */
    struct cc_buf stored;
    bool cancelled; /* somebody wants the answer stopped */
};
void cc_events_init(struct cc_events *events);
void cc_events_done(struct cc_events *events);

/*
 * Waits.  Adds an event and writes all that are owed.  FENCED: a later attempt has begun.  A server
 * that is down is no failure here.
 */
int cc_events_put(struct cc_events *events, enum cc_event_kind kind, const char *data, size_t len);

/* The same in two parts, for data that is put together: append it to what open returns. */
struct cc_buf *cc_events_open(struct cc_events *events, enum cc_event_kind kind);
int cc_events_close(struct cc_events *events); /* Waits. */
int cc_events_send(struct cc_events *events);  /* Waits.  Writes what is owed. */
bool cc_events_owes(const struct cc_events *events);

/* Waits.  Writes what is owed, again and again if need be; DOWN when it is not done by then. */
int cc_events_settle(struct cc_events *events, int64_t deadline_ms);

#endif
