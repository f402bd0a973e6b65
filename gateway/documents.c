/*
 * documents.c - a tenant's documents: how far they are, what is said of them, another try.
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/news.h"
#include "gateway/routes.h"
#include "proto/base/id.h"

#define CHANGES_MAX 20
#define QUERY_MAX   200

static const char *const statuses[] = {"pending", "parsing", "chunking", "embedding", "storing",
                                       "ready",   "failed",  "no_text",  "encrypted", "dead"};

/* ---- as JSON ---- */

static void set_error(json_t *json, const struct cc_document_status *d)
{
    if (*d->error)
        json_object_set_new(json, "error", json_string(d->error));
    if (*d->error_code)
        json_object_set_new(json, "errorCode", json_string(d->error_code));
    if (d->error_page > 0)
        json_object_set_new(json, "errorPage", json_integer(d->error_page));
}

static json_t *progress_json(const struct cc_document_status *d)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:o, s:o}", "id", d->id,
                             "filename", d->filename, "title", d->title, "status", d->status,
                             "progress", (json_int_t)d->progress, "currentStep", d->step,
                             "chunksTotal", (json_int_t)d->chunks_total, "chunksDone",
                             (json_int_t)d->chunks_done, "pages", (json_int_t)d->pages, "createdAt",
                             cc_json_time(d->created_ms), "updatedAt", cc_json_time(d->updated_ms));

    set_error(json, d);
    return json;
}

static json_t *document_json(const struct cc_document_status *d)
{
    json_t *json = progress_json(d);

    json_object_update_new(
        json, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:b}", "type",
                        d->type, "description", d->description, "url", cc_json_text(d->url),
                        "botId", cc_json_text(d->bot), "sourceId", cc_json_text(d->source), "tags",
                        cc_json_texts(d->tags, d->tags_n), "metadata",
                        cc_json_object_of(d->metadata), "chunking", cc_json_object_of(d->chunking),
                        "size", (json_int_t)d->size, "chunks", (json_int_t)d->active_chunks,
                        "attempts", (json_int_t)d->attempt, "enabled", (int)d->enabled));
    return json;
}

static json_t *dead_json(const struct cc_document_status *d)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o}", "id", d->id, "filename", d->filename,
                  "title", d->title, "error", d->error, "errorCode", d->error_code, "attempts",
                  (json_int_t)d->attempt, "updatedAt", cc_json_time(d->updated_ms));

    if (d->error_page > 0)
        json_object_set_new(json, "errorPage", json_integer(d->error_page));
    return json;
}

/* ---- lists ---- */

static bool is_status(const char *text)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (strcmp(statuses[i], text) == 0)
            return true;
    return false;
}

static const char *asked(struct cc_rq *rq, const char *name)
{
    const char *value = cc_rq_query(rq, name);

    return value ? value : "";
}

static int read_filter(struct cc_rq *rq, struct cc_document_filter *ret)
{
    const struct cc_form_field text = {.max = QUERY_MAX};
    const char *q = asked(rq, "q"), *tag = asked(rq, "tag");
    struct cc_document_filter f = {.status = asked(rq, "status"), .source = asked(rq, "sourceId")};
    int rc = 0;

    if (*f.status && !is_status(f.status))
        return cc_fail(CC_E_INVALID, "status: there is no such status");
    if (*f.source && !cc_id_valid(f.source, "src"))
        return cc_fail(CC_E_INVALID, "sourceId: wants an id such as src_...");
    rc = cc_form_text("q", q, strlen(q), &text, rq->mem, &f.text);
    if (rc == 0)
        rc = cc_form_text("tag", tag, strlen(tag), &text, rq->mem, &f.tag);
    if (rc == 0)
        rc = cc_input_bot(rq, asked(rq, "botId"), &f.bot);
    if (rc == 0)
        *ret = f;
    return rc;
}

