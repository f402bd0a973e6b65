/*
 * pace.h - how fast a service may be asked, learned from its answers and shared by all processes.
 *
 * One pace per key of a service: additive increase while requests succeed, halved on a 429 or 503
 * (at most once per window, so that one burst of refusals counts once), and nobody asks before a
 * Retry-After has passed.  The classic AIMD of Chiu and Jain (1989).  Lost with the live server: it
 * is learned again.
 */
#ifndef CC_BUS_PACE_H
#define CC_BUS_PACE_H

#include <stdint.h>

#include "proto/bus/redis.h"

/* Waits (for Redis only).  *ret_wait_ms 0: ask now, the place is taken; else ask here again then.
 */
int cc_pace_enter(struct cc_redis *live, const char *name, int64_t *ret_wait_ms);

enum cc_pace_outcome { CC_PACE_OK, CC_PACE_BUSY };
/* Waits.  retry_after_ms: as the service said; -1: it said nothing. */
int cc_pace_tell(struct cc_redis *live, const char *name, enum cc_pace_outcome outcome,
                 int64_t retry_after_ms);

struct cc_pace_state {
    double per_second; /* what is allowed now */
    int64_t quiet_ms;  /* until the next may ask at all */
};
int cc_pace_look(struct cc_redis *live, const char *name, struct cc_pace_state *ret); /* Waits. */

#endif
