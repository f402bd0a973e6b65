/* Documents as their owners see them: added, listed, deleted, tried again. */
#include "proto/store/document.h"

#include "proto/store/chunk_inside.h"

static const struct cc_stmt
    ADD = {"INSERT INTO documents (tenant_id, id, bot_id, filename, title, url, sha256, type, size)"
           " VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7, $8, $9)"},
    ADD_FILE = {"INSERT INTO document_files (tenant_id, document_id, bytes) VALUES ($1, $2, $3)"};

int cc_document_add(struct cc_pg *pool, const struct cc_document *d)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, d->tenant, &rows,
                     CC_STEPS(CC_STEP(ADD, cc_at(d->tenant), cc_at(d->id), cc_at(d->bot),
                                      cc_at(d->filename), cc_at(d->title), cc_at(d->url),
                                      cc_at(d->sha256), cc_at(d->type), cc_ai(d->size)),
                              CC_STEP(ADD_FILE, cc_at(d->tenant), cc_at(d->id),
                                      cc_abytes(d->bytes, (size_t)d->size))));
}

int cc_document_load(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                     struct cc_document *ret)
{
    static const struct cc_stmt LOAD = {
        "SELECT d.id, d.tenant_id, d.bot_id, d.filename, d.title, d.url, d.sha256, d.type, f.bytes"
        " FROM documents d"
        " JOIN document_files f ON f.tenant_id = d.tenant_id AND f.document_id = d.id"
        " WHERE d.tenant_id = $1 AND d.id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    size_t size;
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(LOAD, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->id = cc_row_text(&row);
    ret->tenant = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->filename = cc_row_text(&row);
    ret->title = cc_row_text(&row);
    ret->url = cc_row_text(&row);
    ret->sha256 = cc_row_text(&row);
    ret->type = cc_row_text(&row);
    const void *bytes = cc_row_bytes(&row, &size);
    ret->bytes = cc_arena_dupn(mem, bytes, size);
    ret->size = (int64_t)size;
    return 0;
}

#define STATUS                                                                                     \
    "SELECT id, filename, title, status, step, error, progress, chunks_total, chunks_done,"        \
    " generation, attempt, size, (extract(epoch FROM created_at) * 1000)::bigint,"                 \
    " (extract(epoch FROM updated_at) * 1000)::bigint FROM documents"

static void read_status(struct cc_row row, struct cc_document_status *ret)
{
    ret->id = cc_row_text(&row);
    ret->filename = cc_row_text(&row);
    ret->title = cc_row_text(&row);
    ret->status = cc_row_text(&row);
    ret->step = cc_row_text(&row);
    ret->error = cc_row_text(&row);
    ret->progress = cc_row_int(&row);
    ret->chunks_total = cc_row_int(&row);
    ret->chunks_done = cc_row_int(&row);
    ret->generation = cc_row_int(&row);
    ret->attempt = cc_row_int(&row);
    ret->size = cc_row_int(&row);
    ret->created_ms = cc_row_int(&row);
    ret->updated_ms = cc_row_int(&row);
}

int cc_document_status(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                       struct cc_document_status *ret)
{
    static const struct cc_stmt ONE = {STATUS " WHERE tenant_id = $1 AND id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(ONE, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    read_status(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

int cc_document_list(struct cc_pg *pool, const char *tenant,
                     const struct cc_document_filter *filter, const char *after, int max,
                     struct cc_arena *mem, struct cc_document_status **ret, int *ret_n)
{
    static const struct cc_document_filter none = {"", "", "", "", ""};
    static const struct cc_stmt PAGE = {
        STATUS " WHERE tenant_id = $1 AND ($2 = '' OR id < $2) AND ($4 = '' OR status = $4)"
               " AND ($5 = '' OR bot_id = $5) AND ($6 = '' OR source_id = $6)"
               " AND ($7 = '' OR $7 = ANY(tags))"
               " AND ($8 = '' OR strpos(lower(title || ' ' || filename), lower($8)) > 0)"
               " ORDER BY id DESC LIMIT $3"};
    const struct cc_document_filter *f = filter ? filter : &none;
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, tenant, &rows,
        CC_STEPS(CC_STEP(PAGE, cc_at(tenant), cc_at(after), cc_ai(max), cc_at(f->status),
                         cc_at(f->bot), cc_at(f->source), cc_at(f->tag), cc_at(f->text))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_status(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

/* The row is locked first: a batch that is being stored ends before, and the next one finds the
 * fence closed. */
int cc_document_delete(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt CLOSE = {"UPDATE documents SET status = 'deleting', lease_until = "
                                         "'-infinity', updated_at = now()"
                                         " WHERE tenant_id = $1 AND id = $2"},
                                GONE = {"DELETE FROM documents WHERE tenant_id = $1 AND id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(CLOSE, cc_at(tenant), cc_at(id)),
                                CC_STEP(CC_DROP_POSTINGS, cc_at(tenant), cc_at(id), cc_ai(0)),
                                CC_STEP(CC_DROP_VECTORS, cc_at(tenant), cc_at(id), cc_ai(0)),
                                CC_STEP(CC_DROP_CHUNKS, cc_at(tenant), cc_at(id), cc_ai(0)),
                                CC_STEP(GONE, cc_at(tenant), cc_at(id)),
                                CC_STEP(CC_NEW_KNOWLEDGE, cc_at(tenant))));

    if (rc == 0 && cc_rows_changed(&rows, 4) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    return rc;
}

int cc_document_retry(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt
        RETRY =
            {"UPDATE documents SET status = 'pending', step = '', error = '', progress = 0,"
             " chunks_total = 0, chunks_done = 0, tries = 0, generation = nextval('generations'),"
             " lease_until = '-infinity', updated_at = now() WHERE tenant_id = $1 AND id = $2"
             " AND status IN ('failed', 'no_text', 'encrypted', 'dead')"},
        LOOK = {"SELECT status FROM documents WHERE tenant_id = $1 AND id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(RETRY, cc_at(tenant), cc_at(id)),
                                CC_STEP(LOOK, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    if (cc_rows_changed(&rows, 0) == 0)
        return cc_fail(CC_E_CONFLICT, "only what failed can be tried again");
    return 0;
}
