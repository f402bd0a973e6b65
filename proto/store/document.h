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

#include <stdbool.h>
#include <stdint.h>

#include "proto/store/pg.h"

struct cc_document {
    const char *id, *tenant, *bot; /* bot "": for all bots of the tenant */
    const char *filename, *title, *url, *sha256, *type;
    const void *bytes; /* the file, only for add and load */
    int64_t size;
    /* "" or zero where there is none */
    const char *description, *metadata, *chunking; /* metadata, chunking: JSON objects */
    const char *const *tags;
    int tags_n;
    const char *source; /* of proto/store/source.h */
    bool titled;        /* the owner gave the title */
};
int cc_document_add(struct cc_pg *pool,
                    const struct cc_document *document); /* row and file, one transaction */
int cc_document_load(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                     struct cc_document *ret); /* with bytes; NOTFOUND */

/* A document that was handed in with the same bytes for the same bot and is not failed or going;
 * NOTFOUND. */
int cc_document_same(struct cc_pg *pool, const char *tenant, const char *bot, const char *sha256,
                     struct cc_arena *mem, const char **ret_id);
/*
 * New bytes for a document that is there: pending under a new generation; what it had is found
 * until the new one is published, and edits by hand stay.  bytes, filename, sha256 and type are
 * taken; title, url, description, metadata, chunking and tags where they are not NULL (a title that
 * the owner gave, only by another of his).  The same bytes as before: CONFLICT.  NOTFOUND.
 */
int cc_document_replace(struct cc_pg *pool, const struct cc_document *document,
                        int64_t *ret_generation);

struct cc_document_status {
    const char *id, *filename, *title, *status, *step, *error; /* error: words or "" */
    int64_t progress; /* 0 to 100, real: pages parsed, chunks embedded */
    int64_t chunks_total, chunks_done, generation, attempt, size, created_ms, updated_ms;
    const char *error_code;                /* public name, "" */
    int64_t error_page;                    /* where the parser failed; 0: unknown */
    int64_t pages, active_chunks, waiting; /* of one that is pending: older ones of the tenant that
                                              are not through; not told by list */
    const char *type, *url, *bot, *source, *sha256, *description, *metadata, *chunking; /* "" */
    const char *const *tags;
    int tags_n;
    bool enabled;
};
/* What may be changed without a new taking-in.  NULL or -1: as it is.  NOTFOUND */
struct cc_document_edit {
    const char *title, *description, *metadata;
    const char *const *tags; /* with tags_n >= 0 */
    int tags_n;              /* -1: as they are */
    int enabled;             /* 0, 1; -1: as it is */
};
int cc_document_set(struct cc_pg *pool, const char *tenant, const char *id,
                    const struct cc_document_edit *edit);
int cc_document_status(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                       struct cc_document_status *ret); /* NOTFOUND */
/* Newest first.  "" does not filter. */
struct cc_document_filter {
    const char *status, *bot, *source, *tag, *text; /* text: in title or filename */
};
int cc_document_list(struct cc_pg *pool, const char *tenant,
                     const struct cc_document_filter *filter, /* NULL: none */
                     const char *after, int max, struct cc_arena *mem,
                     struct cc_document_status **ret, int *ret_n);
/* Wins over a running job.  Its generations are noted in vector_garbage, see below.  NOTFOUND */
int cc_document_delete(struct cc_pg *pool, const char *tenant, const char *id);
int cc_document_retry(struct cc_pg *pool, const char *tenant,
                      const char *id); /* failed or dead -> pending, new generation */
/* Off the list of the dead: it stays as failed, with its reason.  CONFLICT when it is not dead. */
int cc_document_skip(struct cc_pg *pool, const char *tenant, const char *id);
/* Once more through all steps (other settings, another parser); what is found stays until then. */
int cc_document_again(struct cc_pg *pool, const char *tenant, const char *id,
                      int64_t *ret_generation); /* NOTFOUND, CONFLICT while it is at work */

/* What changed when a generation was published, newest first. */
struct cc_document_change {
    int64_t generation, added, removed, kept, embedded, at_ms;
    const char *detail; /* JSON {added: [{index, text}], removed: [{index, text}]}, texts cut */
};
int cc_document_changes(struct cc_pg *pool, const char *tenant, const char *id, int max,
                        struct cc_arena *mem, struct cc_document_change **ret, int *ret_n);

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
/*
 * Without a hold: what an outside reader tells of a document that is at work.  Only what is shown
 * changes, and progress never falls; step NULL: as it is.  NOTFOUND; CONFLICT when nobody works on
 * it.
 */
int cc_document_told(struct cc_pg *pool, const char *tenant, const char *id, int64_t progress,
                     const char *step);
struct cc_document_end {
    const char *status;       /* failed no_text encrypted dead */
    const char *error, *code; /* words; public name */
    int64_t page;
};
int cc_document_end(struct cc_pg *pool, const struct cc_document_hold *hold,
                    const struct cc_document_end *end);
/* What the parser learned of the file: type by content, pages, its own title ("" or unless titled).
 */
struct cc_document_learned {
    const char *type, *title;
    int64_t pages;
};
int cc_document_learn(struct cc_pg *pool, const struct cc_document_hold *hold,
                      const struct cc_document_learned *learned); /* FENCED */
int cc_document_release(struct cc_pg *pool,
                        const struct cc_document_hold *hold); /* lease over at once */
/* An attempt that failed and counts: pending again, for whoever comes next.  FENCED */
int cc_document_wait(struct cc_pg *pool, const struct cc_document_hold *hold);

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
/* Seconds since the oldest that is not through was asked for, of all tenants; 0: none. */
int cc_document_oldest(struct cc_pg *sweep, int64_t *ret_s);

/*
 * Generations whose points an outer vector store (proto/vec/points.h) may still hold: each publish
 * and each delete notes what it dropped.  Whoever has removed the points, or knows that there is no
 * such store, removes the note.
 */
struct cc_garbage {
    const char *tenant, *model; /* model "": of all embeddings */
    int64_t generation;
};
int cc_garbage_sweep(struct cc_pg *sweep, int max, struct cc_arena *mem, struct cc_garbage **ret,
                     int *ret_n); /* oldest first, of all tenants */
int cc_garbage_gone(struct cc_pg *pool, const struct cc_garbage *garbage);

#endif
