/* Documents that get new bytes, another try, or go; and what changed by it. */
#include "proto/store/chunk_inside.h"
#include "proto/store/document.h"

#define ONE " WHERE tenant_id = $1 AND id = $2"

static const struct cc_stmt LOOK = {"SELECT status, generation FROM documents" ONE
                                    " AND status <> 'deleting'"};

/* The row as the change at step 0 left it, read at step `last`. */
static int verdict(const struct cc_rows *rows, int last, const char *conflict, int64_t *ret)
{
    if (cc_rows_n(rows, last) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    if (cc_rows_changed(rows, 0) == 0)
        return cc_fail(CC_E_CONFLICT, "%s", conflict);
    struct cc_row row = cc_row(rows, last, 0, NULL);
    row.col = 1;
    int64_t generation = cc_row_int(&row);
    if (ret)
        *ret = generation;
    return 0;
}

static const struct cc_stmt
    REPLACE =
        {"UPDATE documents SET sha256 = $3, size = $4, filename = $5, type = $6,"
         " title = CASE WHEN $8 OR NOT titled THEN coalesce(nullif($7, ''), title)"
         " ELSE title END, titled = titled OR $8, url = coalesce(nullif($9, ''), url),"
         " description = coalesce($10, description),"
         " metadata = coalesce(nullif($11, '')::jsonb, metadata),"
         " chunking = coalesce($12, chunking), tags = coalesce($13::text[], tags)," CC_DOC_ANEW ONE
         " AND status <> 'deleting' AND sha256 <> $3"},
    REPLACE_FILE = {"UPDATE document_files SET bytes = $3 WHERE tenant_id = $1 AND document_id = $2"
                    " AND EXISTS (SELECT FROM documents" ONE " AND sha256 = $4)"};

int cc_document_replace(struct cc_pg *pool, const struct cc_document *d, int64_t *ret_generation)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(CC_DOC_TAGS_BYTES);
    const char *tags = d->tags ? cc_array_texts(mem, d->tags, d->tags_n) : NULL;
    int rc = cc_pg_run(
        pool, d->tenant, &rows,
        CC_STEPS(CC_STEP(REPLACE, cc_at(d->tenant), cc_at(d->id), cc_at(d->sha256), cc_ai(d->size),
                         cc_at(d->filename), cc_at(d->type), cc_at(d->title), cc_ab(d->titled),
                         cc_at(d->url), cc_at(d->description), cc_at(d->metadata),
                         cc_at(d->chunking), cc_at(tags)),
                 CC_STEP(REPLACE_FILE, cc_at(d->tenant), cc_at(d->id),
                         cc_abytes(d->bytes, (size_t)d->size), cc_at(d->sha256)),
                 CC_STEP(LOOK, cc_at(d->tenant), cc_at(d->id))));

    return rc ? rc : verdict(&rows, 2, "these are the bytes it has", ret_generation);
}

/* The row is locked first: a batch that is being stored ends before, and the next one finds the
 * fence closed. */
int cc_document_delete(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt CLOSE = {"UPDATE documents SET status = 'deleting', lease_until = "
                                         "'-infinity', updated_at = now()" ONE},
                                GONE = {"DELETE FROM documents" ONE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg all[] = {cc_at(tenant), cc_at(id), cc_ai(0)};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS({&CLOSE, all, 2}, {&CC_NOTE_GARBAGE, all, 3},
                                {&CC_DROP_POSTINGS, all, 3}, {&CC_DROP_VECTORS, all, 3},
                                {&CC_DROP_CHUNKS, all, 3}, {&GONE, all, 2},
                                {&CC_NEW_KNOWLEDGE, all, 1}));

    if (rc == 0 && cc_rows_changed(&rows, 5) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    return rc;
}

struct change {
    struct cc_stmt stmt;
    const char *conflict; /* words when it changed nothing */
};

/* One change of the row, and what it is then. */
static int change(struct cc_pg *pool, const char *tenant, const char *id, const struct change *what,
                  int64_t *ret_generation)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg one[] = {cc_at(tenant), cc_at(id)};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS({&what->stmt, one, 2}, {&LOOK, one, 2}));

    return rc ? rc : verdict(&rows, 1, what->conflict, ret_generation);
}

int cc_document_retry(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct change RETRY = {
        {"UPDATE documents SET" CC_DOC_ANEW ONE
         " AND status IN ('failed', 'no_text', 'encrypted', 'dead')"},
        "only what failed can be tried again"};

    return change(pool, tenant, id, &RETRY, NULL);
}

int cc_document_skip(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct change SKIP = {
        {"UPDATE documents SET status = 'failed', updated_at = now()" ONE " AND status = 'dead'"},
        "it is not among the dead"};

    return change(pool, tenant, id, &SKIP, NULL);
}

/* One that waits already is left as it is, so that repeating this is safe. */
int cc_document_again(struct cc_pg *pool, const char *tenant, const char *id,
                      int64_t *ret_generation)
{
    static const struct change AGAIN = {
        {"UPDATE documents SET generation = CASE WHEN status = 'pending' THEN generation"
         " ELSE nextval('generations') END," CC_DOC_FRESH ONE " AND status NOT IN (" CC_DOC_WORKING
         ", 'deleting')"},
        "it is at work"};

    return change(pool, tenant, id, &AGAIN, ret_generation);
}

int cc_document_changes(struct cc_pg *pool, const char *tenant, const char *id, int max,
                        struct cc_arena *mem, struct cc_document_change **ret, int *ret_n)
{
    static const struct cc_stmt CHANGES = {
        "SELECT generation, added, removed, kept, embedded,"
        " (extract(epoch FROM at) * 1000)::bigint, detail FROM document_changes"
        " WHERE tenant_id = $1 AND document_id = $2 ORDER BY generation DESC LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(LOOK, cc_at(tenant), cc_at(id)),
                                CC_STEP(CHANGES, cc_at(tenant), cc_at(id), cc_ai(max))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    *ret_n = cc_rows_n(&rows, 1);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 1, i, mem);
        struct cc_document_change *c = &(*ret)[i];
        c->generation = cc_row_int(&row);
        c->added = cc_row_int(&row);
        c->removed = cc_row_int(&row);
        c->kept = cc_row_int(&row);
        c->embedded = cc_row_int(&row);
        c->at_ms = cc_row_int(&row);
        c->detail = cc_row_text(&row);
    }
    return 0;
}
