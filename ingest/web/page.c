/* One page of a visit: asked for, looked at for links, made a document or not. */
#include <string.h>

#include "ingest/web/inside.h"
#include "ingest/web/links.h"
#include "ingest/web/url.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/line_up.h"

/* What is to be said of the page. */
struct verdict {
    const char *state, *error;
    bool document; /* its bytes are to become one */
};

#define GONE      ((struct verdict){"gone", "the page is gone", false})
#define UNCHANGED ((struct verdict){"unchanged", "", false})
#define FETCHED   ((struct verdict){"fetched", "", true})

static struct verdict refused(const char *why)
{
    return (struct verdict){"refused", why, false};
}

static struct verdict failed(const char *why)
{
    return (struct verdict){"failed", why, false};
}

/* What the parser can make text of. */
static bool is_read(const char *type)
{
    static const char *const types[] = {
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "text/markdown",
        "text/csv",
        "application/csv",
        "application/json",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
        "", /* not said: it is judged by its content, as all are */
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static bool is_html(const char *type)
{
    return strcmp(type, "text/html") == 0 || strcmp(type, "application/xhtml+xml") == 0;
}

/* No answer at all.  What failed here is not the page's fault: its document stays. */
static struct verdict of_failure(int rc)
{
    if (rc == CC_E_UPSTREAM || rc == CC_E_TIMEOUT || rc == CC_E_INTERNAL)
        return failed(cc_fail_text());
    return refused(cc_fail_text());
}

static struct verdict of_status(struct cc_visit *visit, const struct cc_web_page *got)
{
    if (got->status == 304)
        return UNCHANGED;
    if (got->status == 404 || got->status == 410)
        return GONE;
    if (got->status != 200)
        return failed(cc_arena_printf(visit->page, "the site answers %d", got->status));
    if (!is_read(got->type))
        return refused(cc_arena_printf(visit->page, "%s is not read", got->type));
    return got->len ? FETCHED : refused("the page is empty");
}

/* ---- links ---- */

/* An unchanged page, or one that does not come today, links to what it did: its document has it. */
static int old_body(struct cc_visit *visit, const struct cc_source_page *page,
                    const struct verdict *verdict, struct cc_web_page *got)
{
    struct cc_document document;
    int rc;

    if (!*page->document ||
        (strcmp(verdict->state, "unchanged") != 0 && strcmp(verdict->state, "failed") != 0))
        return 0;
    rc = cc_document_load(visit->ingest->run->pg, visit->hold.tenant, page->document, visit->page,
                          &document);
    if (rc)
        return rc == CC_E_NOTFOUND ? 0 : rc;
    got->body = document.bytes;
    got->len = (size_t)document.size;
    got->type = is_html(document.type) ? document.type : got->type;
    return 0;
}

static int find_links(struct cc_visit *visit, const struct cc_source_page *page,
                      const struct cc_links *links)
{
    struct cc_source_page *found = cc_arena_array(visit->page, links->n, sizeof *found);
    int n = 0;

    if (page->depth >= visit->source.depth || strcmp(visit->source.kind, "crawl") != 0)
        return 0;
    for (size_t i = 0; i < links->n; i++) {
        int rc = i % CC_VISIT_STRETCH ? 0 : cc_yield();

        if (rc)
            return rc;
        if (cc_url_same_site(page->url, links->url[i]) && cc_visit_wants(visit, links->url[i]))
            found[n++] = (struct cc_source_page){.url = links->url[i], .depth = page->depth + 1};
    }
    return n ? cc_source_found(visit->ingest->run->pg, &visit->hold, found, n) : 0;
}

static int look_at_links(struct cc_visit *visit, const struct cc_source_page *page,
                         const struct cc_web_page *got, struct verdict *verdict)
{
    const struct cc_links_page html = {got->body, page->url, got->len, visit->client->name};
    struct cc_links links = {0};

    if (got->len && is_html(got->type))
        cc_links_read(&html, visit->page, &links);
    cc_links_header(got->robots, visit->client->name, &links);
    if (verdict->document && links.no_index)
        *verdict = refused("the page asks not to be indexed");
    if (verdict->document && !cc_visit_wants(visit, page->url))
        *verdict = refused("left out by the source's own patterns");
    return find_links(visit, page, &links);
}

/* ---- the end of a page ---- */

static struct cc_document document_of(struct cc_visit *visit, const struct cc_web_page *got)
{
    const struct cc_source *source = &visit->source;
    bool titled = strcmp(source->kind, "page") == 0 && *source->title;
    char *id = cc_arena_get(visit->page, CC_ID_MAX);
    char *sha256 = cc_arena_get(visit->page, CC_SHA256_HEX);

    return (struct cc_document){.id = cc_id_sorted("doc", id),
                                .tenant = source->tenant,
                                .bot = source->bot,
                                .filename = cc_url_filename(got->url, visit->page),
                                .title = titled ? source->title : got->url,
                                .titled = titled,
                                .url = got->url,
                                .sha256 = cc_sha256_hex(got->body, got->len, sha256),
                                .type = got->type,
                                .bytes = got->body,
                                .size = (int64_t)got->len,
                                .tags = source->tags.at,
                                .tags_n = source->tags.n,
                                .source = source->id};
}

/* The document goes first: a page that is parted from it does not name it any more. */
static int drop_document(struct cc_visit *visit, const struct cc_source_page *page,
                         const struct verdict *verdict)
{
    bool parted = strcmp(verdict->state, "gone") == 0 || strcmp(verdict->state, "refused") == 0;
    int rc = 0;

    if (parted && *page->document)
        rc = cc_document_delete(visit->ingest->run->pg, visit->hold.tenant, page->document);
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static int settle(struct cc_visit *visit, const struct cc_source_page *page,
                  const struct cc_web_page *got, struct verdict verdict)
{
    bool fresh = verdict.document || strcmp(verdict.state, "unchanged") == 0;
    const struct cc_document file = document_of(visit, got);
    struct cc_source_page done = *page;
    const char *document;
    int64_t generation;
    int rc = drop_document(visit, page, &verdict);

    done.state = verdict.state;
    done.error = verdict.error;
    done.http_status = got->status;
    if (fresh && *got->etag)
        done.etag = got->etag;
    if (fresh && *got->modified)
        done.modified = got->modified;
    if (!rc)
        rc = cc_source_settle(visit->ingest->run->pg, &visit->hold, &done,
                              verdict.document ? &file : NULL, visit->page, &document, &generation);
    if (rc)
        return rc;
    cc_metric_add(CC_M_CRAWLED, CC_LABELS(verdict.state), 1);
    visit->settled++;
    if (*document) /* without Redis the sweeper finds the row */
        cc_ingest_enqueue(visit->ingest->run->queue, visit->hold.tenant, document, generation);
    return 0;
}

/* A site whose first page is gone may be about to come back: nothing is taken away for it. */
static struct verdict of_first(const struct cc_visit *visit, const struct cc_source_page *page,
                               struct verdict verdict)
{
    if (page->depth > 0 || strcmp(verdict.state, "gone") != 0 ||
        strcmp(visit->source.kind, "page") == 0)
        return verdict;
    return failed(verdict.error);
}

/* The owner named the first page: that it does not come is the visit's failure. */
static void judge_first(struct cc_visit *visit, const struct cc_source_page *page,
                        const struct verdict *verdict)
{
    bool one = strcmp(visit->source.kind, "page") == 0;

    if (page->depth == 0 && *verdict->error && (one || strcmp(verdict->state, "failed") == 0))
        cc_visit_blame(visit, verdict->error);
}

/* It led elsewhere: a page of its own, to be fetched in its turn. */
static int moved(struct cc_visit *visit, const struct cc_source_page *page, const char *to,
                 struct verdict *ret)
{
    struct cc_source_page there = {.url = to, .depth = page->depth};

    *ret = refused(cc_arena_printf(visit->page, "leads to %s", to));
    if (page->depth > 0 && !cc_visit_wants(visit, to))
        return 0;
    return cc_source_found(visit->ingest->run->pg, &visit->hold, &there, 1);
}

/* Before each hop: only the owner's own address may lead to another site. */
struct way {
    struct cc_visit *visit;
    const struct cc_source_page *page;
};

static int may_go(void *arg, const char *url, int64_t *ret_pause_ms)
{
    struct way *way = arg;

    if (way->page->depth > 0 && !cc_url_same_site(way->page->url, url))
        return cc_fail(CC_E_REFUSED, "leads to another site");
    return cc_visit_may(way->visit, url, ret_pause_ms);
}

int cc_visit_page(struct cc_visit *visit, const struct cc_source_page *page)
{
    struct way way = {visit, page};
    const struct cc_web_ask ask = {.url = page->url,
                                   .etag = page->etag,
                                   .modified = page->modified,
                                   .cap = (size_t)cc_cfg_int(CC_CFG_WEB_PAGE_MAX),
                                   .may = may_go,
                                   .arg = &way};
    struct cc_web_page got = {.url = page->url, .type = "", .etag = "", .modified = "", .body = ""};
    int rc = cc_web_fetch(visit->client, &ask, visit->page, &got);
    struct verdict verdict;

    if (rc == CC_E_CANCELLED)
        return rc;
    verdict = rc ? of_failure(rc) : of_status(visit, &got);
    if (rc == 0 && strcmp(got.url, page->url) != 0) {
        rc = moved(visit, page, got.url, &verdict);
        return rc ? rc : settle(visit, page, &got, verdict);
    }
    verdict.error = cc_arena_dup(visit->page, verdict.error); /* the words of the last failure */
    verdict = of_first(visit, page, verdict);
    rc = old_body(visit, page, &verdict, &got);
    if (rc == 0)
        rc = look_at_links(visit, page, &got, &verdict);
    judge_first(visit, page, &verdict);
    return rc ? rc : settle(visit, page, &got, verdict);
}
