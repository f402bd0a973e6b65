/* What a site asks of us, and what the source's owner wants of it. */
#include <string.h>

#include "ingest/web/inside.h"
#include "ingest/web/url.h"
#include "proto/base/error.h"

#define DELAY_MAX_MS 60000 /* who asks for more is asked seldom enough with this */
#define ROBOTS_HOPS  5     /* RFC 9309, 2.3.1.2: so many at least */

/* RFC 9309, 2.3.1: without the file all is allowed; when it cannot be had nothing is. */
static int judge(const struct cc_web_page *got, const struct cc_visit *visit,
                 struct cc_visit_site *site)
{
    if (got->status / 100 == 2) {
        cc_robots_read(got->body, got->len, visit->client->name, visit->mem, &site->robots);
        return 0;
    }
    if (got->status / 100 == 4 && got->status != 429)
        return 0;
    return cc_fail(CC_E_UPSTREAM, "%s/robots.txt cannot be read: the site answers %d", site->origin,
                   got->status);
}

/* What is beyond the cap is not wanted: cut off instead of refused. */
static int fetch_robots(struct cc_visit *visit, struct cc_visit_site *site)
{
    struct cc_arena *mem = cc_arena_new(4 * CC_ROBOTS_MAX + ((size_t)1 << 20));
    const struct cc_web_ask ask = {.url = cc_arena_printf(mem, "%s/robots.txt", site->origin),
                                   .cap = CC_ROBOTS_MAX,
                                   .cut = true,
                                   .hops = ROBOTS_HOPS};
    struct cc_web_page got;
    int rc = cc_web_fetch(visit->client, &ask, mem, &got);

    if (rc == CC_E_UPSTREAM || rc == CC_E_TIMEOUT || rc == CC_E_REFUSED) {
        const char *why = cc_arena_dup(mem, cc_fail_text());

        cc_fail(rc, "%s/robots.txt cannot be read: %s", site->origin, why);
    }
    if (rc == 0)
        rc = judge(&got, visit, site);
    cc_arena_free(&mem);
    return rc;
}

static struct cc_visit_site *known_site(struct cc_visit *visit, const char *origin)
{
    for (int i = 0; i < visit->sites; i++)
        if (strcmp(visit->site[i].origin, origin) == 0)
            return &visit->site[i];
    return NULL;
}

int cc_visit_robots(struct cc_visit *visit, const char *url, const struct cc_robots **ret)
{
    const char *origin = cc_url_origin(url, visit->page);
    struct cc_visit_site *known = known_site(visit, origin), site = {0};
    int rc;

    if (known) {
        *ret = &known->robots;
        return 0;
    }
    if (visit->sites == CC_VISIT_SITES)
        return cc_fail(CC_E_REFUSED, "the source leads to more than %d sites", CC_VISIT_SITES);
    site.origin = cc_arena_dup(visit->mem, origin);
    rc = fetch_robots(visit, &site);
    if (rc)
        return rc;
    visit->site[visit->sites] = site;
    *ret = &visit->site[visit->sites++].robots;
    return 0;
}

int cc_visit_may(void *arg, const char *url, int64_t *ret_pause_ms)
{
    struct cc_visit *visit = arg;
    const struct cc_robots *robots;
    int rc = cc_visit_robots(visit, url, &robots);

    if (rc)
        return rc;
    if (!cc_robots_allows(robots, cc_url_target(url)))
        return cc_fail(CC_E_REFUSED, "the site's robots.txt does not want it to be read");
    *ret_pause_ms = robots->delay_ms < DELAY_MAX_MS ? robots->delay_ms : DELAY_MAX_MS;
    return 0;
}

bool cc_visit_wants(const struct cc_visit *visit, const char *url)
{
    const struct cc_texts *include = &visit->source.include, *exclude = &visit->source.exclude;
    bool wanted = include->n == 0;

    for (int i = 0; i < include->n && !wanted; i++)
        wanted = cc_url_matches(url, include->at[i]);
    for (int i = 0; i < exclude->n && wanted; i++)
        wanted = !cc_url_matches(url, exclude->at[i]);
    return wanted;
}

void cc_visit_blame(struct cc_visit *visit, const char *words)
{
    if (!*visit->error)
        visit->error = cc_arena_dup(visit->mem, words);
}
