/*
 * fetch.h - asks a web site for one page, politely and behind the guard.
 */
#ifndef CC_INGEST_WEB_FETCH_H
#define CC_INGEST_WEB_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/bus/redis.h"
#include "proto/http/http.h"

#define CC_WEB_HOPS  3 /* redirects that are followed */
#define CC_WEB_SITES 64

/* Who asks, and when each site was asked last.  One per process. */
struct cc_web_client {
    struct cc_http *http;
    struct cc_redis *live; /* where turns are shared; NULL: with nobody */
    const char *name;      /* as robots.txt may call us */
    const char *allow;     /* "HOST:PORT,..." of own sites: no guard for these */
    const char *agent;     /* "User-Agent: ..." */
    int64_t pause_ms;
    struct cc_web_turn {
        char site[256];
        int64_t next_ms;
    } turn[CC_WEB_SITES];
};

struct cc_web_ask {
    const char *url;             /* as url.h writes it */
    const char *etag, *modified; /* what is known already; "" or NULL: nothing */
    size_t cap;                  /* bytes of the body */
    bool cut;                    /* a longer one is cut off there; else TOOBIG */
    int hops;                    /* redirects that are followed; 0: CC_WEB_HOPS */
    /* Asked before each hop: 0, or why not; it also says how long the site wants to be left alone.
     * NULL: everything is fine.  May wait. */
    int (*may)(void *arg, const char *url, int64_t *ret_pause_ms);
    void *arg;
};
struct cc_web_page {
    int status;
    const char *url;                             /* that answered, after redirects */
    const char *type, *etag, *modified, *robots; /* type: without parameters; "" if not said */
    const char *body;                            /* only of a 200 */
    size_t len;
};

/*
 * Follows redirects and tries again what may come right.  0: there is an answer, of whatever
 * status.  What may() said; UPSTREAM and TIMEOUT after a few tries; FORBIDDEN (the guard), INVALID
 * (a URL), TOOBIG, REFUSED (too many redirects), CANCELLED.  Waits.
 */
int cc_web_fetch(struct cc_web_client *client, const struct cc_web_ask *ask, struct cc_arena *mem,
                 struct cc_web_page *ret);

/* Is "HOST:PORT" of the URL on the list? */
bool cc_web_is_own(const char *allow, const char *url, struct cc_arena *mem);

#endif
