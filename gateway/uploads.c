/*
 * uploads.c - files that a tenant's server hands in.
 *
 *     body --> files and fields --> each file: taken? the same bytes there already? --> row, job
 *
 * One file that cannot be taken does not hold up the others of its request.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/news.h"
#include "gateway/pure/ask.h"
#include "gateway/pure/multipart.h"
#include "gateway/pure/problem.h"
#include "gateway/pure/upload.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/text.h"
#include "proto/vec/tuning.h"

#define FILES_MAX 100
#define VALUE_MAX ((size_t)64 * 1024) /* bytes of a field */

struct file {
    struct cc_upload upload;
    int rc;          /* why it is not taken */
    const char *why; /* in words */
};
struct batch {
    struct file files[FILES_MAX];
    int n;
    json_t *given; /* the fields that are known, as an object */
    /* what they say */
    const char *title, *description, *metadata, *chunking, *bot_given, *document;
    struct cc_texts tags; /* n -1: not given */
    const char *bot;      /* "": all */
};

#define AT(member) offsetof(struct batch, member)
static const struct cc_form_field fields[] = {
    {"title", CC_FIELD_TEXT, AT(title), .max = CC_TITLE_MAX},
    {"description", CC_FIELD_TEXT, AT(description), .max = CC_DESCRIPTION_MAX},
    {"tags", CC_FIELD_TEXTS, AT(tags), .max = CC_TAGS_MAX, .each = CC_TAG_MAX},
    {"metadata", CC_FIELD_OBJECT, AT(metadata), .max = CC_METADATA_MAX},
    {"chunking", CC_FIELD_OBJECT, AT(chunking), .max = CC_CHUNKING_MAX},
    {"botId", CC_FIELD_TEXT, AT(bot_given), .max = CC_ID_MAX},
    {"documentId", CC_FIELD_TEXT, AT(document), .max = CC_ID_MAX},
};
#define FIELDS (sizeof fields / sizeof fields[0])

/* Others may be there for programs of the sender's. */
static const struct cc_form_field *field_of(const char *name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

/* ---- reading ---- */

static int add_file(struct cc_rq *rq, struct cc_upload upload, struct batch *batch)
{
    struct file *file = &batch->files[batch->n];
    int64_t cap = cc_cfg_int(CC_CFG_UPLOAD_MAX);
    const char *declared = upload.type;

    if (batch->n == FILES_MAX)
        return cc_fail(CC_E_TOOBIG, "more than %d files at once", FILES_MAX);
    batch->n++;
    upload.type = cc_upload_type(&upload, declared, *cc_cfg(CC_CFG_OCR));
    file->upload = upload;
    if ((int64_t)upload.len > cap)
        file->rc = cc_fail(CC_E_TOOBIG, "the file is larger than %lld bytes", (long long)cap);
    else if (upload.len == 0)
        file->rc = cc_fail(CC_E_INVALID, "the file is empty");
    else if (!upload.type)
        file->rc = cc_fail(CC_E_TYPE, "it is of a kind that cannot be read: %s", cc_upload_kinds);
    if (file->rc)
        file->why = cc_arena_dup(rq->mem, cc_fail_text());
    return 0;
}

static void add_tags(json_t *given, const char *text)
{
    json_t *list = json_object_get(given, "tags");

    if (!list) {
        list = json_array();
        json_object_set_new(given, "tags", list);
    }
    while (*text) {
        size_t len = strcspn(text, ","), inner;
        const char *tag = cc_text_trim(text, len, &inner);

        if (inner > 0)
            json_array_append_new(list, json_stringn(tag, inner));
        text += len + (text[len] == ',');
    }
}

static int add_json(struct batch *batch, const char *name, const char *text)
{
    json_t *value;
    int rc = cc_json_parse(text, strlen(text), &value);

    if (rc != 0)
        return cc_fail(rc, "%s: is no JSON", name);
    json_object_set_new(batch->given, name, value);
    return 0;
}

static int add_part(struct cc_rq *rq, const struct cc_part *part, struct batch *batch)
{
    const struct cc_form_field *field = field_of(part->name);
    const char *value;

    if (!field || part->len == 0)
        return 0;
    if (part->len > VALUE_MAX)
        return cc_fail(CC_E_INVALID, "%s: is too long", field->name);
    value = cc_arena_dupn(rq->mem, part->bytes, part->len);
    if (!cc_utf8_valid(value, part->len) || strlen(value) != part->len)
        return cc_fail(CC_E_INVALID, "%s: is no text in UTF-8", field->name);
    if (field->kind == CC_FIELD_OBJECT)
        return add_json(batch, field->name, value);
    if (field->kind == CC_FIELD_TEXTS)
        add_tags(batch->given, value);
    else
        json_object_set_new(batch->given, field->name, json_string(value));
    return 0;
}

static int read_multipart(struct cc_rq *rq, const char *type, struct batch *batch)
{
    struct cc_multipart it;
    struct cc_part part;
    int rc = cc_multipart_open(type, rq->body, rq->body_len, &it);

    while (rc == 0) {
        rc = cc_multipart_next(&it, rq->mem, &part);
        if (rc != 0)
            break;
        if (part.filename)
            rc = add_file(rq,
                          (struct cc_upload){cc_filename_clean(part.filename, rq->mem), part.type,
                                             part.bytes, part.len},
                          batch);
        else
            rc = add_part(rq, &part, batch);
    }
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static int read_json(struct cc_rq *rq, struct batch *batch)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct cc_upload upload;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = cc_upload_parse(body, (size_t)cc_cfg_int(CC_CFG_UPLOAD_MAX), rq->mem, &upload);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < FIELDS; i++) {
        json_t *value = json_object_get(body, fields[i].name);
        if (value)
            json_object_set(batch->given, fields[i].name, value);
    }
    return add_file(rq, upload, batch);
}

