/* Finishing an erasure: who is at it, and a closed tenant's rows batch by batch. */
#include "proto/store/erasure.h"

#include "proto/store/pg_run.h"

int cc_erasure_waiting(struct cc_pg *sweep, int max, struct cc_arena *mem,
                       struct cc_erasure_open *ret, int *ret_n)
{
    static const struct cc_stmt WAITING = {
        "SELECT tenant_id, id FROM erasures WHERE state <> 'done' AND lease_until < now()"
        " ORDER BY asked_at LIMIT $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(sweep, NULL, &rows, CC_STEPS(CC_STEP(WAITING, cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        ret[i].tenant = cc_row_text(&row);
        ret[i].id = cc_row_text(&row);
    }
    return 0;
}

int cc_erasure_claim(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                     struct cc_arena *mem, struct cc_erasure_work *ret)
{
    static const struct cc_stmt CLAIM = {
        "UPDATE erasures SET state = 'running', lease_until = now() + $3 * interval '1 ms'"
        " WHERE tenant_id = $1 AND id = $2 AND state <> 'done' AND lease_until < now()"
        " RETURNING kind, subject, removed, sessions, answers,"
        " ceil(extract(epoch FROM asked_at) * 1000)::bigint"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, what->tenant, &rows,
                  CC_STEPS(CC_STEP(CLAIM, cc_at(what->tenant), cc_at(what->id), cc_ai(lease_ms))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "somebody else is at the erasure");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->kind = cc_row_text(&row);
    ret->subject = cc_row_text(&row);
    ret->removed = cc_row_text(&row);
    ret->sessions = cc_row_texts(&row, &ret->sessions_n);
    ret->answers = cc_row_texts(&row, &ret->answers_n);
    ret->asked_ms = cc_row_int(&row);
    return 0;
}

int cc_erasure_note(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                    const char *removed)
{
    static const struct cc_stmt NOTE = {
        "UPDATE erasures SET removed = (removed::jsonb || $4::jsonb)::text, lease_until = now() + "
        "$3 * interval '1 ms'"
        " WHERE tenant_id = $1 AND id = $2 AND state <> 'done'"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, what->tenant, &rows,
                     CC_STEPS(CC_STEP(NOTE, cc_at(what->tenant), cc_at(what->id), cc_ai(lease_ms),
                                      cc_at(removed))));
}

int cc_erasure_done(struct cc_pg *pool, const struct cc_erasure_open *what)
{
    static const struct cc_stmt DONE = {
        "UPDATE erasures SET state = 'done', done_at = now(), sessions = '{}', answers = '{}',"
        " lease_until = '-infinity' WHERE tenant_id = $1 AND id = $2 AND state <> 'done'"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, what->tenant, &rows,
                     CC_STEPS(CC_STEP(DONE, cc_at(what->tenant), cc_at(what->id))));
}

/* ---- a tenant's rows ---- */

/* The policies of the log and of the charges let rows go only with their tenant. */
static const struct cc_stmt all_of_it = {"SELECT set_config('app.erase', $1, true)"};

#define BATCH "2000"
#define DELETE_OF(table, n)                                                                        \
    "DELETE FROM " table " WHERE tenant_id = $1 AND ctid = ANY (ARRAY(SELECT ctid FROM " table     \
    " WHERE tenant_id = $1 LIMIT " n "))"
/* What went is counted where it went; that also says that somebody is still at it. */
#define COUNT(table)                                                                               \
    ", n AS (SELECT count(*) AS c FROM d) UPDATE erasures e SET removed = (e.removed::jsonb ||"    \
    " jsonb_build_object('" table "', coalesce((e.removed::jsonb ->> '" table "')::bigint, 0)"     \
    " + n.c))::text, lease_until = now() + $3 * interval '1 ms' FROM n"                            \
    " WHERE e.tenant_id = $1 AND e.id = $2 AND n.c > 0"
#define SOME(table, n)                                                                             \
    {                                                                                              \
        "WITH d AS (" DELETE_OF(table, n) " RETURNING 1)" COUNT(table)                             \
    }
#define ROWS(table) SOME(table, BATCH)

/* In this order; what refers to something stands before it. */
static const char *const tables[] = {"feedback",       "messages",      "answers",
                                     "session_files",  "sessions",      "visitors",
                                     "spend_holds",    "postings",      "chunk_vectors",
                                     "chunks",         "chunk_edits",   "document_changes",
                                     "document_files", "documents",     "source_pages",
                                     "sources",        "pin_questions", "pins",
                                     "bot_versions",   "api_keys",      "bot_ids",
                                     "bots",           "providers",     "tenant_keys",
                                     "invitations",    "logins",        "usage_ledger",
                                     "usage_daily",    "audit_log",     "members",
                                     "vector_garbage", "tenants",       NULL};

static const struct cc_stmt plain[] = {
    ROWS("feedback"),
    ROWS("messages"),
    ROWS("answers"),
    SOME("session_files", "50"),
    ROWS("sessions"),
    ROWS("visitors"),
    ROWS("spend_holds"),
    ROWS("postings"),
    ROWS("chunk_vectors"),
    /* an outer store still holds points of these */
    {"WITH d AS (" DELETE_OF(
        "chunks", BATCH) " RETURNING tenant_id, generation, outside),"
                         " g AS (INSERT INTO vector_garbage (tenant_id, generation)"
                         " SELECT DISTINCT tenant_id, generation FROM d WHERE outside <> '{}'"
                         " ON CONFLICT DO NOTHING)" COUNT("chunks")},
    ROWS("chunk_edits"),
    ROWS("document_changes"),
    SOME("document_files", "50"),
    ROWS("documents"),
    ROWS("source_pages"),
    ROWS("sources"),
    ROWS("pin_questions"),
    ROWS("pins"),
    ROWS("bot_versions"),
    ROWS("api_keys"),
    ROWS("bot_ids"),
    ROWS("bots"),
    ROWS("providers"),
    ROWS("tenant_keys"),
    ROWS("invitations"),
    ROWS("logins"),
    ROWS("usage_ledger"),
    ROWS("usage_daily"),
    ROWS("audit_log"),
};
#define PLAIN (sizeof plain / sizeof *plain)

const char *const *cc_erasure_tables(void)
{
    return tables;
}

static int run_batch(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                     const struct cc_stmt *stmt, bool *ret_some)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, what->tenant, &rows,
        CC_STEPS(CC_STEP(all_of_it, cc_at(what->tenant)),
                 {stmt, CC_ARGS(cc_at(what->tenant), cc_at(what->id), cc_ai(lease_ms)), 3}));

    if (rc == 0)
        *ret_some = cc_rows_changed(&rows, 1) > 0;
    return rc;
}

