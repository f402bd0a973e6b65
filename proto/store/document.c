/* Documents as their owners see them: added, loaded, listed, described anew. */
#include "proto/store/document.h"

#include "proto/store/chunk_inside.h"

static const char *text_or(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

static const struct cc_stmt
    ADD = {"INSERT INTO documents (tenant_id, id, bot_id, filename, title, url, sha256, type, size,"
           " description, metadata, chunking, tags, source_id, titled)"
           " VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12,"
           " $13::text[], nullif($14, ''), $15)"},
    ADD_FILE = {"INSERT INTO document_files (tenant_id, document_id, bytes) VALUES ($1, $2, $3)"};

int cc_document_add(struct cc_pg *pool, const struct cc_document *d)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(CC_DOC_TAGS_BYTES);

    return cc_pg_run(
        pool, d->tenant, &rows,
        CC_STEPS(CC_STEP(ADD, cc_at(d->tenant), cc_at(d->id), cc_at(d->bot), cc_at(d->filename),
                         cc_at(d->title), cc_at(d->url), cc_at(d->sha256), cc_at(d->type),
                         cc_ai(d->size), cc_at(text_or(d->description, "")),
                         cc_at(text_or(d->metadata, "{}")), cc_at(text_or(d->chunking, "")),
                         cc_at(cc_array_texts(mem, d->tags, d->tags_n)),
                         cc_at(text_or(d->source, "")), cc_ab(d->titled)),
                 CC_STEP(ADD_FILE, cc_at(d->tenant), cc_at(d->id),
                         cc_abytes(d->bytes, (size_t)d->size))));
}

static void read_document(struct cc_row row, struct cc_document *ret)
{
    size_t size;

    ret->id = cc_row_text(&row);
    ret->tenant = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->filename = cc_row_text(&row);
    ret->title = cc_row_text(&row);
    ret->url = cc_row_text(&row);
    ret->sha256 = cc_row_text(&row);
    ret->type = cc_row_text(&row);
    ret->description = cc_row_text(&row);
    ret->metadata = cc_row_text(&row);
    ret->chunking = cc_row_text(&row);
    ret->tags = cc_row_texts(&row, &ret->tags_n);
    ret->source = cc_row_text(&row);
    ret->titled = cc_row_bool(&row);
    const void *bytes = cc_row_bytes(&row, &size);
    ret->bytes = cc_arena_dupn(row.mem, bytes, size);
    ret->size = (int64_t)size;
}

