/*
 * follow.h - looks on to one answer until it ends, whatever breaks in between.
 *
 * Events come from the hub in time, and from the replay stream in truth: after a gap, a lost
 * link or a silence the stream is read from the last id seen.  When it is gone, the answer is
 * read from its row; a new generation is never begun by looking.  Who asked (admit set) repeats the
 * admission when the queue's link was re-made: that is harmless when nothing was lost.
 */
#ifndef CC_GATEWAY_FOLLOW_H
#define CC_GATEWAY_FOLLOW_H

#include "gateway/hub.h"
#include "gateway/request.h"
#include "proto/bus/admit.h"

struct cc_follow {
    struct cc_rq *rq;
    const char *answer;
    struct cc_viewer *viewer;
    struct cc_event_id last;      /* what the reader has seen */
    bool join;                    /* we are not yet among the answer's viewers */
    const struct cc_admit *admit; /* NULL: only looks on */
    uint64_t epoch;               /* of the queue's link when it was admitted */
    int64_t deadline_ms;          /* cc_now(): then it ends with an error event */

    /* Not 0 ends the looking; idle is called every 15 s in which nothing came. */
    int (*event)(void *arg, const struct cc_event_id *id, const struct cc_event *event);
    int (*idle)(void *arg);
    void *arg;
};
/* Waits.  0: the answer has ended, and event() was told.  AUTH: the key has been taken away, and
 * event() was told.  Else CANCELLED or event()'s code. */
int cc_follow_run(struct cc_follow *follow);

/* The reader has left before the end: after the grace time without a viewer it is cancelled. */
void cc_follow_left(const char *answer);

#endif
