/*
 * session_files.c - files that a visitor gives to his conversation.
 *
 *     body --> files: each of a kind and size that is read? --> rows --> asked to be read --> told
 *
 * All of a request are taken, or none.  Reading is waited for a little: a small file is ready in
 * the answer to its upload, of others the list tells.
 */
#include <string.h>

#include "gateway/answers.h"
#include "gateway/enter.h"
#include "gateway/file_reading.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/ask.h"
#include "gateway/pure/multipart.h"
#include "gateway/pure/upload.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/store/session_file.h"

#define READ_WAIT_MS 4000 /* of all files of a request together */

struct batch {
    struct cc_upload files[CC_SESSION_FILES_MAX];
    int n, most;
};

/* ---- as JSON ---- */

/* What the owner of the file can make of it. */
static const struct {
    int code;
    const char *words;
} reasons[] = {
    {CC_E_ENCRYPTED, "it is protected by a password"},
    {CC_E_NOTEXT, "there is no text in it"},
    {CC_E_LIMIT, "it is too large or takes too long to read"},
    {CC_E_PARSER, "it is damaged"},
    {CC_E_TYPE, "it is of a kind that cannot be read"},
};

static const char *reason(const char *code)
{
    int rc = cc_error_from_name(code);

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].code == rc)
            return reasons[i].words;
    return "it could not be read";
}

static json_t *file_json(const struct cc_session_file *file)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:I, s:s, s:b, s:o}", "id", file->id, "filename", file->filename,
                  "type", file->type, "size", (json_int_t)file->size, "status", file->status,
                  "truncated", (int)file->cut, "createdAt", cc_json_time(file->created_ms));

    if (strcmp(file->status, "pending") == 0)
        json_object_set_new(json, "detail", json_string("it is still to be read"));
    if (strcmp(file->status, "failed") != 0)
        return json;
    json_object_set_new(json, "code", json_string(file->code));
    json_object_set_new(json, "detail", json_string(reason(file->code)));
    return json;
}

/* ---- the body ---- */

static int may_upload(const struct cc_rq *rq, int *ret_most)
{
    *ret_most = cc_file_reading_most(rq);
    return *ret_most > 0 ? 0 : cc_fail(CC_E_FORBIDDEN, "this bot takes no files");
}

static int check(const struct cc_upload *file)
{
    int64_t cap = cc_cfg_int(CC_CFG_VISITOR_FILE_MAX);

    if ((int64_t)file->len > cap)
        return cc_fail(CC_E_TOOBIG, "file: %s is larger than %lld bytes", file->filename,
                       (long long)cap);
    if (file->len == 0)
        return cc_fail(CC_E_INVALID, "file: %s is empty", file->filename);
    if (!file->type)
        return cc_fail(CC_E_TYPE, "file: %s is of a kind that cannot be read: %s", file->filename,
                       cc_upload_kinds);
    return 0;
}

static int add_part(struct cc_rq *rq, const struct cc_part *part, struct batch *batch)
{
    struct cc_upload *file = &batch->files[batch->n];

    if (!part->filename)
        return 0; /* other fields are not ours */
    if (batch->n == batch->most)
        return cc_fail(CC_E_CONFLICT, "file: a conversation has at most %d files", batch->most);
    *file = (struct cc_upload){cc_filename_clean(part->filename, rq->mem), NULL, part->bytes,
                               part->len};
    file->type = cc_upload_type(file, part->type, *cc_cfg(CC_CFG_OCR));
    batch->n++;
    return check(file);
}

static int read_body(struct cc_rq *rq, struct batch *batch)
{
    const char *type = cc_rq_header(rq, "content-type");
    struct cc_multipart it;
    struct cc_part part;
    int rc;

    if (!rq->body)
        return cc_fail(CC_E_INVALID, "file: the request has no body");
    rc = cc_multipart_open(type ? type : "", rq->body, rq->body_len, &it);
    while (rc == 0) {
        rc = cc_multipart_next(&it, rq->mem, &part);
        if (rc == 0)
            rc = add_part(rq, &part, batch);
    }
    if (rc == CC_E_NOTFOUND)
        rc = batch->n ? 0 : cc_fail(CC_E_INVALID, "file: there is none in the request");
    return rc;
}

/* ---- adding ---- */