/* One more than asked for tells whether the list goes on. */
static int reply_list(struct cc_rq *rq, const struct cc_document_filter *filter,
                      json_t *(*json_of)(const struct cc_document_status *d))
{
    struct cc_document_status *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "doc", &page);

    if (rc == 0)
        rc = cc_document_list(cc_gateway()->pg, rq->guest.tenant, filter, page.after, page.max + 1,
                              rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        if (strcmp(list[i].status, "deleting") != 0)
            json_array_append_new(items, json_of(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

int cc_get_documents(struct cc_rq *rq)
{
    struct cc_document_filter filter;
    int rc = read_filter(rq, &filter);

    return rc ? rc : reply_list(rq, &filter, document_json);
}

int cc_get_dead_letters(struct cc_rq *rq)
{
    struct cc_document_filter filter = {"dead", "", "", "", ""};
    int rc = cc_input_bot(rq, NULL, &filter.bot);

    return rc ? rc : reply_list(rq, &filter, dead_json);
}

/* ---- one ---- */

static int find(struct cc_rq *rq, enum cc_aim aim, struct cc_document_status *ret)
{
    return cc_input_document(rq, cc_rq_param(rq, "id"), aim, ret);
}

int cc_get_document(struct cc_rq *rq)
{
    struct cc_document_status d;
    int rc = find(rq, CC_TO_READ, &d);

    return rc ? rc : cc_reply_json(rq, 200, document_json(&d));
}

int cc_get_document_status(struct cc_rq *rq)
{
    struct cc_document_status d;
    json_t *json;
    int rc = find(rq, CC_TO_READ, &d);

    if (rc != 0)
        return rc;
    json = progress_json(&d);
    json_object_set_new(json, "waiting", json_integer(d.waiting));
    return cc_reply_json(rq, 200, json);
}

struct edit {
    struct cc_document_edit document;
    struct cc_texts tags;
};
#define AT(member) offsetof(struct edit, member)
static const struct cc_form_field edit_fields[] = {
    {"title", CC_FIELD_TEXT, AT(document.title), .min = 1, .max = CC_TITLE_MAX},
    {"description", CC_FIELD_TEXT, AT(document.description), .max = CC_DESCRIPTION_MAX},
    {"metadata", CC_FIELD_OBJECT, AT(document.metadata), .max = CC_METADATA_MAX},
    {"tags", CC_FIELD_TEXTS, AT(tags), .max = CC_TAGS_MAX, .each = CC_TAG_MAX},
    {"enabled", CC_FIELD_SWITCH, AT(document.enabled), .max = 1},
};

int cc_patch_document(struct cc_rq *rq)
{
    struct edit edit = {.document = {.enabled = -1}, .tags = {NULL, -1}};
    struct cc_document_status d;
    int rc = CC_INPUT_FORM(rq, edit_fields, &edit);

    if (rc == 0)
        rc = find(rq, CC_TO_CHANGE, &d);
    edit.document.tags = edit.tags.at;
    edit.document.tags_n = edit.tags.n;
    if (rc == 0)
        rc = cc_document_set(cc_gateway()->pg, rq->guest.tenant, d.id, &edit.document);
    if (rc == 0)
        rc = find(rq, CC_TO_READ, &d);
    return rc ? rc : cc_reply_json(rq, 200, document_json(&d));
}

int cc_delete_document(struct cc_rq *rq)
{
    struct cc_document_status d;
    int rc = find(rq, CC_TO_CHANGE, &d);

    if (rc == 0)
        rc = cc_document_delete(cc_gateway()->pg, rq->guest.tenant, d.id);
    if (rc != 0)
        return rc;
    cc_news_document(rq, d.id, "deleting");
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

/* ---- once more ---- */

static int reply_taken(struct cc_rq *rq, const char *id, const char *status)
{
    return cc_reply_json(rq, 202, json_pack("{s:s, s:s}", "id", id, "status", status));
}

int cc_post_document_retry(struct cc_rq *rq)
{
    struct cc_document_status d;
    int rc = find(rq, CC_TO_CHANGE, &d);

    if (rc == 0)
        rc = cc_document_retry(cc_gateway()->pg, rq->guest.tenant, d.id);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "only what has failed is tried again; it is %s", d.status);
    if (rc != 0)
        return rc;
    cc_news_waiting(rq, d.id, 0);
    return reply_taken(rq, d.id, "pending");
}

int cc_post_document_skip(struct cc_rq *rq)
{
    struct cc_document_status d;
    int rc = find(rq, CC_TO_CHANGE, &d);

    if (rc == 0)
        rc = cc_document_skip(cc_gateway()->pg, rq->guest.tenant, d.id);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "it is not on the list of the dead; it is %s", d.status);
    if (rc != 0)
        return rc;
    cc_news_document(rq, d.id, "failed");
    return reply_taken(rq, d.id, "failed");
}

int cc_post_document_reindex(struct cc_rq *rq)
{
    struct cc_document_status d;
    int64_t generation;
    int rc = find(rq, CC_TO_CHANGE, &d);

    if (rc == 0)
        rc = cc_document_again(cc_gateway()->pg, rq->guest.tenant, d.id, &generation);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "it is being worked on: %s", d.status);
    if (rc != 0)
        return rc;
    cc_news_waiting(rq, d.id, generation);
    return reply_taken(rq, d.id, "pending");
}

/* ---- what changed ---- */

static json_t *change_json(const struct cc_document_change *c)
{
    return json_pack("{s:I, s:o, s:I, s:I, s:I, s:I, s:o}", "generation", (json_int_t)c->generation,
                     "at", cc_json_time(c->at_ms), "added", (json_int_t)c->added, "removed",
                     (json_int_t)c->removed, "kept", (json_int_t)c->kept, "embedded",
                     (json_int_t)c->embedded, "detail", cc_json_object_of(c->detail));
}

int cc_get_document_changes(struct cc_rq *rq)
{
    struct cc_document_status d;
    struct cc_document_change *list;
    json_t *items;
    int n, rc = find(rq, CC_TO_READ, &d);

    if (rc == 0)
        rc = cc_document_changes(cc_gateway()->pg, rq->guest.tenant, d.id, CHANGES_MAX, rq->mem,
                                 &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(items, change_json(&list[i]));
    return cc_reply_json(rq, 200, json_pack("{s:o}", "items", items));
}
