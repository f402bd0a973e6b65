/*
 * robots.h - what a site's robots.txt asks of us (RFC 9309).
 *
 * The groups that name us, put together, else those for all; the longest rule that fits decides,
 * of two as long the one that allows.  Crawl-delay and Sitemap are read, too.
 */
#ifndef CC_INGEST_WEB_ROBOTS_H
#define CC_INGEST_WEB_ROBOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/arena.h"

#define CC_ROBOTS_MAX  ((size_t)500 * 1024) /* what lies beyond is not read */
#define CC_ROBOTS_MAPS 50

struct cc_robots {
    struct cc_robots_rule {
        const char *pattern; /* of a whole target: ends in * unless a $ stood there */
        size_t len, octets;  /* octets: as it was written */
        bool allow;
    } * rule;
    size_t n;
    int64_t delay_ms; /* 0: none is asked for */
    const char **map; /* URLs of sitemaps, as written */
    size_t maps;
};

/* agent: our name, such as "ChatConnect".  Texts live in mem.  Any bytes will do. */
void cc_robots_read(const char *text, size_t len, const char *agent, struct cc_arena *mem,
                    struct cc_robots *ret);

/* target: path and query as url.h gives them. */
bool cc_robots_allows(const struct cc_robots *robots, const char *target);

#endif
