/*
 * documents.c - files that a tenant's server hands in, and how far they have come.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/pure/ask.h"
#include "gateway/pure/multipart.h"
#include "gateway/pure/upload.h"
#include "gateway/request.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/text.h"
#include "proto/bus/queue.h"
#include "proto/store/document.h"
#include "proto/wire/job.h"
#include "proto/wire/names.h"

#define FILES_MAX 32
#define TITLE_MAX 200 /* characters */

struct batch {
    struct cc_upload files[FILES_MAX];
    int n;
    const char *bot, *title; /* "": none */
};

/* ---- reading ---- */

static int add_file(struct cc_rq *rq, const struct cc_part *part, struct batch *batch)
{
    struct cc_upload *file = &batch->files[batch->n];
    int64_t cap = cc_cfg_int(CC_CFG_UPLOAD_MAX);

    if (batch->n == FILES_MAX)
        return cc_fail(CC_E_TOOBIG, "more than %d files at once", FILES_MAX);
    if ((int64_t)part->len > cap)
        return cc_fail(CC_E_TOOBIG, "a file is larger than %lld bytes", (long long)cap);
    file->filename = cc_filename_clean(part->filename, rq->mem);
    file->type = cc_upload_type(file->filename, part->type);
    file->bytes = part->bytes;
    file->len = part->len;
    if (!file->type)
        return cc_fail(CC_E_TYPE, "files of this kind cannot be read");
    batch->n++;
    return 0;
}

static int add_field(struct cc_rq *rq, const struct cc_part *part, struct batch *batch)
{
    const char *value = cc_arena_dupn(rq->mem, part->bytes, part->len);

    if (!cc_utf8_valid(value, part->len))
        return cc_fail(CC_E_INVALID, "a field is no text");
    if (strcmp(part->name, "title") == 0)
        batch->title = value;
    if (strcmp(part->name, "botId") == 0)
        batch->bot = value;
    return 0;
}

static int read_multipart(struct cc_rq *rq, const char *type, struct batch *batch)
{
    struct cc_multipart it;
    struct cc_part part;
    int rc = cc_multipart_open(type, rq->body, rq->body_len, &it);

    while (rc == 0) {
        rc = cc_multipart_next(&it, rq->mem, &part);
        if (rc == 0)
            rc = part.filename ? add_file(rq, &part, batch) : add_field(rq, &part, batch);
    }
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static int read_json(struct cc_rq *rq, struct batch *batch)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    int rc = cc_upload_parse(rq->body, rq->body_len, (size_t)cc_cfg_int(CC_CFG_UPLOAD_MAX), rq->mem,
                             &batch->files[0]);

    if (rc == 0)
        rc = cc_json_parse(rq->body, rq->body_len, &body);
    if (rc != 0)
        return rc;
    batch->n = 1;
    batch->title = cc_arena_dup(rq->mem, cc_json_str(body, "title", ""));
    batch->bot = cc_arena_dup(rq->mem, cc_json_str(body, "botId", ""));
    return 0;
}

static int check_batch(struct cc_rq *rq, struct batch *batch)
{
    if (batch->n == 0)
        return cc_fail(CC_E_INVALID, "there is no file in it");
    for (int i = 0; i < batch->n; i++)
        if (batch->files[i].len == 0)
            return cc_fail(CC_E_INVALID, "%s is empty", batch->files[i].filename);
    if (cc_utf8_count(batch->title, strlen(batch->title)) > TITLE_MAX)
        return cc_fail(CC_E_TOOBIG, "a title has at most %d characters", TITLE_MAX);
    if (rq->guest.bound && !*batch->bot)
        batch->bot = rq->guest.bot.id;
    return *batch->bot ? cc_guest_choose(&rq->guest, batch->bot, rq->mem) : 0;
}

static int read_batch(struct cc_rq *rq, struct batch *batch)
{
    const char *type = cc_rq_header(rq, "content-type");
    int rc;

    if (!rq->body)
        return cc_fail(CC_E_INVALID, "the request has no body");
    if (type && strncasecmp(type, "application/json", 16) == 0)
        rc = read_json(rq, batch);
    else
        rc = read_multipart(rq, type ? type : "", batch);
    return rc ? rc : check_batch(rq, batch);
}

/* ---- storing ---- */

