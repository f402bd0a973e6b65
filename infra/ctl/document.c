#include "proto/store/document.h"

#include "infra/ctl/ctl.h"
#include "proto/base/clock.h"
#include "proto/base/json.h"
#include "proto/bus/line_up.h"
#include "proto/store/chunk.h"

#define LIST_MAX    500
#define CHANGES_MAX 100

static json_t *status_json(const struct cc_document_status *d)
{
    char created[CC_RFC3339], updated[CC_RFC3339];

    return json_pack(
        "{ss ss ss ss ss sI sI sI sI sI sI sI sI ss ss ss sI ss ss}", "id", d->id, "filename",
        d->filename, "title", d->title, "type", d->type, "status", d->status, "progress",
        (json_int_t)d->progress, "chunksTotal", (json_int_t)d->chunks_total, "chunksDone",
        (json_int_t)d->chunks_done, "pages", (json_int_t)d->pages, "generation",
        (json_int_t)d->generation, "attempt", (json_int_t)d->attempt, "size", (json_int_t)d->size,
        "waiting", (json_int_t)d->waiting, "currentStep", d->step, "error", d->error, "errorCode",
        d->error_code, "errorPage", (json_int_t)d->error_page, "createdAt",
        cc_rfc3339(d->created_ms, created), "updatedAt", cc_rfc3339(d->updated_ms, updated));
}

int cc_ctl_document_list(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    const char *after = cc_ctl_option(ctl, "--after"), *tenant;
    const struct cc_document_filter filter = {.status = cc_ctl_option(ctl, "--status")};
    struct cc_document_status *list;
    int64_t max = 100;
    int n, rc = cc_ctl_number(ctl, "--max", 1, LIST_MAX, &max);

    if (rc == 0)
        rc = cc_ctl_tenant(ctl, &tenant);
    if (rc == 0)
        rc = cc_document_list(ctl->pg, tenant, &filter, after ? after : "", (int)max, ctl->mem,
                              &list, &n);
    if (rc)
        return rc;
    for (int i = 0; i < n; i++)
        json_array_append_new(shown, status_json(&list[i]));
    cc_ctl_show(ctl, shown);
    return 0;
}

static int show_status(struct cc_ctl *ctl, const char *tenant, const char *id)
{
    struct cc_document_status status;
    int rc = cc_document_status(ctl->pg, tenant, id, ctl->mem, &status);

    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = status_json(&status);
    cc_ctl_show(ctl, shown);
    return 0;
}

int cc_ctl_document_status(struct cc_ctl *ctl)
{
    const char *tenant, *id;
    int rc = cc_ctl_tenant_and(ctl, "DOCUMENT", &tenant, &id);

    return rc ? rc : show_status(ctl, tenant, id);
}

/* The row says all; the job makes it quick. */
static int enqueue(struct cc_ctl *ctl, const char *tenant, const char *id)
{
    struct cc_document_status status;
    int rc = cc_document_status(ctl->pg, tenant, id, ctl->mem, &status);

    if (rc == 0)
        rc = cc_ctl_queue(ctl);
    return rc ? rc : cc_ingest_enqueue(ctl->queue, tenant, id, status.generation);
}

void cc_ctl_line_up(struct cc_ctl *ctl, const char *tenant, const char *document)
{
    if (enqueue(ctl, tenant, document))
        cc_ctl_say("it waits for the next sweep: %s", cc_fail_text());
}

static int again(struct cc_pg *pg, const char *tenant, const char *id)
{
    int64_t generation;

    return cc_document_again(pg, tenant, id, &generation);
}

static int change(struct cc_ctl *ctl, int (*fn)(struct cc_pg *, const char *, const char *),
                  bool waits_then)
{
    const char *tenant, *id;
    int rc = cc_ctl_tenant_and(ctl, "DOCUMENT", &tenant, &id);

    if (rc == 0)
        rc = fn(ctl->pg, tenant, id);
    if (rc)
        return rc;
    if (waits_then)
        cc_ctl_line_up(ctl, tenant, id);
    return show_status(ctl, tenant, id);
}

int cc_ctl_document_retry(struct cc_ctl *ctl)
{
    return change(ctl, cc_document_retry, true);
}

int cc_ctl_document_again(struct cc_ctl *ctl)
{
    return change(ctl, again, true);
}

int cc_ctl_document_skip(struct cc_ctl *ctl)
{
    return change(ctl, cc_document_skip, false);
}

static json_t *chunk_json(const struct cc_chunk_view *c)
{
    return json_pack("{sI sI sI sI sI ss sb sb ss}", "id", (json_int_t)c->id, "index",
                     (json_int_t)c->index, "page", (json_int_t)c->page, "row", (json_int_t)c->row,
                     "tokens", (json_int_t)c->tokens, "section", c->section, "enabled",
                     (int)c->enabled, "edited", (int)c->edited, "text", c->text);
}

int cc_ctl_document_chunks(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    const char *tenant, *id;
    struct cc_chunk_view *chunk;
    int64_t max = 100, after = -1;
    int n, rc = cc_ctl_number(ctl, "--max", 1, LIST_MAX, &max);

    if (rc == 0)
        rc = cc_ctl_number(ctl, "--after", 0, INT32_MAX, &after);
    if (rc == 0)
        rc = cc_ctl_tenant_and(ctl, "DOCUMENT", &tenant, &id);
    if (rc == 0)
        rc = cc_chunk_list(ctl->pg, tenant, id, after, (int)max, ctl->mem, &chunk, &n);
    if (rc)
        return rc;
    for (int i = 0; i < n; i++)
        json_array_append_new(shown, chunk_json(&chunk[i]));
    cc_ctl_show(ctl, shown);
    return 0;
}

static json_t *change_json(const struct cc_document_change *c)
{
    char at[CC_RFC3339];

    return json_pack("{sI ss sI sI sI sI so}", "generation", (json_int_t)c->generation, "at",
                     cc_rfc3339(c->at_ms, at), "added", (json_int_t)c->added, "removed",
                     (json_int_t)c->removed, "kept", (json_int_t)c->kept, "embedded",
                     (json_int_t)c->embedded, "detail", json_loads(c->detail, 0, NULL));
}

int cc_ctl_document_changes(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    const char *tenant, *id;
    struct cc_document_change *list;
    int n, rc = cc_ctl_tenant_and(ctl, "DOCUMENT", &tenant, &id);

    if (rc == 0)
        rc = cc_document_changes(ctl->pg, tenant, id, CHANGES_MAX, ctl->mem, &list, &n);
    if (rc)
        return rc;
    for (int i = 0; i < n; i++)
        json_array_append_new(shown, change_json(&list[i]));
    cc_ctl_show(ctl, shown);
    return 0;
}

int cc_ctl_document_delete(struct cc_ctl *ctl)
{
    const char *tenant, *id;
    int rc = cc_ctl_tenant_and(ctl, "DOCUMENT", &tenant, &id);

    if (rc == 0)
        rc = cc_document_delete(ctl->pg, tenant, id);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss sb}", "id", id, "deleted", 1);
    cc_ctl_show(ctl, shown);
    return 0;
}
