#include "proto/store/document.h"

#include "infra/ctl/ctl.h"
#include "proto/base/clock.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/bus/queue.h"
#include "proto/wire/job.h"
#include "proto/wire/names.h"

#define LIST_MAX 500

static json_t *status_json(const struct cc_document_status *d)
{
    char created[CC_RFC3339], updated[CC_RFC3339];

    return json_pack("{ss ss ss sI sI sI sI sI sI ss ss ss ss}", "id", d->id, "filename",
                     d->filename, "status", d->status, "progress", (json_int_t)d->progress,
                     "chunksTotal", (json_int_t)d->chunks_total, "chunksDone",
                     (json_int_t)d->chunks_done, "generation", (json_int_t)d->generation, "attempt",
                     (json_int_t)d->attempt, "size", (json_int_t)d->size, "currentStep", d->step,
                     "error", d->error, "createdAt", cc_rfc3339(d->created_ms, created),
                     "updatedAt", cc_rfc3339(d->updated_ms, updated));
}

int cc_ctl_document_list(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    const char *max_text = cc_ctl_option(ctl, "--max"), *after = cc_ctl_option(ctl, "--after");
    const char *tenant;
    struct cc_document_status *list;
    int64_t max = 100;
    int n, rc = cc_ctl_word(ctl, "TENANT", &tenant);

    if (rc == 0 && max_text && !cc_text_int(max_text, 1, LIST_MAX, &max))
        rc = cc_fail(CC_E_INVALID, "--max takes 1 to %d", LIST_MAX);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc == 0)
        rc = cc_document_list(ctl->pg, tenant, NULL, after ? after : "", (int)max, ctl->mem, &list,
                              &n);
    if (rc)
        return rc;
    for (int i = 0; i < n; i++)
        json_array_append_new(shown, status_json(&list[i]));
    cc_ctl_show(ctl, shown);
    return 0;
}

static int words(struct cc_ctl *ctl, const char **tenant, const char **id)
{
    int rc = cc_ctl_word(ctl, "TENANT", tenant);

    if (rc == 0)
        rc = cc_ctl_word(ctl, "DOCUMENT", id);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    return rc ? rc : cc_ctl_pg(ctl);
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
    int rc = words(ctl, &tenant, &id);

    return rc ? rc : show_status(ctl, tenant, id);
}

/* The row says all; the job makes it quick.  Without Redis the sweeper finds the row. */
static int enqueue(struct cc_ctl *ctl, const char *tenant, const char *id)
{
    struct cc_document_status status;
    struct cc_buf body;
    int rc = cc_document_status(ctl->pg, tenant, id, ctl->mem, &status);

    if (rc == 0)
        rc = cc_ctl_queue(ctl);
    if (rc)
        return rc;
    struct cc_ingest_job job = {id, tenant, "cc-ctl", status.generation};
    cc_buf_init(&body, CC_JOB_MAX);
    cc_ingest_job_encode(&job, &body);
    rc = cc_queue_put(ctl->queue, CC_STREAM_INGEST, body.bytes, body.len, NULL);
    cc_buf_done(&body);
    return rc;
}

int cc_ctl_document_retry(struct cc_ctl *ctl)
{
    const char *tenant, *id;
    int rc = words(ctl, &tenant, &id);

    if (rc == 0)
        rc = cc_document_retry(ctl->pg, tenant, id);
    if (rc)
        return rc;
    if (enqueue(ctl, tenant, id))
        cc_ctl_say("it waits for the next sweep: %s", cc_fail_text());
    return show_status(ctl, tenant, id);
}

int cc_ctl_document_delete(struct cc_ctl *ctl)
{
    const char *tenant, *id;
    int rc = words(ctl, &tenant, &id);

    if (rc == 0)
        rc = cc_document_delete(ctl->pg, tenant, id);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss sb}", "id", id, "deleted", 1);
    cc_ctl_show(ctl, shown);
    return 0;
}
