/*
 * insist.h - asks a store again while it is down.  For what may be asked twice without harm.
 */
#ifndef CC_WORKER_INSIST_H
#define CC_WORKER_INSIST_H

#include <stdint.h>

#include "worker/chat.h"

/* Waits.  Repeats fn(arg) until it says anything but DOWN, TIMEOUT or BUSY, or for_ms are over. */
int cc_insist(int (*fn)(void *arg), void *arg, int64_t for_ms);

#endif