/* New bytes for a document are one file's; a title is given to all of them. */
static int check_batch(struct cc_rq *rq, struct batch *batch)
{
    int rc = CC_FORM_READ(batch->given, fields, rq->mem, batch);

    if (rc == 0 && batch->n == 0)
        rc = cc_fail(CC_E_INVALID, "there is no file in it");
    if (rc == 0 && batch->document && batch->n > 1)
        rc = cc_fail(CC_E_INVALID, "documentId: wants exactly one file");
    if (rc == 0 && batch->chunking && (rc = cc_chunking_check(batch->chunking)) != 0)
        rc = cc_fail(rc, "chunking: %s", cc_fail_text());
    return rc ? rc : cc_input_bot(rq, batch->bot_given, &batch->bot);
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

/* With an Idempotency-Key the ids are made of it: a repeated upload finds its documents.  Keys of
 * two bots know nothing of each other. */
static int name_document(struct cc_rq *rq, const char *bot, int index, char out[CC_ID_MAX])
{
    const char *key = cc_rq_header(rq, "idempotency-key"), *seed;
    char sum[CC_SHA256_HEX];

    if (!key) {
        cc_id_sorted("doc", out);
        return 0;
    }
    if (!cc_message_id_valid(key))
        return cc_fail(CC_E_INVALID, "Idempotency-Key: 1 to 64 of A-Z a-z 0-9 _ - . :");
    seed = cc_arena_printf(rq->mem, "%s\n%s\n%s\n%d", rq->guest.tenant, bot, key, index);
    snprintf(out, CC_ID_MAX, "doc_%.32s", cc_sha256_hex(seed, strlen(seed), sum));
    return 0;
}

/* What is stored of one file; given: what the request says of it, else NULL where that differs. */
static struct cc_document document_of(struct cc_rq *rq, const struct batch *batch,
                                      const struct cc_upload *upload)
{
    char *sum = cc_arena_get(rq->mem, CC_SHA256_HEX);

    return (struct cc_document){.tenant = rq->guest.tenant,
                                .bot = batch->bot,
                                .filename = upload->filename,
                                .title = *batch->title ? batch->title : upload->filename,
                                .titled = *batch->title != '\0',
                                .url = "",
                                .sha256 = cc_sha256_hex(upload->bytes, upload->len, sum),
                                .type = upload->type,
                                .bytes = upload->bytes,
                                .size = (int64_t)upload->len,
                                .description = batch->description ? batch->description : "",
                                .metadata = batch->metadata ? batch->metadata : "",
                                .chunking = batch->chunking ? batch->chunking : "",
                                .tags = batch->tags.at,
                                .tags_n = batch->tags.n > 0 ? batch->tags.n : 0,
                                .source = ""};
}

static json_t *told(const char *id, const char *status, const struct cc_upload *upload, bool again)
{
    json_t *item =
        json_pack("{s:s, s:s, s:s}", "id", id, "status", status, "filename", upload->filename);

    if (again)
        json_object_set_new(item, "duplicate", json_true());
    return item;
}

/* One that is there already. */
static int tell_known(struct cc_rq *rq, const char *id, const struct cc_upload *upload, bool again,
                      json_t **ret)
{
    struct cc_document_status known;
    int rc = cc_document_status(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &known);

    if (rc == 0)
        *ret = told(id, known.status, upload, again);
    return rc;
}

static int replace(struct cc_rq *rq, const struct batch *batch, const struct cc_upload *upload,
                   json_t **ret)
{
    struct cc_document document = document_of(rq, batch, upload);
    struct cc_document_status now;
    int64_t generation;
    int rc;

    rc = cc_input_document(rq, batch->document, CC_TO_CHANGE, &now);
    if (rc != 0)
        return rc;
    document.id = now.id;
    document.title = document.titled ? document.title : NULL;
    document.description = batch->description;
    document.metadata = batch->metadata;
    document.chunking = batch->chunking;
    document.tags = batch->tags.n >= 0 ? batch->tags.at : NULL;
    rc = cc_document_replace(cc_gateway()->pg, &document, &generation);
    if (rc == CC_E_CONFLICT) {
        *ret = told(now.id, now.status, upload, true);
        return 0;
    }
    if (rc != 0)
        return rc;
    cc_news_waiting(rq, now.id, generation);
    *ret = told(now.id, "pending", upload, false);
    return 0;
}

static int add(struct cc_rq *rq, struct cc_document *document, const struct cc_upload *upload,
               json_t **ret)
{
    const char *same;
    int rc = cc_document_same(cc_gateway()->pg, document->tenant, document->bot, document->sha256,
                              rq->mem, &same);

    if (rc == 0)
        return tell_known(rq, same, upload, true, ret);
    if (rc != CC_E_NOTFOUND)
        return rc;
    rc = cc_document_add(cc_gateway()->pg, document);
    if (rc == CC_E_CONFLICT) /* the same Idempotency-Key came twice at once */
        return tell_known(rq, document->id, upload, false, ret);
    if (rc != 0)
        return rc;
    cc_news_waiting(rq, document->id, 0);
    *ret = told(document->id, "pending", upload, false);
    return 0;
}

static int store(struct cc_rq *rq, const struct batch *batch, int index, json_t **ret)
{
    const struct cc_upload *upload = &batch->files[index].upload;
    struct cc_document document;
    char *id = cc_arena_get(rq->mem, CC_ID_MAX);
    int rc;

    if (batch->document)
        return replace(rq, batch, upload, ret);
    rc = name_document(rq, batch->bot, index, id);
    if (rc == 0 && cc_rq_header(rq, "idempotency-key")) {
        rc = tell_known(rq, id, upload, false, ret);
        if (rc != CC_E_NOTFOUND)
            return rc;
        rc = 0;
    }
    if (rc != 0)
        return rc;
    document = document_of(rq, batch, upload);
    document.id = id;
    return add(rq, &document, upload, ret);
}

/* ---- answering ---- */

static json_t *refused(struct cc_rq *rq, const struct file *file)
{
    return json_pack("{s:s, s:o}", "filename", file->upload.filename, "error",
                     cc_problem(file->rc, file->why, rq->id));
}

/* What our stores cannot do fails the request; what is wrong with a file is told of it alone. */
static int store_all(struct cc_rq *rq, const struct batch *batch, json_t *items)
{
    int rc = 0;

    for (int i = 0; i < batch->n && rc == 0; i++) {
        const struct file *file = &batch->files[i];
        json_t *item = NULL;

        if (file->rc == 0)
            rc = store(rq, batch, i, &item);
        else
            item = refused(rq, file);
        if (item)
            json_array_append_new(items, item);
    }
    return rc;
}

static const struct file *first_good(const struct batch *batch)
{
    for (int i = 0; i < batch->n; i++)
        if (batch->files[i].rc == 0)
            return &batch->files[i];
    return NULL;
}

/* One file: its object.  Many: the object of the first that was taken, and all of them in items. */
static int take_in(struct cc_rq *rq, struct batch *batch, int status)
{
    CC_AUTO(json_decref)
    json_t *items = json_array();
    const struct file *good = first_good(batch);
    json_t *answer;
    int rc;

    if (!good)
        return cc_fail(batch->files[0].rc, "%s: %s", batch->files[0].upload.filename,
                       batch->files[0].why);
    rc = store_all(rq, batch, items);
    if (rc != 0)
        return rc;
    answer = json_copy(json_array_get(items, (size_t)(good - batch->files)));
    if (batch->n > 1)
        json_object_set(answer, "items", items);
    return cc_reply_json(rq, status, answer);
}

static int post(struct cc_rq *rq, int status)
{
    struct batch *batch = cc_arena_get(rq->mem, sizeof *batch);
    int rc;

    batch->title = batch->bot = "";
    batch->tags.n = -1;
    batch->given = json_object();
    rc = read_batch(rq, batch);
    json_decref(batch->given);
    return rc ? rc : take_in(rq, batch, status);
}

int cc_post_document(struct cc_rq *rq)
{
    return post(rq, 202);
}

int cc_post_upload(struct cc_rq *rq)
{
    return post(rq, 201);
}
