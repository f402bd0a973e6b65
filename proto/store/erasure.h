/*
 * erasure.h - what a visitor or a whole tenant has left with us is removed, and a receipt stays.
 *
 *     ask (one transaction) --> pending --claim--> running --done--> done
 *                                          ^---lease over---|
 *
 * Asking removes a conversation or a visitor from PostgreSQL at once; a tenant is closed at once
 * and emptied batch by batch.  Whoever claims the rest (ingest/erase.h) cleans Redis.  Until it is
 * done the row holds what to look for there: ids of ours, and hashes of names that others gave.  A
 * question that was asked before is not claimed any more (turn.h).  All calls wait.
 */
#ifndef CC_STORE_ERASURE_H
#define CC_STORE_ERASURE_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_erasure {
    const char *id, *kind;     /* kind: conversation, visitor, tenant */
    const char *state;         /* pending, running, done */
    const char *removed;       /* JSON object: kind of thing -> how many */
    const char *asked_by;      /* id of a user or key; "visitor" */
    int64_t asked_ms, done_ms; /* 0: not yet */
};
struct cc_erasure_ask {
    const char *tenant, *id; /* id: "ers_..." made for the receipt */
    const char *subject;     /* the conversation's or the visitor's id */
    const char *asked_by;
};
int cc_erasure_conversation(struct cc_pg *pool, const struct cc_erasure_ask *ask,
                            struct cc_arena *mem, struct cc_erasure *ret); /* NOTFOUND */
int cc_erasure_visitor(struct cc_pg *pool, const struct cc_erasure_ask *ask, struct cc_arena *mem,
                       struct cc_erasure *ret); /* NOTFOUND */

/* A conversation for its visitor, who may go on in it: it stays, as if nobody had ever said or
 * marked anything.  ret_running: answers that were under way, and are to be stopped.  NOTFOUND */
struct cc_erasure_running {
    const char **answers;
    int n;
};
int cc_erasure_clear(struct cc_pg *pool, const struct cc_erasure_ask *ask, struct cc_arena *mem,
                     struct cc_erasure *ret, struct cc_erasure_running *ret_running);
/* ask->subject is the tenant's name, which confirms it: CONFLICT if it is another.  Its keys and
 * logins are good for nothing from here on. */
int cc_erasure_tenant(struct cc_pg *pool, const struct cc_erasure_ask *ask, struct cc_arena *mem,
                      struct cc_erasure *ret);

/* Receipts, newest first, from behind `after` ("": from the first). */
int cc_erasure_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                    struct cc_arena *mem, struct cc_erasure **ret, int *ret_n);
int cc_erasure_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                   struct cc_erasure *ret); /* NOTFOUND */

/* Is it part of an erasure that is still under way?  name: of a session, or an answer's id. */
int cc_erasure_covers(struct cc_pg *pool, const char *tenant, const char *name, bool *ret);

/* ---- for whoever finishes them ---- */

struct cc_erasure_open {
    const char *tenant, *id;
};
/* sweep: the pool of the sweeping role. */
int cc_erasure_waiting(struct cc_pg *sweep, int max, struct cc_arena *mem,
                       struct cc_erasure_open *ret, int *ret_n);

struct cc_erasure_work {
    const char *kind, *subject, *removed; /* subject: SHA-256 of the id */
    const char *const *sessions;          /* SHA-256 of their names */
    const char *const *answers;
    int sessions_n, answers_n;
    int64_t asked_ms;
};
/* NOTFOUND: somebody else is at it, or it is done. */
int cc_erasure_claim(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                     struct cc_arena *mem, struct cc_erasure_work *ret);
/* Still at it; what removed (a JSON object) holds takes the place of what was said of it. */
int cc_erasure_note(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                    const char *removed);
int cc_erasure_done(struct cc_pg *pool, const struct cc_erasure_open *what);

/*
 * Removes a batch of a closed tenant's rows, in an order that no reference stands in the way of,
 * and counts it in the receipt.  Points of outer vector stores are noted as garbage; while there is
 * some the tenant's own row stays.
 */
enum cc_erasure_left {
    CC_ERASURE_MORE,    /* call again */
    CC_ERASURE_POINTS,  /* call again when garbage has been removed */
    CC_ERASURE_NOTHING, /* but receipts */
};
int cc_erasure_batch(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                     enum cc_erasure_left *ret);
/* The tables that it empties, NULL behind the last. */
const char *const *cc_erasure_tables(void);

#endif
