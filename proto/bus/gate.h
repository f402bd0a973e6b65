/*
 * gate.h - how many in how long: several counters checked and raised in one script.
 *
 * Sliding window by two neighbouring fixed windows, weighted (the estimate that
 * Cloudflare published in 2017): exact at the edges, 16 bytes per key.  Nothing is counted when any
 * gate is shut.  The server's own clock decides.
 */
#ifndef CC_BUS_GATE_H
#define CC_BUS_GATE_H

#include "proto/bus/redis.h"

#define CC_GATES_MAX 6

struct cc_gate {
    const char *key; /* cc_name_gate() */
    int64_t limit;   /* in one window; 0: always shut */
    int window_ms;
};
struct cc_gate_verdict {
    int shut;         /* index of the gate that is, -1: let in */
    int64_t retry_ms; /* until it opens again, about */
    int tightest;     /* index of the gate that has least left; the shut one */
    int64_t left;     /* of that one */
};
/* Waits.  RATE when a gate is shut (*ret says which), DOWN. */
int cc_gate_pass(struct cc_redis *live, const struct cc_gate *gates, int n,
                 struct cc_gate_verdict *ret);

#endif
