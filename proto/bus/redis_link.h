/*
 * redis_link.h - one connection to a Redis server that makes itself again.  For proto/bus only.
 *
 *     waiting --back-off--> greeting --PONG--> up
 *        ^                     |                |
 *        +-- refused, silent, loading, lost ----+
 *
 * A link is up only after the server has answered a PING: a process that accepts connections but
 * still loads its file is as good as down.
 */
#ifndef CC_BUS_REDIS_LINK_H
#define CC_BUS_REDIS_LINK_H

#include <hiredis/async.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/task/loop.h"

struct cc_redis_url {
    char host[108]; /* numeric address, or the path of a socket */
    int port;       /* 0: host is a path */
    char user[64];  /* "": none */
    char password[256];
};
int cc_redis_url_parse(const char *url, struct cc_redis_url *ret); /* INVALID */

struct cc_link {
    const struct cc_redis_url *url;
    void (*on_up)(struct cc_link *link);
    void (*on_lost)(struct cc_link *link); /* it was up */
    void *arg;
    /* below: ours; read by others */
    redisAsyncContext *ac; /* NULL while waiting */
    bool up, was_up;       /* now; ever */
    uint64_t epoch;
    int64_t heard_ms;
    /* below: ours alone */
    struct cc_watch watch;
    struct cc_hook flush;
    struct cc_timer timer; /* back-off, or how long we wait for the PONG */
    redisReplyObjectFunctions objects;
    int backoff_ms;
    bool closing, complained;
};
/* url, on_up, on_lost and arg are set.  Connects in the background. */
void cc_link_open(struct cc_link *link);
void cc_link_close(struct cc_link *link);
void cc_link_drop(struct cc_link *link); /* gives it up; it makes itself again */

/* A callback of hiredis keeps its reply: the caller's to freeReplyObject(). */
void cc_link_keep(redisReply *reply);

#endif
