/*
 * source.h - places on the web that documents come from, and the pages found there.  All calls
 * wait.
 *
 *     pending --claim--> running --end--> ready | failed        due again: claim
 *                            \--lease over: claim again, run + 1 (the fence); the visit goes on
 *
 * A visit's pages are rows, so that whoever takes a visit over goes on with those still waiting.
 */
#ifndef CC_STORE_SOURCE_H
#define CC_STORE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/store/document.h"

struct cc_texts { /* a short list */
    const char *const *at;
    int n;
};

struct cc_source {
    const char *id, *tenant, *bot; /* bot "": for all bots */
    const char *kind;              /* "page", "sitemap", "crawl" */
    const char *url, *title;
    struct cc_texts tags, include, exclude; /* include, exclude: patterns of paths, * is any text */
    int64_t depth, max_pages, every_s;      /* every_s 0: only when asked */
    /* read only */
    const char *status, *error;
    int64_t next_ms, visited_ms, created_ms; /* 0: never */
    int64_t documents, waiting, failed;      /* of its pages */
};
int cc_source_add(struct cc_pg *pool, const struct cc_source *source); /* due at once */
int cc_source_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                  struct cc_source *ret); /* NOTFOUND */
int cc_source_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                   struct cc_arena *mem, struct cc_source **ret, int *ret_n);
int cc_source_set(struct cc_pg *pool, const struct cc_source *source);       /* NOTFOUND */
int cc_source_visit(struct cc_pg *pool, const char *tenant, const char *id); /* due now; NOTFOUND */
int cc_source_delete(struct cc_pg *pool, const char *tenant,
                     const char *id); /* its documents, too */

struct cc_source_page {
    const char *url, *state, *document, *etag, *modified, *error; /* document "": none */
    int64_t depth, http_status, fetched_ms;
};
int cc_source_pages(struct cc_pg *pool, const char *tenant, const char *id, const char *after_url,
                    int max, struct cc_arena *mem, struct cc_source_page **ret, int *ret_n);

/* ---- the visitor's side (ingest) ---- */
struct cc_source_due {
    const char *tenant, *id;
};
int cc_source_sweep(struct cc_pg *sweep, int max, struct cc_arena *mem, struct cc_source_due **ret,
                    int *ret_n);

struct cc_source_hold {
    const char *tenant, *id;
    int64_t run, visit; /* run is the fence */
    bool first;         /* the visit begins; else it is taken over */
};
/* NOTFOUND: gone, not due, or another's.  DEAD: one claim too many, the row says so. */
int cc_source_claim(struct cc_pg *pool, const struct cc_source_due *due, const char *owner,
                    int lease_ms, int64_t tries_max, struct cc_arena *mem,
                    struct cc_source_hold *ret);
int cc_source_beat(struct cc_pg *pool, const struct cc_source_hold *hold,
                   int lease_ms); /* FENCED */
int cc_source_release(struct cc_pg *pool,
                      const struct cc_source_hold *hold); /* lease over, behind others; FENCED */
/* Pages found now: new ones wait, those known are seen again.  Not beyond the source's max_pages; a
 * single page may lead to one other. */
int cc_source_found(struct cc_pg *pool, const struct cc_source_hold *hold,
                    const struct cc_source_page *pages, int n); /* FENCED */
/* The next one that waits, with what was learned last time.  NOTFOUND: the visit is through. */
int cc_source_next(struct cc_pg *pool, const struct cc_source_hold *hold, struct cc_arena *mem,
                   struct cc_source_page *ret);
/*
 * What came of a page.  file NULL: nothing new; as gone or refused it is parted from its document,
 * which the caller deletes before.  Else its document is made (file->id is the new one's), or gets
 * a new generation if the bytes differ; *ret_document ("" if unchanged) is to be enqueued.  What
 * its owner deleted is not made again: the page is refused.  One transaction.  FENCED
 */
int cc_source_settle(struct cc_pg *pool, const struct cc_source_hold *hold,
                     const struct cc_source_page *page, const struct cc_document *file,
                     struct cc_arena *mem, const char **ret_document, int64_t *ret_generation);
/* Of a visit that is through: pages not seen in it go, with their documents.  error "": it went
 * well. */
int cc_source_end(struct cc_pg *pool, const struct cc_source_hold *hold, const char *error);

#endif
