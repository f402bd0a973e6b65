#include "proto/store/source.h"

#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

#define TEXTS_MAX 32 /* tags or patterns of one source */
#define DEPTH_MAX 20
#define EVERY_MIN 60
#define EVERY_MAX (366 * 24 * 3600)
#define LIST_MAX  500
#define PAGES_MAX 200 /* shown with one source */

/* ---- shown ---- */

static json_t *moment(int64_t ms)
{
    char text[CC_RFC3339];

    return ms ? json_string(cc_rfc3339(ms, text)) : json_null();
}

static json_t *texts_json(struct cc_texts list)
{
    json_t *shown = json_array();

    for (int i = 0; i < list.n; i++)
        json_array_append_new(shown, json_string(list.at[i]));
    return shown;
}

static json_t *source_json(const struct cc_source *s)
{
    return json_pack("{ss ss ss ss ss ss so so so sI sI sI sI sI sI so so so}", "id", s->id, "kind",
                     s->kind, "url", s->url, "title", s->title, "status", s->status, "error",
                     s->error, "tags", texts_json(s->tags), "include", texts_json(s->include),
                     "exclude", texts_json(s->exclude), "depth", (json_int_t)s->depth, "maxPages",
                     (json_int_t)s->max_pages, "everySeconds", (json_int_t)s->every_s, "documents",
                     (json_int_t)s->documents, "waiting", (json_int_t)s->waiting, "failed",
                     (json_int_t)s->failed, "nextAt", moment(s->next_ms), "visitedAt",
                     moment(s->visited_ms), "createdAt", moment(s->created_ms));
}

static json_t *page_json(const struct cc_source_page *p)
{
    return json_pack("{ss ss ss ss sI sI so}", "url", p->url, "state", p->state, "document",
                     p->document, "error", p->error, "depth", (json_int_t)p->depth, "httpStatus",
                     (json_int_t)p->http_status, "fetchedAt", moment(p->fetched_ms));
}

static int show(struct cc_ctl *ctl, const char *tenant, const char *id)
{
    CC_AUTO(json_decref)
    json_t *shown = NULL;
    struct cc_source source;
    struct cc_source_page *pages;
    json_t *list;
    int n, rc = cc_source_get(ctl->pg, tenant, id, ctl->mem, &source);

    if (rc == 0)
        rc = cc_source_pages(ctl->pg, tenant, id, "", PAGES_MAX, ctl->mem, &pages, &n);
    if (rc)
        return rc;
    shown = source_json(&source);
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, page_json(&pages[i]));
    json_object_set_new(shown, "pages", list);
    cc_ctl_show(ctl, shown);
    return 0;
}

/* ---- options ---- */

static int texts(struct cc_ctl *ctl, const char *option, struct cc_texts *ret)
{
    const char **at = cc_arena_array(ctl->mem, TEXTS_MAX, sizeof *at), *text;
    int n = 0;

    while ((text = cc_ctl_option(ctl, option)) != NULL) {
        if (n == TEXTS_MAX)
            return cc_fail(CC_E_INVALID, "%s: at most %d of them", option, TEXTS_MAX);
        at[n++] = text;
    }
    *ret = (struct cc_texts){at, n};
    return 0;
}

static const char *text_or(struct cc_ctl *ctl, const char *option, const char *otherwise)
{
    const char *text = cc_ctl_option(ctl, option);

    return text ? text : otherwise;
}

static int take_options(struct cc_ctl *ctl, struct cc_source *s)
{
    int64_t most = cc_cfg_int(CC_CFG_WEB_PAGES_MAX);
    int rc;

    s->kind = text_or(ctl, "--kind", "page");
    s->bot = text_or(ctl, "--bot", "");
    s->title = text_or(ctl, "--title", "");
    s->max_pages = strcmp(s->kind, "page") == 0 ? 10 : most; /* it may lead elsewhere */
    s->depth = strcmp(s->kind, "crawl") == 0 ? 3 : 0;
    if (strcmp(s->kind, "page") && strcmp(s->kind, "sitemap") && strcmp(s->kind, "crawl"))
        return cc_fail(CC_E_INVALID, "--kind takes page, sitemap or crawl");
    if ((rc = texts(ctl, "--tag", &s->tags)) || (rc = texts(ctl, "--include", &s->include)) ||
        (rc = texts(ctl, "--exclude", &s->exclude)) ||
        (rc = cc_ctl_number(ctl, "--depth", 0, DEPTH_MAX, &s->depth)) ||
        (rc = cc_ctl_number(ctl, "--max-pages", 1, most, &s->max_pages)))
        return rc;
    return cc_ctl_number(ctl, "--every", EVERY_MIN, EVERY_MAX, &s->every_s);
}

/* ---- commands ---- */

int cc_ctl_source_add(struct cc_ctl *ctl)
{
    char id[CC_ID_MAX];
    struct cc_source s = {.id = cc_id_sorted("src", id)};
    int rc = take_options(ctl, &s);

    if (rc == 0)
        rc = cc_ctl_word(ctl, "TENANT", &s.tenant);
    if (rc == 0)
        rc = cc_ctl_word(ctl, "URL", &s.url);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0 && !cc_text_starts(s.url, "http://") && !cc_text_starts(s.url, "https://"))
        rc = cc_fail(CC_E_INVALID, "%s does not begin with http:// or https://", s.url);
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc == 0)
        rc = cc_source_add(ctl->pg, &s);
    return rc ? rc : show(ctl, s.tenant, id);
}

int cc_ctl_source_list(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    const char *after = text_or(ctl, "--after", ""), *tenant;
    struct cc_source *list;
    int64_t max = 100;
    int n, rc = cc_ctl_number(ctl, "--max", 1, LIST_MAX, &max);

    if (rc == 0)
        rc = cc_ctl_tenant(ctl, &tenant);
    if (rc == 0)
        rc = cc_source_list(ctl->pg, tenant, after, (int)max, ctl->mem, &list, &n);
    if (rc)
        return rc;
    for (int i = 0; i < n; i++)
        json_array_append_new(shown, source_json(&list[i]));
    cc_ctl_show(ctl, shown);
    return 0;
}

int cc_ctl_source_show(struct cc_ctl *ctl)
{
    const char *tenant, *id;
    int rc = cc_ctl_tenant_and(ctl, "SOURCE", &tenant, &id);

    return rc ? rc : show(ctl, tenant, id);
}

int cc_ctl_source_visit(struct cc_ctl *ctl)
{
    const char *tenant, *id;
    int rc = cc_ctl_tenant_and(ctl, "SOURCE", &tenant, &id);

    if (rc == 0)
        rc = cc_source_visit(ctl->pg, tenant, id);
    return rc ? rc : show(ctl, tenant, id);
}

int cc_ctl_source_delete(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = NULL;
    const char *tenant, *id;
    int rc = cc_ctl_tenant_and(ctl, "SOURCE", &tenant, &id);

    if (rc == 0)
        rc = cc_source_delete(ctl->pg, tenant, id);
    if (rc)
        return rc;
    shown = json_pack("{ss sb}", "id", id, "deleted", 1);
    cc_ctl_show(ctl, shown);
    return 0;
}
