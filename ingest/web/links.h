/*
 * links.h - what a page links to, and what it asks of robots.
 */
#ifndef CC_INGEST_WEB_LINKS_H
#define CC_INGEST_WEB_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

#define CC_LINKS_MAX 5000 /* of one page; further ones are not looked at */

struct cc_links {
    const char **url; /* as url.h writes them; each once */
    size_t n;
    bool no_index, no_follow; /* <meta name="robots">; "none" is both */
};

struct cc_links_page {
    const char *html, *url; /* any bytes will do */
    size_t len;
    const char *agent; /* the name that a <meta> of ours would have */
};

/*
 * Of <a href> and <area href>, resolved against <base href> or the page's own URL; those with
 * rel="nofollow" left out, all of them when the page says nofollow.
 */
void cc_links_read(const struct cc_links_page *page, struct cc_arena *mem, struct cc_links *ret);

/* The same words in an X-Robots-Tag header; NULL is fine. */
void cc_links_header(const char *value, const char *agent, struct cc_links *links);

#endif
