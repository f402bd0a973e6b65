/*
 * erase_inside.h - what erase.c finds and erase_remove.c removes.  For proto/bus alone.
 */
#ifndef CC_BUS_ERASE_INSIDE_H
#define CC_BUS_ERASE_INSIDE_H

#include "proto/bus/erase.h"
#include "proto/bus/redis_run.h"

#define CC_ERASE_MAX 50000 /* of a kind at once: what is left is found the next time */
/* The one event of an answer that was erased: no attempt gets so far, so all later ones are
 * refused.
 */
#define CC_ERASED_EVENT "1073741824-1"

struct cc_erase_list {
    const char **at;
    int n, room;
};
struct cc_erase_found {
    const struct cc_erase_what *what;
    struct cc_arena *mem;
    struct cc_erase_counts counts;
    struct cc_erase_list sessions;    /* SHA-256 */
    struct cc_erase_list entries;     /* of the stream of questions */
    struct cc_erase_list dead;        /* of the list of its dead */
    struct cc_erase_list dead_ingest; /* of a whole tenant */
    struct cc_erase_list queue, live; /* keys */
    struct cc_erase_list open;        /* answers that somebody may be at work on */
    struct cc_erase_list streams;     /* answers that have events */
};

/* Waits.  Each key like this, page by page. */
typedef int cc_erase_each_fn(struct cc_erase_found *found, struct cc_redis *redis,
                             const redisReply *keys);
int cc_erase_scan(struct cc_erase_found *found, struct cc_redis *redis, const char *pattern,
                  cc_erase_each_fn *each);

#endif
