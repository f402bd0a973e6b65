/*
 * fair.h - jobs wait in a line per tenant, and the work stream is kept short.
 *
 *     put --> line of the tenant --feed (one of each tenant in turn)--> work stream --> queue.h
 *
 * So who hands in two thousand waits for the others only as often as they wait for him.  A line
 * holds each job once, however often it is put.  All in Redis and all a hint: what is lost there is
 * put again by who sweeps PostgreSQL.
 */
#ifndef CC_BUS_FAIR_H
#define CC_BUS_FAIR_H

#include <stddef.h>
#include <stdint.h>

#include "proto/bus/redis.h"

/* Waits.  body: the same bytes for the same job.  Repeating it is safe. */
int cc_fair_put(struct cc_redis *queue, const char *stream, const char *tenant, const void *body,
                size_t len);

/*
 * Waits.  Moves jobs from the lines until `ready` entries of the stream are waiting for somebody to
 * take them; who takes calls this before.  *ret_moved may be NULL.
 */
int cc_fair_feed(struct cc_redis *queue, const char *stream, int ready, int64_t *ret_moved);

/* Waits.  A job that is not wanted any more leaves its line; 0 also when it was not there. */
int cc_fair_drop(struct cc_redis *queue, const char *stream, const char *tenant, const void *body,
                 size_t len);

struct cc_fair_state {
    int64_t waiting, tenants; /* jobs in lines; lines that are not empty */
};
int cc_fair_look(struct cc_redis *queue, const char *stream,
                 struct cc_fair_state *ret); /* Waits. */

#endif
