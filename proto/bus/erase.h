/*
 * erase.h - what Redis still holds of a visitor, a conversation or a tenant whose rows are gone.
 *
 * On the queue server: questions that wait or are at work, dead letters, what a question is
 * remembered by.  On the live server: answers' events, rate counts under a session's name, and,
 * where a question was asked, the tenant's caches, as an answer that is kept for all may quote one.
 *
 * Whose it is is told by hashes and by ids of ours alone (store/erasure.h).  A question that was
 * asked after the erasure stays.
 */
#ifndef CC_BUS_ERASE_H
#define CC_BUS_ERASE_H

#include "proto/base/arena.h"
#include "proto/bus/redis.h"

struct cc_erase_what {
    const char *tenant;
    bool all;                    /* the whole tenant; the rest is not looked at */
    const char *subject;         /* SHA-256 of the visitor's or the conversation's id */
    const char *const *sessions; /* SHA-256 of their names */
    const char *const *answers;
    int sessions_n, answers_n;
    int64_t asked_ms; /* Unix */
    bool answered;    /* something of it was: else no cache holds what it would have to give up */
};
struct cc_erase_counts {
    int64_t questions; /* that nobody had answered yet */
    int64_t dead;      /* letters */
    int64_t names;     /* keys by which questions and sessions were remembered, or counted */
    int64_t streams;   /* answers' events */
    int64_t cached;
    bool more; /* than are looked for at once: what is left is found the next time */
};
struct cc_erase_found; /* what there is to remove */

/* Waits.  *ret lives in mem, whose size it may fill; its counts are of what is there now. */
int cc_erase_find(struct cc_redis *queue, struct cc_redis *live, const struct cc_erase_what *what,
                  struct cc_arena *mem, struct cc_erase_found **ret);
struct cc_erase_counts cc_erase_counts(const struct cc_erase_found *found);

/*
 * Waits.  Removes it.  Whoever looks on to one of the answers gets an error event and no more;
 * whoever is at work on it is refused its next event (FENCED).  Streams that had entries are
 * written anew, as Redis keeps the bytes of a removed entry beside others.  Safe to repeat.
 */
int cc_erase_remove(struct cc_redis *queue, struct cc_redis *live,
                    const struct cc_erase_found *found);

/*
 * Waits until the server's files hold nothing of what was removed before: writes its log anew, if
 * it keeps one, and its snapshot, if it makes any.  TIMEOUT.
 */
int cc_erase_files(struct cc_redis *redis, int64_t deadline_ms);

#endif
