/* Documents as ingest sees them: claimed under a lease, worked on behind a fence. */
#include <string.h>

#include "proto/store/chunk_inside.h"
#include "proto/store/document.h"

/* One attempt too many ends in 'dead', which no later claim takes. */
static const struct cc_stmt CLAIM = {
    "UPDATE documents SET attempt = attempt + 1, tries = tries + 1, owner = $3,"
    " lease_until = now() + $4 * interval '1 ms', updated_at = now(),"
    " status = CASE WHEN tries >= $5 THEN 'dead' ELSE 'parsing' END,"
    " step = CASE WHEN tries >= $5 THEN '' ELSE 'parsing' END,"
    " error = CASE WHEN tries >= $5 THEN 'gave up after ' || tries || ' attempts' ELSE '' END,"
    " error_code = CASE WHEN tries >= $5 THEN 'gave_up' ELSE '' END, error_page = 0"
    " WHERE tenant_id = $1 AND id = $2 AND (status = 'pending'"
    " OR status IN (" CC_DOC_WORKING ") AND lease_until < now())"};
static const struct cc_stmt LOOK = {"SELECT status, attempt, generation, status IN (" CC_DOC_WORKING
                                    "), tries FROM documents WHERE tenant_id = $1 AND id = $2"};

int cc_document_claim(struct cc_pg *pool, const struct cc_document_lease *lease,
                      struct cc_document_claimed *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, lease->tenant, &rows,
        CC_STEPS(CC_STEP(CLAIM, cc_at(lease->tenant), cc_at(lease->id), cc_at(lease->owner),
                         cc_ai(lease->lease_ms), cc_ai(lease->attempts_max)),
                 CC_STEP(LOOK, cc_at(lease->tenant), cc_at(lease->id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such document");
    struct cc_row row = cc_row(&rows, 1, 0, NULL);
    bool changed = cc_rows_changed(&rows, 0) > 0;
    row.col = 1;
    ret->attempt = cc_row_int(&row);
    ret->generation = cc_row_int(&row);
    bool working = cc_row_bool(&row);
    ret->tries = cc_row_int(&row);
    if (working)
        ret->outcome = changed ? CC_DOC_OURS : CC_DOC_RUNNING;
    else
        ret->outcome = changed ? CC_DOC_DEAD : CC_DOC_OVER;
    return 0;
}

/* Its time moves on, so that others, and the next sweep, leave it alone for a while. */
int cc_document_revive(struct cc_pg *pool, const char *tenant, const char *id, int64_t older_ms,
                       bool *ret)
{
    static const struct cc_stmt REVIVE = {
        "UPDATE documents SET updated_at = now() WHERE tenant_id = $1 AND id = $2"
        " AND (status = 'pending' OR status IN (" CC_DOC_WORKING ") AND lease_until < now())"
        " AND updated_at <= now() - $3 * interval '1 ms'"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(REVIVE, cc_at(tenant), cc_at(id), cc_ai(older_ms))));

    if (rc == 0)
        *ret = cc_rows_changed(&rows, 0) > 0;
    return rc;
}

static int fenced(void)
{
    return cc_fail(CC_E_FENCED, "the document is another attempt's, or deleted");
}

/* With the step to cutting the edits are counted that it is going to see: chunk_publish.c. */
int cc_document_progress(struct cc_pg *pool, const struct cc_document_hold *hold,
                         const struct cc_document_progress *p, int lease_ms)
{
    static const struct cc_stmt PROGRESS = {
        "UPDATE documents SET status = $5, step = $6, progress = $7, chunks_total = $8,"
        " chunks_done = $9, lease_until = now() + $10 * interval '1 ms', updated_at = now(),"
        " edits_laid = CASE WHEN $5 = 'chunking' AND status <> $5 THEN edits ELSE edits_laid "
        "END" CC_DOC_FENCE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, hold->tenant, &rows,
                       CC_STEPS(CC_STEP(PROGRESS, CC_HOLD(hold), cc_at(p->status), cc_at(p->step),
                                        cc_ai(p->progress), cc_ai(p->chunks_total),
                                        cc_ai(p->chunks_done), cc_ai(lease_ms))));

    return rc == 0 && cc_rows_changed(&rows, 0) == 0 ? fenced() : rc;
}

/* The second step sees our own commit of before whose answer we did not hear. */
int cc_document_end(struct cc_pg *pool, const struct cc_document_hold *hold,
                    const struct cc_document_end *end)
{
    static const struct cc_stmt
        END = {"UPDATE documents SET status = $5, step = '', error = $6, error_code = $7,"
               " error_page = $8, lease_until = '-infinity', updated_at = now()" CC_DOC_FENCE},
        ENDED = {"SELECT 1 FROM documents WHERE tenant_id = $1 AND id = $2 AND attempt = $3"
                 " AND generation = $4 AND status = $5"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, hold->tenant, &rows,
                       CC_STEPS(CC_STEP(END, CC_HOLD(hold), cc_at(end->status), cc_at(end->error),
                                        cc_at(end->code ? end->code : ""), cc_ai(end->page)),
                                CC_STEP(ENDED, CC_HOLD(hold), cc_at(end->status))));

    return rc == 0 && cc_rows_n(&rows, 1) == 0 ? fenced() : rc;
}

int cc_document_learn(struct cc_pg *pool, const struct cc_document_hold *hold,
                      const struct cc_document_learned *learned)
{
    static const struct cc_stmt LEARN = {
        "UPDATE documents SET type = $5, pages = $6,"
        " title = CASE WHEN titled OR $7 = '' THEN title ELSE $7 END" CC_DOC_FENCE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, hold->tenant, &rows,
                       CC_STEPS(CC_STEP(LEARN, CC_HOLD(hold), cc_at(learned->type),
                                        cc_ai(learned->pages), cc_at(learned->title))));

    return rc == 0 && cc_rows_changed(&rows, 0) == 0 ? fenced() : rc;
}

int cc_document_wait(struct cc_pg *pool, const struct cc_document_hold *hold)
{
    static const struct cc_stmt WAIT = {
        "UPDATE documents SET status = 'pending', step = '', lease_until = '-infinity',"
        " updated_at = now()" CC_DOC_FENCE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, hold->tenant, &rows, CC_STEPS(CC_STEP(WAIT, CC_HOLD(hold))));

    return rc == 0 && cc_rows_changed(&rows, 0) == 0 ? fenced() : rc;
}

/* Handing back in good order does not count as an attempt. */
int cc_document_release(struct cc_pg *pool, const struct cc_document_hold *hold)
{
    static const struct cc_stmt RELEASE = {"UPDATE documents SET lease_until = '-infinity', tries "
                                           "= greatest(tries - 1, 0)" CC_DOC_FENCE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, hold->tenant, &rows, CC_STEPS(CC_STEP(RELEASE, CC_HOLD(hold))));

    return rc == 0 && cc_rows_changed(&rows, 0) == 0 ? fenced() : rc;
}