int cc_document_load(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                     struct cc_document *ret)
{
    static const struct cc_stmt LOAD = {
        "SELECT d.id, d.tenant_id, d.bot_id, d.filename, d.title, d.url, d.sha256, d.type,"
        " d.description, d.metadata::text, d.chunking, d.tags, d.source_id, d.titled, f.bytes"
        " FROM documents d"
        " JOIN document_files f ON f.tenant_id = d.tenant_id AND f.document_id = d.id"
        " WHERE d.tenant_id = $1 AND d.id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(LOAD, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    read_document(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

/* ---- looking ---- */

/* Its place in the line: only who waits is asked for it. */
#define AHEAD                                                                                      \
    "CASE WHEN d.status = 'pending' THEN (SELECT count(*) FROM documents o WHERE o.tenant_id = $1" \
    " AND o.id < d.id AND o.status IN ('pending', " CC_DOC_WORKING ")) ELSE 0 END"

#define STATUS(ahead)                                                                              \
    "SELECT d.id, d.filename, d.title, d.status, d.step, d.error, d.progress, d.chunks_total,"     \
    " d.chunks_done, d.generation, d.attempt, d.size,"                                             \
    " (extract(epoch FROM d.created_at) * 1000)::bigint,"                                          \
    " (extract(epoch FROM d.updated_at) * 1000)::bigint, d.error_code, d.error_page, d.pages,"     \
    " d.active_chunks, " ahead ", d.type, d.url, d.bot_id, d.source_id, d.sha256, d.description,"  \
    " d.metadata::text, d.chunking, d.tags, d.enabled FROM documents d"

static void read_description(struct cc_row *row, struct cc_document_status *ret)
{
    ret->type = cc_row_text(row);
    ret->url = cc_row_text(row);
    ret->bot = cc_row_text(row);
    ret->source = cc_row_text(row);
    ret->sha256 = cc_row_text(row);
    ret->description = cc_row_text(row);
    ret->metadata = cc_row_text(row);
    ret->chunking = cc_row_text(row);
    ret->tags = cc_row_texts(row, &ret->tags_n);
    ret->enabled = cc_row_bool(row);
}

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
    ret->error_code = cc_row_text(&row);
    ret->error_page = cc_row_int(&row);
    ret->pages = cc_row_int(&row);
    ret->active_chunks = cc_row_int(&row);
    ret->waiting = cc_row_int(&row);
    read_description(&row, ret);
}

int cc_document_status(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                       struct cc_document_status *ret)
{
    static const struct cc_stmt ONE = {STATUS(AHEAD) " WHERE d.tenant_id = $1 AND d.id = $2"
                                                     " AND d.status <> 'deleting'"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(ONE, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    read_status(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

/* Mostly nothing is filtered: then the newest are read off an index, one after another.  Of a
 * statement with conditions that may be empty PostgreSQL expects few rows, and reads all. */
#define NEWEST(where)                                                                              \
    STATUS("0")                                                                                    \
    " WHERE d.tenant_id = $1 AND d.id < $2 AND d.status <> 'deleting'" where                       \
    " ORDER BY d.id DESC LIMIT $3"
static const struct cc_stmt
    PAGE = {NEWEST("")},
    FILTERED = {NEWEST(" AND ($4 = '' OR d.status = $4) AND ($5 = '' OR d.bot_id = $5)"
                       " AND ($6 = '' OR d.source_id = $6) AND ($7 = '' OR $7 = ANY(d.tags))"
                       " AND ($8 = '' OR strpos(lower(d.title || ' ' || d.filename), lower($8)) > "
                       "0)")};

int cc_document_list(struct cc_pg *pool, const char *tenant,
                     const struct cc_document_filter *filter, const char *after, int max,
                     struct cc_arena *mem, struct cc_document_status **ret, int *ret_n)
{
    static const struct cc_document_filter none = {"", "", "", "", ""};
    const struct cc_document_filter *f = filter ? filter : &none;
    const char *status = text_or(f->status, ""), *bot = text_or(f->bot, ""),
               *source = text_or(f->source, ""), *tag = text_or(f->tag, ""),
               *text = text_or(f->text, "");
    const struct cc_arg args[] = {cc_at(tenant), cc_abehind(after), cc_ai(max), cc_at(status),
                                  cc_at(bot),    cc_at(source),     cc_at(tag), cc_at(text)};
    const struct cc_step all = {&PAGE, args, 3}, some = {&FILTERED, args, 8};
    bool filters = *status || *bot || *source || *tag || *text;
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){filters ? &some : &all, 1});

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_status(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

int cc_document_same(struct cc_pg *pool, const char *tenant, const char *bot, const char *sha256,
                     struct cc_arena *mem, const char **ret_id)
{
    static const struct cc_stmt SAME = {
        "SELECT id FROM documents WHERE tenant_id = $1 AND sha256 = $3"
        " AND bot_id IS NOT DISTINCT FROM nullif($2, '') AND source_id IS NULL"
        " AND status NOT IN ('failed', 'no_text', 'encrypted', 'dead', 'deleting')"
        " ORDER BY id LIMIT 1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(SAME, cc_at(tenant), cc_at(bot), cc_at(sha256))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no document has these bytes");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    *ret_id = cc_row_text(&row);
    return 0;
}

/* ---- describing anew ---- */

int cc_document_set(struct cc_pg *pool, const char *tenant, const char *id,
                    const struct cc_document_edit *edit)
{
    static const struct cc_stmt SET = {
        "UPDATE documents SET title = coalesce($3, title), titled = titled OR $3 IS NOT NULL,"
        " description = coalesce($4, description), metadata = coalesce($5::jsonb, metadata),"
        " tags = coalesce($6::text[], tags), enabled = CASE WHEN $7 < 0 THEN enabled ELSE $7 > 0"
        " END, updated_at = now() WHERE tenant_id = $1 AND id = $2 AND status <> 'deleting'"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(CC_DOC_TAGS_BYTES);
    const char *tags = edit->tags_n < 0 ? NULL : cc_array_texts(mem, edit->tags, edit->tags_n);
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(SET, cc_at(tenant), cc_at(id), cc_at(edit->title),
                                        cc_at(edit->description), cc_at(edit->metadata),
                                        cc_at(tags), cc_ai(edit->enabled)),
                                CC_STEP(CC_NEW_KNOWLEDGE, cc_at(tenant))));

    if (rc == 0 && cc_rows_changed(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    return rc;
}
