/* What the sweeping role may see: which rows wait, and whose they are. */
#include "proto/store/bot.h"
#include "proto/store/chunk_inside.h"
#include "proto/store/document.h"
#include "proto/store/source.h"

int cc_document_sweep(struct cc_pg *sweep, int64_t older_ms, int max, struct cc_arena *mem,
                      struct cc_document_waiting **ret, int *ret_n)
{
    static const struct cc_stmt WAITING = {
        "SELECT tenant_id, id, generation FROM documents WHERE"
        " (status = 'pending' OR status IN (" CC_DOC_WORKING ") AND lease_until < now())"
        " AND updated_at <= now() - $1 * interval '1 ms' ORDER BY updated_at LIMIT $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(sweep, NULL, &rows, CC_STEPS(CC_STEP(WAITING, cc_ai(older_ms), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        (*ret)[i].tenant = cc_row_text(&row);
        (*ret)[i].id = cc_row_text(&row);
        (*ret)[i].generation = cc_row_int(&row);
    }
    return 0;
}

int cc_document_oldest(struct cc_pg *sweep, int64_t *ret_s)
{
    static const struct cc_stmt OLDEST = {
        "SELECT coalesce(greatest(extract(epoch FROM now() - min(asked_at)), 0), 0)::bigint"
        " FROM documents WHERE status IN ('pending', " CC_DOC_WORKING ")"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(sweep, NULL, &rows, CC_STEPS(CC_PLAIN_STEP(OLDEST)));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 0, 0, NULL);
    *ret_s = cc_row_int(&row);
    return 0;
}

int cc_garbage_rows(const struct cc_rows *rows, struct cc_arena *mem, struct cc_garbage **ret)
{
    int n = cc_rows_n(rows, 0);

    *ret = cc_arena_array(mem, (size_t)n, sizeof **ret);
    for (int i = 0; i < n; i++) {
        struct cc_row row = cc_row(rows, 0, i, mem);
        (*ret)[i].tenant = cc_row_text(&row);
        (*ret)[i].model = cc_row_text(&row);
        (*ret)[i].generation = cc_row_int(&row);
    }
    return n;
}

int cc_garbage_sweep(struct cc_pg *sweep, int max, struct cc_arena *mem, struct cc_garbage **ret,
                     int *ret_n)
{
    static const struct cc_stmt GARBAGE = {CC_GARBAGE_LIST " ORDER BY at LIMIT $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(sweep, NULL, &rows, CC_STEPS(CC_STEP(GARBAGE, cc_ai(max))));

    if (rc == 0)
        *ret_n = cc_garbage_rows(&rows, mem, ret);
    return rc;
}

int cc_garbage_gone(struct cc_pg *pool, const struct cc_garbage *garbage)
{
    static const struct cc_stmt GONE = {
        "DELETE FROM vector_garbage WHERE tenant_id = $1 AND generation = $2 AND model = $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, garbage->tenant, &rows,
                     CC_STEPS(CC_STEP(GONE, cc_at(garbage->tenant), cc_ai(garbage->generation),
                                      cc_at(garbage->model))));
}

/* ---- what goes with a deleted bot ---- */

#define DELETING_BYTES ((size_t)1 << 20)

typedef int delete_fn(struct cc_pg *pool, const char *tenant, const char *id);

static int take_away(struct cc_pg *pool, const struct cc_rows *rows, int step, delete_fn *fn,
                     int *ret_done)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(DELETING_BYTES);
    int rc = 0;

    for (int i = 0; rc == 0 && i < cc_rows_n(rows, step); i++) {
        struct cc_row row = cc_row(rows, step, i, mem);
        const char *tenant = cc_row_text(&row), *id = cc_row_text(&row);

        rc = fn(pool, tenant, id);
        if (rc == 0)
            ++*ret_done;
        if (rc == CC_E_NOTFOUND || rc == CC_E_CONFLICT) /* another process is at it */
            rc = 0;
    }
    return rc;
}

/* Documents first: a source goes when it has none. */
int cc_sweep_deleting(struct cc_pg *sweep, struct cc_pg *pool, int max, int *ret_done)
{
    static const struct cc_stmt
        DOCUMENTS = {"SELECT tenant_id, id FROM documents WHERE status = 'deleting'"
                     " ORDER BY updated_at LIMIT $1"},
        SOURCES = {"SELECT tenant_id, id FROM sources WHERE status = 'deleting'"
                   " ORDER BY updated_at LIMIT $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(sweep, NULL, &rows,
                       CC_STEPS(CC_STEP(DOCUMENTS, cc_ai(max)), CC_STEP(SOURCES, cc_ai(max))));

    *ret_done = 0;
    if (rc == 0)
        rc = take_away(pool, &rows, 0, cc_document_delete, ret_done);
    return rc ? rc : take_away(pool, &rows, 1, cc_source_delete, ret_done);
}