static int add(struct cc_rq *rq, const char *session, const struct batch *batch,
               const struct cc_upload *upload, struct cc_session_file *ret)
{
    char id[CC_ID_MAX], sum[CC_SHA256_HEX];
    const struct cc_session_file_new file = {
        .tenant = rq->guest.tenant,
        .session = session,
        .id = cc_id_sorted("fil", id),
        .filename = upload->filename,
        .type = upload->type,
        .sha256 = cc_sha256_hex(upload->bytes, upload->len, sum),
        .bytes = upload->bytes,
        .size = upload->len,
        .most = batch->most,
    };
    int rc = cc_session_file_add(cc_gateway()->pg, &file, rq->mem, ret);

    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "file: %s", "a conversation has no room for more files");
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_SESSION, "there is no such session") : rc;
}

/* What was added of a request that fails in its midst goes again; what was there before stays. */
static int add_all(struct cc_rq *rq, const char *session, const struct batch *batch,
                   struct cc_session_file *files)
{
    int rc = 0, n = 0;

    for (; n < batch->n && rc == 0; n++)
        rc = add(rq, session, batch, &batch->files[n], &files[n]);
    if (rc == 0)
        return 0;
    for (int i = 0; i < n - 1; i++)
        if (files[i].added)
            (void)cc_session_file_delete(cc_gateway()->pg, rq->guest.tenant, session, files[i].id);
    return rc;
}

static int await_all(struct cc_rq *rq, const struct cc_session_file *files, int n)
{
    int64_t until_ms = cc_now() + READ_WAIT_MS;
    int rc = 0;

    for (int i = 0; i < n; i++)
        cc_file_reading_ask(rq, &files[i]);
    for (int i = 0; i < n && rc == 0; i++)
        rc = cc_file_reading_await(files[i].id, until_ms);
    return rc;
}

static const struct cc_session_file *find_file(const struct cc_session_file *files, int n,
                                               const char *id)
{
    for (int i = 0; i < n; i++)
        if (strcmp(files[i].id, id) == 0)
            return &files[i];
    return NULL;
}

/* As they are now; one that was taken away meanwhile as it was. */
static int tell_added(struct cc_rq *rq, const char *session, const struct cc_session_file *added,
                      int added_n)
{
    struct cc_session_file *now;
    json_t *items;
    int n,
        rc = cc_session_file_list(cc_gateway()->pg, rq->guest.tenant, session, rq->mem, &now, &n);

    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < added_n; i++) {
        const struct cc_session_file *file = find_file(now, n, added[i].id);

        json_array_append_new(items, file_json(file ? file : &added[i]));
    }
    return cc_reply_json(rq, 201, json_pack("{s:o}", "items", items));
}

int cc_post_session_file(struct cc_rq *rq)
{
    struct batch *batch = cc_arena_get(rq->mem, sizeof *batch);
    struct cc_session_file *files;
    const char *session;
    int rc = may_upload(rq, &batch->most);

    if (rc == 0)
        rc = read_body(rq, batch);
    if (rc == 0)
        rc = cc_session_enter_counted(rq, &session);
    if (rc != 0)
        return rc;
    files = cc_arena_array(rq->mem, (size_t)batch->n, sizeof *files);
    rc = add_all(rq, session, batch, files);
    if (rc == 0)
        rc = await_all(rq, files, batch->n);
    return rc ? rc : tell_added(rq, session, files, batch->n);
}

/* ---- looking, and taking away ---- */

/* Waits.  An unbound key is good for all bots of its tenant. */
static int find_session(struct cc_rq *rq, const char **ret)
{
    const char *session = cc_rq_param(rq, "sessionId");
    bool is_new;
    int rc = cc_session_valid(session) ? cc_session_may_read(rq, session)
                                       : cc_fail(CC_E_SESSION, "there is no such session");

    if (rc == 0)
        rc = cc_session_find(rq, rq->guest.bound ? rq->guest.bot.id : "", session, &is_new);
    if (rc == 0)
        *ret = session;
    return rc;
}

/* Who looks sees to it that what was lost on its way is read. */
int cc_get_session_files(struct cc_rq *rq)
{
    struct cc_session_file *files;
    const char *session;
    json_t *items;
    int n, rc = find_session(rq, &session);

    if (rc == 0)
        rc = cc_session_file_list(cc_gateway()->pg, rq->guest.tenant, session, rq->mem, &files, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n; i++) {
        cc_file_reading_ask(rq, &files[i]);
        json_array_append_new(items, file_json(&files[i]));
    }
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, json_pack("{s:o}", "items", items));
}

int cc_delete_session_file(struct cc_rq *rq)
{
    const char *session, *id = cc_rq_param(rq, "fileId");
    int rc = find_session(rq, &session);

    if (rc == 0)
        rc = cc_id_valid(id, "fil")
                 ? cc_session_file_delete(cc_gateway()->pg, rq->guest.tenant, session, id)
                 : CC_E_NOTFOUND;
    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "there is no such file");
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}
