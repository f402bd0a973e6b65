/*
 * turn.h - one after another, with a pause between, whoever asks: turns at a web site, shared by
 * all processes.
 */
#ifndef CC_BUS_TURN_H
#define CC_BUS_TURN_H

#include <stdint.h>

#include "proto/bus/redis.h"

/*
 * Waits (for Redis only).  The next turn is ours, in *ret_wait_ms; the one after it comes pause_ms
 * later, at the earliest.  who: up to 200 bytes.  A turn that is not used is lost time and no more.
 */
int cc_turn_take(struct cc_redis *live, const char *who, int64_t pause_ms, int64_t *ret_wait_ms);

#endif
