/*
 * gateway.h - what all handlers of one gateway worker share.
 */
#ifndef CC_GATEWAY_GATEWAY_H
#define CC_GATEWAY_GATEWAY_H

#include <stdbool.h>

#include "proto/bus/call.h"
#include "proto/bus/redis.h"
#include "proto/store/pg.h"

struct cc_gateway {
    struct cc_redis *queue, *live;
    struct cc_pg *pg;
    struct cc_calls *calls; /* to workers and ingest */
    int worker;             /* from 1 */
    bool stopping;          /* draining: nothing new is begun */
};

/* Valid between cc_gateway_open() and _close(). */
const struct cc_gateway *cc_gateway(void);

int cc_gateway_open(int number); /* of the Kore worker, from 1 */
/* Waits, by turning the loop: streams end, requests get a few seconds to, then all closes. */
void cc_gateway_drain(void);

#endif
