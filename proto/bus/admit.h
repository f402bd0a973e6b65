/*
 * admit.h - lets a question in: once per message, within the caps, in one script.
 */
#ifndef CC_BUS_ADMIT_H
#define CC_BUS_ADMIT_H

#include "proto/base/arena.h"
#include "proto/bus/redis.h"
#include "proto/wire/job.h"

struct cc_admit {
    const struct cc_chat_job *job; /* with the answer id made for it */
    int64_t tenant_cap, total_cap; /* open answers of the tenant; entries in the stream */
    int remember_s;                /* how long a repeated message finds its answer */
    bool new_session;              /* PostgreSQL does not know it yet: cc_admit_find_session() */
};
struct cc_admitted {
    char answer[48];  /* the job's, or the one that the same message got before */
    bool first;       /* false: attached to an earlier one */
    int64_t position; /* entries before ours in the stream, about */
};
/* Waits.  TENANT_BUSY, BUSY, DOWN.  Repeating it after a lost link is safe. */
int cc_admit(struct cc_redis *queue, const struct cc_admit *what, struct cc_admitted *ret);
/* Waits.  Whether the same message was let in before, as far as it is remembered. */
int cc_admit_known(struct cc_redis *queue, const struct cc_chat_job *job, bool *ret);

/* Of which bot and visitor ("": nobody in particular) an answer or a session is. */
struct cc_asked_by {
    const char *bot, *visitor;
};
/*
 * Waits.  An answer that was let in and may not be claimed yet: until then only this server knows
 * that there is one.  NOTFOUND: not this tenant's, or remember_s ago.  Texts in mem.
 */
int cc_admit_find(struct cc_redis *queue, const char *tenant, const char *answer,
                  struct cc_arena *mem, struct cc_asked_by *ret);

/* Waits.  The same for a session whose first question may not be claimed yet. */
int cc_admit_find_session(struct cc_redis *queue, const char *tenant, const char *session,
                          struct cc_arena *mem, struct cc_asked_by *ret);

/* What those keys hold: "<bot>", or "<bot> <visitor>". */
void cc_asked_by_read(const char *text, size_t len, struct cc_arena *mem, struct cc_asked_by *ret);

/*
 * Waits.  Sets the counts of open answers to what the work stream says: an entry is there exactly
 * as long as its answer is open, the counts are a hint that can drift.  Of all who call it one does
 * it, then nobody for every_ms.  *ret_wrong: how many tenants' counts were wrong; -1: not done.
 */
int cc_admit_recount(struct cc_redis *queue, int64_t every_ms, int64_t *ret_wrong);

#endif
