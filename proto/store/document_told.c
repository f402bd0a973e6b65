/* What a reader outside of our processes says of its progress. */
#include "proto/store/chunk_inside.h"
#include "proto/store/document.h"

/* The lease stays as it is: whoever has it is not proved alive by this. */
static const struct cc_stmt
    TELL = {"UPDATE documents SET progress = greatest(progress, $3),"
            " step = coalesce(nullif($4, ''), step), updated_at = now()"
            " WHERE tenant_id = $1 AND id = $2 AND status IN (" CC_DOC_WORKING ")"},
    LOOK = {"SELECT 1 FROM documents WHERE tenant_id = $1 AND id = $2 AND status <> 'deleting'"};

int cc_document_told(struct cc_pg *pool, const char *tenant, const char *id, int64_t progress,
                     const char *step)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, tenant, &rows,
        CC_STEPS(CC_STEP(TELL, cc_at(tenant), cc_at(id), cc_ai(progress), cc_at(step ? step : "")),
                 CC_STEP(LOOK, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    return cc_rows_changed(&rows, 0) > 0 ? 0
                                         : cc_fail(CC_E_CONFLICT, "the document is not at work");
}
