/*
 * inside.h - a visit, for the files of this folder that make it: web.c (which ones), visit.c (its
 * life), site.c (what a site asks of us), seeds.c (where it begins), page.c (one page).
 */
#ifndef CC_INGEST_WEB_INSIDE_H
#define CC_INGEST_WEB_INSIDE_H

#include "ingest/ingest.h"
#include "ingest/web/fetch.h"
#include "ingest/web/robots.h"
#include "proto/store/source.h"

#define CC_VISIT_SITES   8  /* whose robots.txt one visit keeps */
#define CC_VISIT_STRETCH 16 /* URLs held against the owner's patterns before others have a turn */

struct cc_visit {
    struct cc_ingest *ingest;
    struct cc_web_client *client;
    struct cc_arena *mem;  /* of the visit */
    struct cc_arena *page; /* of the page at work */
    struct cc_source_hold hold;
    struct cc_source source;
    const char *url;   /* the source's, as url.h writes it */
    const char *error; /* why the visit has failed, for its owner; "" */
    struct cc_visit_site {
        const char *origin;
        struct cc_robots robots;
    } site[CC_VISIT_SITES];
    int sites, settled;
    int64_t told_ms;     /* when its owner was told last */
    int64_t turn_ms;     /* until when it goes before others */
    struct cc_wait over; /* the heart waits for this */
};

/* 0 when the site's robots.txt lets us have the URL; REFUSED, or what kept us from reading it.  For
 * cc_web_ask.  Waits. */
int cc_visit_may(void *visit, const char *url, int64_t *ret_pause_ms);

/* The site's robots.txt.  Waits. */
int cc_visit_robots(struct cc_visit *visit, const char *url, const struct cc_robots **ret);

/* Do the source's include and exclude let the URL pass? */
bool cc_visit_wants(const struct cc_visit *visit, const char *url);

/* Finds the first pages.  A failure that the owner is to know of goes to visit->error, 0 then.
 * Waits. */
int cc_visit_seed(struct cc_visit *visit);

/* Fetches one page, and settles it.  0 also when the page is refused or failed.  Waits. */
int cc_visit_page(struct cc_visit *visit, const struct cc_source_page *page);

/* The visit has failed for this reason; the first one counts. */
void cc_visit_blame(struct cc_visit *visit, const char *words);

/* A whole visit, if the source is still due; says what went wrong to the log.  Waits. */
void cc_visit_run(struct cc_ingest *ingest, struct cc_web_client *client,
                  const struct cc_source_due *due);

#endif
