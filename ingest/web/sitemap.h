/*
 * sitemap.h - the pages that a site names itself (sitemaps.org): a list of pages, or of lists.
 *
 * When a page was changed last is not read: sites say it wrongly too often, and asking for it
 * costs nothing when it was not (ETag, If-Modified-Since).
 */
#ifndef CC_INGEST_WEB_SITEMAP_H
#define CC_INGEST_WEB_SITEMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "ingest/web/url.h"
#include "proto/base/arena.h"

#define CC_SITEMAP_BYTES ((size_t)50 << 20) /* of one, unpacked: the protocol's own bound */
#define CC_SITEMAP_URLS  50000              /* likewise; what is beyond is not read */

/* What one takes of an arena, at most: each URL as it stands there and as url.h writes it. */
#define CC_SITEMAP_MEMORY (CC_SITEMAP_BYTES + CC_SITEMAP_URLS * (CC_URL_MAX + 64))

struct cc_sitemap {
    bool index;       /* of sitemaps, not of pages */
    const char **url; /* as url.h writes them */
    size_t n, looked; /* that came to something; that were read */
};

/* XML, or text with one URL a line; packed by gzip or not.  INVALID when it is none of these,
 * TOOBIG.  own_url: where it was read. */
int cc_sitemap_read(const char *bytes, size_t len, const char *own_url, struct cc_arena *mem,
                    struct cc_sitemap *ret);

#endif
