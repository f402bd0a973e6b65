/*
 * queue.h - hand a job to exactly one worker, and to another if that one dies.
 *
 * A claimed job stays ours for the lease, counted from the last touch.  Acknowledge after the
 * result is stored, never before: doing a job twice is allowed, losing it is not.  The stream is
 * never trimmed; an entry leaves it when it is acknowledged or buried.
 *
 *     new --take--> pending(us) --ack--> gone
 *                     | touch: stays ours      | bury: gone, and a row of the dead list
 *                     +--silent for the lease: reclaim by anybody
 */
#ifndef CC_BUS_QUEUE_H
#define CC_BUS_QUEUE_H

#include "proto/base/arena.h"
#include "proto/bus/redis.h"

struct cc_queue;

struct cc_queue_opts {
    struct cc_redis *commands; /* shared with others */
    struct cc_redis *blocking; /* for nobody but cc_queue_take */
    const char *stream;        /* CC_STREAM_... */
    const char *consumer;      /* this process: unique per host, pid and start */
    const char *inflight;      /* hash tenant -> open jobs that ack lowers; NULL: none */
    int lease_ms;
};
struct cc_claim {
    char entry[44];   /* id in the stream */
    const void *body; /* in mem */
    size_t len;
    bool reclaimed; /* taken over from somebody silent */
};

/* Waits.  The group is made when it is missing, now and whenever Redis says NOGROUP. */
int cc_queue_open(const struct cc_queue_opts *opts, struct cc_queue **ret);
void cc_queue_free(struct cc_queue **queue); /* NULL is fine; sets NULL */

/* Waits up to wait_ms for 1 to max new jobs; NOTFOUND if none came.  *ret_n says how many.  Better
 * let it run out than cancel it: a job that was on its way then waits for its lease. */
int cc_queue_take(struct cc_queue *queue, int max, int wait_ms, struct cc_arena *mem,
                  struct cc_claim *ret, int *ret_n);
/* Waits.  Up to max jobs whose owner was silent for the lease; *ret_n may be 0. */
int cc_queue_reclaim(struct cc_queue *queue, int max, struct cc_arena *mem, struct cc_claim *ret,
                     int *ret_n);
/* Waits.  Still ours, still at work.  FENCED: another consumer has taken it over; 0 when the server
 * knows nothing of it any more (it came back empty: the lease in PostgreSQL decides). */
int cc_queue_touch(struct cc_queue *queue, const char *entry);
/* Waits.  For another worker, at once: a new entry with the same body takes the place of ours, and
 * stays counted.  Repeated after a lost link there may be two of it. */
int cc_queue_put_back(struct cc_queue *queue, const struct cc_claim *claim, const char *tenant);
/* In the next two the tenant may be "": then it is the one that the entry was let in for. */
int cc_queue_ack(struct cc_queue *queue, const char *entry, const char *tenant); /* Waits. */
/* Waits.  To the dead list with the reason in words, and acknowledged, in one script. */
int cc_queue_bury(struct cc_queue *queue, const struct cc_claim *claim, const char *tenant,
                  const char *job, const char *reason);

/* Waits.  Puts a job that no tenant's count knows of; *ret_entry (44 bytes, may be NULL) is its id.
 * After DOWN, TIMEOUT or CANCELLED it may be there all the same: who claims it must know a job that
 * came twice. */
int cc_queue_put(struct cc_redis *commands, const char *stream, const void *body, size_t len,
                 char *ret_entry);

struct cc_queue_state {
    int64_t depth, pending, oldest_ms, dead; /* oldest: age of the first entry; 0 if none */
};
int cc_queue_look(struct cc_redis *commands, const char *stream,
                  struct cc_queue_state *ret); /* Waits. */

/* The dead list, newest first; after: entry to go on from, "" for the first page. */
struct cc_dead {
    const char *entry, *tenant, *job, *reason;
    int64_t buried_ms;
    const void *body;
    size_t len;
};
int cc_dead_list(struct cc_redis *commands, const char *stream, const char *after, int max,
                 struct cc_arena *mem, struct cc_dead *ret, int *ret_n); /* Waits. */
int cc_dead_requeue(struct cc_redis *commands, const char *stream,
                    const char *entry); /* Waits.  NOTFOUND */

#endif
