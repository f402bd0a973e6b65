/* What the sweeping role may see: which rows wait, and whose they are. */
#include "proto/store/chunk_inside.h"
#include "proto/store/document.h"

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
