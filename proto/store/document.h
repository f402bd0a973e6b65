/*
 * document.h - files of a tenant, and how far they have come.
 *
 * A document's row is its own outbox: the job in Redis is only a hint, and a sweeper finds rows
 * that nobody works on.  All calls wait.  Each taking-in has a generation; chunks of a generation
 * are seen by nobody until publish makes it the active one, in one transaction that also drops the
 * others.
 *
 *     pending --claim--> parsing > chunking > embedding > storing --publish--> ready
 *        ^                  \--end: failed | no_text | encrypted (nothing to gain by another try)
 *        +-- lease over: claim again, attempt + 1; beyond the cap: dead          any --delete-->
 * deleting > gone
 */
#ifndef CC_STORE_DOCUMENT_H
#define CC_STORE_DOCUMENT_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_document {
    const char *id, *tenant, *bot; /* bot "": for all bots of the tenant */
    const char *filename, *title, *url, *sha256, *type;
    const void *bytes; /* the file, only for add and load */
    int64_t size;
};
int cc_document_add(struct cc_pg *pool,
                    const struct cc_document *document); /* row and file, one transaction */
int cc_document_load(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                     struct cc_document *ret); /* with bytes; NOTFOUND */

struct cc_document_status {
    const char *id, *filename, *title, *status, *step, *error; /* error: words or "" */
    int64_t progress; /* 0 to 100, real: pages parsed, chunks embedded */
    int64_t chunks_total, chunks_done, generation, attempt, size, created_ms, updated_ms;
};
int cc_document_status(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                       struct cc_document_status *ret); /* NOTFOUND */
int cc_document_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                     struct cc_arena *mem, struct cc_document_status **ret, int *ret_n);
int cc_document_delete(struct cc_pg *pool, const char *tenant,
                       const char *id); /* NOTFOUND; wins over a running job */
int cc_document_retry(struct cc_pg *pool, const char *tenant,
                      const char *id); /* failed or dead -> pending, new generation */

struct cc_document_lease {
    const char *tenant, *id, *owner;
    int lease_ms;
    int64_t attempts_max;
};
struct cc_document_claimed {
    enum {
        CC_DOC_OURS,
        CC_DOC_RUNNING,
        CC_DOC_OVER,
        CC_DOC_DEAD
    } outcome; /* DEAD: this was one attempt too many, the row says so now */
    int64_t attempt, generation;
    int64_t tries; /* claims that count towards attempts_max, this one included */
};
int cc_document_claim(struct cc_pg *pool, const struct cc_document_lease *lease,
                      struct cc_document_claimed *ret); /* NOTFOUND: deleted */

/* The fence of what follows: FENCED when another attempt or a delete came first. */
struct cc_document_hold {
    const char *tenant, *id;
    int64_t attempt, generation;
};
struct cc_document_progress {
    const char *status, *step;
    int64_t progress, chunks_total, chunks_done;
};
/* Also renews the lease. */
int cc_document_progress(struct cc_pg *pool, const struct cc_document_hold *hold,
                         const struct cc_document_progress *progress, int lease_ms);
int cc_document_end(struct cc_pg *pool, const struct cc_document_hold *hold, const char *status,
                    const char *error); /* failed no_text encrypted dead */
int cc_document_release(struct cc_pg *pool,
                        const struct cc_document_hold *hold); /* lease over at once */

/* Rows that wait and that nobody holds, of all tenants: ids only, by the sweeping role's pool. */
struct cc_document_waiting {
    const char *tenant, *id;
    int64_t generation;
};
int cc_document_sweep(struct cc_pg *sweep, int64_t older_ms, int max, struct cc_arena *mem,
                      struct cc_document_waiting **ret, int *ret_n);
/* For what the sweep found: true for one caller per older_ms, who puts the job again. */
int cc_document_revive(struct cc_pg *pool, const char *tenant, const char *id, int64_t older_ms,
                       bool *ret);

#endif
