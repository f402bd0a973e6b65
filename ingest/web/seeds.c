/* Where a visit begins: its page, or the pages that sitemaps name. */
#include <string.h>

#include "ingest/web/inside.h"
#include "ingest/web/sitemap.h"
#include "ingest/web/url.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"

#define PACKED_BYTES ((size_t)16 << 20) /* of one sitemap as sent */
#define TRIES        3                  /* of fetch.c: what came of each stays in memory */
#define MEMORY       (CC_SITEMAP_MEMORY + TRIES * PACKED_BYTES + ((size_t)16 << 20))
#define MAPS_MAX     200 /* of one source */
#define AT_ONCE      100 /* pages of one transaction */

static int find(struct cc_visit *visit, const char *const *url, size_t n, int64_t depth)
{
    struct cc_source_page page[AT_ONCE];
    int rc = 0;

    for (size_t i = 0; i < n && !rc; i += AT_ONCE) {
        size_t k = 0;

        for (; k < AT_ONCE && i + k < n; k++)
            page[k] = (struct cc_source_page){.url = url[i + k], .depth = depth};
        rc = cc_source_found(visit->ingest->run->pg, &visit->hold, page, (int)k);
    }
    return rc;
}

/* The sitemaps to read; those that an index names are added at the end. */
struct maps {
    const char *url[MAPS_MAX];
    size_t n;
};

static void add_map(struct maps *maps, const char *url, struct cc_arena *mem)
{
    for (size_t i = 0; i < maps->n; i++)
        if (strcmp(maps->url[i], url) == 0)
            return;
    if (maps->n < MAPS_MAX)
        maps->url[maps->n++] = cc_arena_dup(mem, url);
}

/* Of a site: what its robots.txt names, else where sitemaps usually lie. */
static int maps_of_site(struct cc_visit *visit, struct maps *maps)
{
    const struct cc_robots *robots;
    const char *url;
    int rc = cc_visit_robots(visit, visit->url, &robots);

    for (size_t i = 0; !rc && i < robots->maps; i++)
        if (!cc_url_resolve(visit->url, robots->map[i], strlen(robots->map[i]), visit->mem, &url))
            add_map(maps, url, visit->mem);
    if (rc || maps->n)
        return rc;
    rc = cc_url_resolve(visit->url, "/sitemap.xml", 12, visit->mem, &url);
    if (!rc)
        add_map(maps, url, visit->mem);
    return rc;
}

static int read_map(struct cc_visit *visit, const char *url, struct cc_arena *mem,
                    struct cc_sitemap *ret)
{
    const struct cc_web_ask ask = {
        .url = url, .cap = PACKED_BYTES, .may = cc_visit_may, .arg = visit};
    struct cc_web_page got;
    int rc = cc_web_fetch(visit->client, &ask, mem, &got);

    if (rc)
        return rc;
    if (got.status != 200)
        return cc_fail(CC_E_UPSTREAM, "the site answers %d", got.status);
    return cc_sitemap_read(got.body, got.len, got.url, mem, ret);
}

/* Pages are depth 1: that one of them fails says nothing of the others. */
static int take_map(struct cc_visit *visit, const struct cc_sitemap *map, struct maps *maps)
{
    size_t kept = 0;

    for (size_t i = 0; i < map->n; i++) {
        int rc = i % CC_VISIT_STRETCH ? 0 : cc_yield();

        if (rc)
            return rc;
        if (!cc_url_same_site(visit->url, map->url[i]))
            continue;
        if (map->index)
            add_map(maps, map->url[i], visit->mem);
        else if (cc_visit_wants(visit, map->url[i]))
            map->url[kept++] = map->url[i];
    }
    return find(visit, map->url, kept, 1);
}

static int seed_from_maps(struct cc_visit *visit, struct maps *maps, struct cc_arena *mem)
{
    int rc = 0;

    for (size_t i = 0; i < maps->n && !rc; i++) {
        struct cc_sitemap map;

        cc_arena_reset(mem);
        cc_arena_reset(visit->page);
        rc = read_map(visit, maps->url[i], mem, &map);
        if (rc == 0) {
            rc = take_map(visit, &map, maps);
        } else if (rc != CC_E_CANCELLED) {
            cc_visit_blame(visit,
                           cc_arena_printf(mem, "sitemap %s: %s", maps->url[i], cc_fail_text()));
            rc = 0;
        }
    }
    return rc;
}

static int seed_sitemap(struct cc_visit *visit)
{
    struct maps *maps = cc_arena_get(visit->mem, sizeof *maps);
    const char *target = cc_url_target(visit->url);
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(MEMORY);
    int rc = 0;

    if (strcmp(target, "/") == 0 || strcmp(target, "/robots.txt") == 0)
        rc = maps_of_site(visit, maps);
    else
        add_map(maps, visit->url, visit->mem);
    if (rc && rc != CC_E_CANCELLED) {
        cc_visit_blame(visit, cc_fail_text());
        return 0;
    }
    return rc ? rc : seed_from_maps(visit, maps, mem);
}

int cc_visit_seed(struct cc_visit *visit)
{
    if (strcmp(visit->source.kind, "sitemap") == 0)
        return seed_sitemap(visit);
    return find(visit, &visit->url, 1, 0);
}