/* One person at a time: who is a member of no other tenant has no account any more. */
static int leave(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                 bool *ret_some)
{
    static const struct cc_stmt
        CHOOSE = {"SELECT set_config('app.user_id', (SELECT user_id FROM members"
                  " WHERE tenant_id = $1 ORDER BY user_id LIMIT 1), true)"},
        LEAVE = {"WITH d AS (DELETE FROM members WHERE tenant_id = $1"
                 " AND user_id = current_setting('app.user_id', true) RETURNING 1)" COUNT(
                     "members")},
        FORGET = {"DELETE FROM users u WHERE u.id = current_setting('app.user_id', true)"
                  " AND NOT EXISTS (SELECT FROM members m WHERE m.user_id = u.id)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, what->tenant, &rows,
                  CC_STEPS(CC_STEP(CHOOSE, cc_at(what->tenant)),
                           CC_STEP(LEAVE, cc_at(what->tenant), cc_at(what->id), cc_ai(lease_ms)),
                           CC_PLAIN_STEP(FORGET)));

    if (rc == 0)
        *ret_some = cc_rows_changed(&rows, 1) > 0;
    return rc;
}

/* Points in an outer store are removed by whoever keeps it (ingest/reindex.h). */
static int end_tenant(struct cc_pg *pool, const char *tenant, bool *ret_more)
{
    static const struct cc_stmt
        END = {"DELETE FROM tenants t WHERE t.tenant_id = $1 AND t.closed_at IS NOT NULL"
               " AND NOT EXISTS (SELECT FROM vector_garbage g WHERE g.tenant_id = $1)"},
        LEFT = {"SELECT 1 FROM tenants WHERE tenant_id = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(END, cc_at(tenant)), CC_STEP(LEFT, cc_at(tenant))));

    if (rc == 0)
        *ret_more = cc_rows_n(&rows, 1) > 0;
    return rc;
}

int cc_erasure_batch(struct cc_pg *pool, const struct cc_erasure_open *what, int lease_ms,
                     enum cc_erasure_left *ret)
{
    bool some = false, more = false;
    int rc = 0;

    for (size_t i = 0; i < PLAIN && !some && rc == 0; i++)
        rc = run_batch(pool, what, lease_ms, &plain[i], &some);
    if (rc == 0 && !some)
        rc = leave(pool, what, lease_ms, &some);
    if (rc == 0 && !some)
        rc = end_tenant(pool, what->tenant, &more);
    if (rc == 0)
        *ret = some ? CC_ERASURE_MORE : more ? CC_ERASURE_POINTS : CC_ERASURE_NOTHING;
    return rc;
}
