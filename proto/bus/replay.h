/*
 * replay.h - an answer's events: published for speed, kept for a while for truth.
 *
 * The worker writes an event with its id "<attempt>-<seq>" to the answer's stream, tells each
 * viewer's channel, and learns whether it is to stop: one script, one round trip.  Redis refuses
 * ids of an earlier attempt.  A reader reads from the last id it knows, then listens.
 */
#ifndef CC_BUS_REPLAY_H
#define CC_BUS_REPLAY_H

#include "proto/base/arena.h"
#include "proto/bus/redis.h"
#include "proto/wire/event.h"

/* ---- the worker's side ---- */
struct cc_replay_put {
    const char *answer;
    const char *viewer; /* a channel to add to the viewers, unless the event is refused; or NULL */
    struct cc_event_id id;
    const void *stored; /* cc_event_encode()'s bytes */
    size_t len;
    int64_t expect; /* events of the stream before this one; fewer: CC_E_CONFLICT; -1: whatever */
    int keep_s;
};
/*
 * Waits.  After DOWN, TIMEOUT or CANCELLED nobody knows whether it was written: repeating it is
 * safe. FENCED: a later attempt has begun, stop.  CONFLICT: the stream lost what was in it (the
 * server came back empty), nothing was written: write again from event 1.  *ret_cancel: somebody
 * wants it stopped.
 */
int cc_replay_put(struct cc_redis *live, const struct cc_replay_put *put, bool *ret_cancel);

/* ---- the gateway's side ---- */
struct cc_replay_entry {
    struct cc_event_id id;
    struct cc_event event; /* in mem */
};
/* Waits.  Adds the channel to the viewers, so that what comes after the next read is heard. */
int cc_replay_join(struct cc_redis *live, const char *answer, const char *channel, int keep_s);
/* Waits.  Up to max entries after `after` (0-0: all); NOTFOUND when there is no stream. */
int cc_replay_read(struct cc_redis *live, const char *answer, struct cc_event_id after, int max,
                   struct cc_arena *mem, struct cc_replay_entry *ret, int *ret_n);
/* Waits.  Takes the channel off; when no viewer is left the answer is cancelled.  keep_s in both:
 * how long that holds; an answer may begin no later. */
int cc_replay_leave(struct cc_redis *live, const char *answer, const char *channel, int keep_s);
int cc_replay_cancel(struct cc_redis *live, const char *answer, int keep_s); /* Waits.  At once. */
int cc_replay_is_cancelled(struct cc_redis *live, const char *answer, bool *ret); /* Waits. */

#endif