/* With an Idempotency-Key the ids are made of it: a repeated upload finds its documents. */
static int name_document(struct cc_rq *rq, int index, char out[CC_ID_MAX])
{
    const char *key = cc_rq_header(rq, "idempotency-key"), *seed;
    char sum[CC_SHA256_HEX];

    if (!key) {
        cc_id_sorted("doc", out);
        return 0;
    }
    if (!cc_message_id_valid(key))
        return cc_fail(CC_E_INVALID, "Idempotency-Key: 1 to 64 of A-Z a-z 0-9 _ - . :");
    seed = cc_arena_printf(rq->mem, "%s\n%s\n%d", rq->guest.tenant, key, index);
    snprintf(out, CC_ID_MAX, "doc_%.32s", cc_sha256_hex(seed, strlen(seed), sum));
    return 0;
}

/* The row is the truth; when the queue cannot be reached the sweeper finds it. */
static void enqueue(struct cc_rq *rq, const char *id)
{
    struct cc_ingest_job job = {
        .document = id, .tenant = rq->guest.tenant, .trace = rq->id, .generation = 1};
    struct cc_buf bytes;
    int rc;

    cc_buf_init(&bytes, CC_JOB_MAX);
    cc_ingest_job_encode(&job, &bytes);
    rc = cc_queue_put(cc_gateway()->queue, CC_STREAM_INGEST, bytes.bytes, bytes.len, NULL);
    cc_buf_done(&bytes);
    if (rc != 0)
        cc_log_failure("enqueue_failed", rc, cc_s("document", id));
}

static int store(struct cc_rq *rq, const struct batch *batch, int index, json_t **ret)
{
    const struct cc_upload *file = &batch->files[index];
    char *id = cc_arena_get(rq->mem, CC_ID_MAX), sum[CC_SHA256_HEX];
    struct cc_document document = {.tenant = rq->guest.tenant,
                                   .bot = batch->bot,
                                   .filename = file->filename,
                                   .title = *batch->title ? batch->title : file->filename,
                                   .url = "",
                                   .type = file->type,
                                   .bytes = file->bytes,
                                   .size = (int64_t)file->len};
    struct cc_document_status known = {.status = "pending"};
    int rc = name_document(rq, index, id);

    if (rc != 0)
        return rc;
    document.id = id;
    document.sha256 = cc_sha256_hex(file->bytes, file->len, sum);
    rc = cc_rq_header(rq, "idempotency-key")
             ? cc_document_status(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &known)
             : CC_E_NOTFOUND;
    if (rc == CC_E_NOTFOUND) {
        known.status = "pending";
        rc = cc_document_add(cc_gateway()->pg, &document);
        if (rc == 0)
            enqueue(rq, id);
    }
    if (rc == 0)
        *ret = json_pack("{s:s, s:s, s:s}", "id", id, "status", known.status, "filename",
                         file->filename);
    return rc;
}

static int store_all(struct cc_rq *rq, const struct batch *batch, json_t *items)
{
    int rc = 0;

    for (int i = 0; i < batch->n && rc == 0; i++) {
        json_t *item = NULL;

        rc = store(rq, batch, i, &item);
        if (rc == 0)
            json_array_append_new(items, item);
    }
    return rc;
}

/* One file: its object.  Many: the object of the first, and all of them in items. */
int cc_post_document(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *items = json_array();
    struct batch *batch = cc_arena_get(rq->mem, sizeof *batch);
    json_t *answer;
    int rc;

    batch->bot = batch->title = "";
    rc = read_batch(rq, batch);
    if (rc == 0)
        rc = store_all(rq, batch, items);
    if (rc != 0)
        return rc;
    answer = json_copy(json_array_get(items, 0));
    if (json_array_size(items) > 1)
        json_object_set(answer, "items", items);
    return cc_reply_json(rq, 202, answer);
}

int cc_get_document_status(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    struct cc_document_status s;
    json_t *answer;
    char created[CC_RFC3339], updated[CC_RFC3339];
    int rc = cc_id_valid(id, "doc")
                 ? cc_document_status(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &s)
                 : CC_E_NOTFOUND;

    if (rc != 0)
        return rc;
    answer = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:s, s:s}", "id", s.id, "filename",
                       s.filename, "title", s.title, "status", s.status, "progress",
                       (json_int_t)s.progress, "currentStep", s.step, "chunksTotal",
                       (json_int_t)s.chunks_total, "chunksDone", (json_int_t)s.chunks_done,
                       "createdAt", cc_rfc3339(s.created_ms, created), "updatedAt",
                       cc_rfc3339(s.updated_ms, updated));
    if (*s.error)
        json_object_set_new(answer, "error", json_string(s.error));
    return cc_reply_json(rq, 200, answer);
}
