/*
 * sources.c - places on the web that a tenant's documents come from.
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/weburl.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/base/id.h"

#define DEPTH_MAX    10
#define DEPTH        3
#define PAGES        200
#define PATTERNS_MAX 50
#define PATTERN_MAX  200
#define EVERY_MIN_S  300
#define EVERY_MAX_S  (366 * 24 * 3600)

struct form {
    struct cc_source source;
    json_t *crawl;
    int sitemap;
};
#define AT(member) offsetof(struct form, member)
#define EVERY                                                                                      \
    {                                                                                              \
        "everySeconds", CC_FIELD_NUMBER, AT(source.every_s), .min = 0, .max = EVERY_MAX_S          \
    }
#define TAGS                                                                                       \
    {                                                                                              \
        "tags", CC_FIELD_TEXTS, AT(source.tags), .max = CC_TAGS_MAX, .each = CC_TAG_MAX            \
    }
#define TITLE                                                                                      \
    {                                                                                              \
        "title", CC_FIELD_TEXT, AT(source.title), .max = CC_TITLE_MAX                              \
    }
#define DEPTH_ROW                                                                                  \
    {                                                                                              \
        "depth", CC_FIELD_NUMBER, AT(source.depth), .max = DEPTH_MAX                               \
    }
#define PAGES_ROW                                                                                  \
    {                                                                                              \
        "maxPages", CC_FIELD_NUMBER, AT(source.max_pages), .min = 1, .max = INT32_MAX              \
    }
#define PATTERNS(name, member)                                                                     \
    {                                                                                              \
        name, CC_FIELD_TEXTS, AT(member), .max = PATTERNS_MAX, .each = PATTERN_MAX                 \
    }

static const struct cc_form_field add_fields[] = {
    {"url", CC_FIELD_TEXT, AT(source.url), .min = 1, .max = CC_WEBURL_MAX, .wanted = true},
    {"crawl", CC_FIELD_JSON, AT(crawl), .max = 0},
    {"sitemap", CC_FIELD_SWITCH, AT(sitemap), .max = 1},
    TITLE,
    TAGS,
    {"botId", CC_FIELD_TEXT, AT(source.bot), .max = CC_ID_MAX},
    EVERY,
};
static const struct cc_form_field crawl_fields[] = {
    DEPTH_ROW,
    PAGES_ROW,
    PATTERNS("include", source.include),
    PATTERNS("exclude", source.exclude),
};
static const struct cc_form_field patch_fields[] = {
    TITLE,
    TAGS,
    EVERY,
    DEPTH_ROW,
    PAGES_ROW,
    PATTERNS("include", source.include),
    PATTERNS("exclude", source.exclude),
};

/* ---- as JSON ---- */

static json_t *source_json(const struct cc_source *s)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:I, s:I, s:I}", "id", s->id,
                  "kind", s->kind, "url", s->url, "title", s->title, "botId", cc_json_text(s->bot),
                  "tags", cc_json_texts(s->tags.at, s->tags.n), "status", s->status, "createdAt",
                  cc_json_time(s->created_ms), "visitedAt", cc_json_time(s->visited_ms),
                  "nextVisitAt", cc_json_time(s->next_ms), "documents", (json_int_t)s->documents,
                  "waiting", (json_int_t)s->waiting, "failed", (json_int_t)s->failed);

    json_object_update_new(json,
                           json_pack("{s:o, s:o, s:I, s:I, s:I}", "include",
                                     cc_json_texts(s->include.at, s->include.n), "exclude",
                                     cc_json_texts(s->exclude.at, s->exclude.n), "depth",
                                     (json_int_t)s->depth, "maxPages", (json_int_t)s->max_pages,
                                     "everySeconds", (json_int_t)s->every_s));
    if (s->error && *s->error)
        json_object_set_new(json, "error", json_string(s->error));
    return json;
}

static json_t *page_json(const struct cc_source_page *p)
{
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:I, s:I, s:o}", "url", p->url, "state", p->state, "documentId",
                  cc_json_text(p->document), "depth", (json_int_t)p->depth, "httpStatus",
                  (json_int_t)p->http_status, "fetchedAt", cc_json_time(p->fetched_ms));

    if (p->error && *p->error)
        json_object_set_new(json, "error", json_string(p->error));
    return json;
}

/* ---- making one ---- */

static int check_limits(const struct cc_source *s)
{
    int64_t most = cc_cfg_int(CC_CFG_WEB_PAGES_MAX);

    if (s->max_pages > most)
        return cc_fail(CC_E_INVALID, "maxPages: wants at most %lld", (long long)most);
    if (s->every_s != 0 && s->every_s < EVERY_MIN_S)
        return cc_fail(CC_E_INVALID, "everySeconds: wants 0, or at least %d", EVERY_MIN_S);
    return 0;
}

/* true: with what is usual; an object: as it says. */
static int read_crawl(struct cc_rq *rq, struct form *form)
{
    if (!form->crawl || json_is_false(form->crawl) || json_is_null(form->crawl))
        return 0;
    if (form->sitemap)
        return cc_fail(CC_E_INVALID, "crawl, sitemap: only one of them");
    form->source.kind = "crawl";
    form->source.depth = DEPTH;
    if (json_is_true(form->crawl))
        return 0;
    if (!json_is_object(form->crawl))
        return cc_fail(CC_E_INVALID, "crawl: wants true or an object");
    return CC_FORM_READ(form->crawl, crawl_fields, rq->mem, form);
}

static void fill_in(struct form *form)
{
    int64_t most = cc_cfg_int(CC_CFG_WEB_PAGES_MAX);

    form->source.kind = form->sitemap ? "sitemap" : "page";
    form->source.max_pages = most < PAGES ? most : PAGES;
}

static int read_form(struct cc_rq *rq, struct form *form)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct cc_source *s = &form->source;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, add_fields, rq->mem, form);
    if (rc != 0)
        return rc;
    fill_in(form);
    if (!cc_weburl_valid(s->url))
        return cc_fail(CC_E_INVALID, "url: wants an address such as https://example.com/help");
    rc = read_crawl(rq, form);
    if (rc == 0)
        rc = check_limits(s);
    if (strcmp(s->kind, "page") == 0)
        s->max_pages = 1;
    if (!s->title || !*s->title)
        s->title = s->url;
    return rc ? rc : cc_input_bot(rq, s->bot, &s->bot);
}

int cc_post_url(struct cc_rq *rq)
{
    struct form form = {.source = {.tenant = rq->guest.tenant}};
    char id[CC_ID_MAX];
    int rc = read_form(rq, &form);

    form.source.id = cc_id_sorted("src", id);
    if (rc == 0)
        rc = cc_source_add(cc_gateway()->pg, &form.source);
    if (rc != 0)
        return rc;
    return cc_reply_json(
        rq, 201,
        json_pack("{s:s, s:s, s:s}", "id", id, "status", "pending", "kind", form.source.kind));
}

/* ---- looking ---- */

static int find(struct cc_rq *rq, enum cc_aim aim, struct cc_source *ret)
{
    return cc_input_source(rq, cc_rq_param(rq, "id"), aim, ret);
}

static bool shown(const struct cc_rq *rq, const struct cc_source *s)
{
    return !rq->guest.bound || strcmp(s->bot, rq->guest.bot.id) == 0;
}

int cc_get_sources(struct cc_rq *rq)
{
    struct cc_source *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "src", &page);

    if (rc == 0)
        rc = cc_source_list(cc_gateway()->pg, rq->guest.tenant, page.after, page.max + 1, rq->mem,
                            &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        if (shown(rq, &list[i]))
            json_array_append_new(items, source_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

int cc_get_source(struct cc_rq *rq)
{
    struct cc_source source;
    int rc = find(rq, CC_TO_READ, &source);

    return rc ? rc : cc_reply_json(rq, 200, source_json(&source));
}

/* The cursor is the address of the last one. */
int cc_get_source_pages(struct cc_rq *rq)
{
    const char *cursor = cc_rq_query(rq, "cursor");
    struct cc_source source;
    struct cc_source_page *list;
    json_t *items;
    int max, n, rc = cc_input_limit(rq, &max);

    if (rc == 0)
        rc = find(rq, CC_TO_READ, &source);
    if (rc == 0)
        rc = cc_source_pages(cc_gateway()->pg, rq->guest.tenant, source.id, cursor ? cursor : "",
                             max + 1, rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < max; i++)
        json_array_append_new(items, page_json(&list[i]));
    return cc_reply_page(rq, items, n > max ? list[max - 1].url : NULL);
}

/* ---- changing ---- */

int cc_patch_source(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct form form = {.sitemap = 0};
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = find(rq, CC_TO_CHANGE, &form.source);
    if (rc == 0)
        rc = CC_FORM_READ(body, patch_fields, rq->mem, &form);
    if (rc == 0)
        rc = check_limits(&form.source);
    form.source.tenant = rq->guest.tenant;
    if (rc == 0)
        rc = cc_source_set(cc_gateway()->pg, &form.source);
    if (rc == 0)
        rc = find(rq, CC_TO_READ, &form.source);
    return rc ? rc : cc_reply_json(rq, 200, source_json(&form.source));
}

int cc_delete_source(struct cc_rq *rq)
{
    struct cc_source source;
    int rc = find(rq, CC_TO_CHANGE, &source);

    if (rc == 0)
        rc = cc_source_delete(cc_gateway()->pg, rq->guest.tenant, source.id);
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

int cc_post_source_visit(struct cc_rq *rq)
{
    struct cc_source source;
    int rc = find(rq, CC_TO_CHANGE, &source);

    if (rc == 0)
        rc = cc_source_visit(cc_gateway()->pg, rq->guest.tenant, source.id);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "it is being visited");
    if (rc == 0)
        rc = find(rq, CC_TO_READ, &source);
    if (rc != 0)
        return rc;
    return cc_reply_json(rq, 202,
                         json_pack("{s:s, s:s}", "id", source.id, "status", source.status));
}
