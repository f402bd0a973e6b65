#include "proto/store/session.h"

#include "proto/store/pg_run.h"

int cc_session_open(struct cc_pg *pool, const char *tenant, const char *bot, const char *session)
{
    static const struct cc_stmt
        MAKE = {"INSERT INTO sessions (tenant_id, id, bot_id) VALUES ($1, $2, $3)"
                " ON CONFLICT (tenant_id, id) DO NOTHING"},
        CHECK = {"SELECT 1 FROM sessions WHERE tenant_id = $1 AND id = $2 AND bot_id = $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(MAKE, cc_at(tenant), cc_at(session), cc_at(bot)),
                                CC_STEP(CHECK, cc_at(tenant), cc_at(session), cc_at(bot))));

    if (rc == 0 && cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_CONFLICT, "the session belongs to another bot");
    return rc;
}

int cc_session_check(struct cc_pg *pool, const char *tenant, const char *bot, const char *session)
{
    static const struct cc_stmt CHECK = {
        "SELECT 1 FROM sessions WHERE tenant_id = $1 AND id = $2 AND ($3 = '' OR bot_id = $3)"};

    return cc_pg_must(pool, tenant,
                      (struct cc_step)CC_STEP(CHECK, cc_at(tenant), cc_at(session), cc_at(bot)),
                      CC_E_NOTFOUND, "no such session");
}

/* An answer that is being given now stores its message later; cleared_at hides that, too. */
int cc_session_clear(struct cc_pg *pool, const char *tenant, const char *session)
{
    static const struct cc_stmt
        MARK = {"UPDATE sessions SET cleared_at = now() WHERE tenant_id = $1 AND id = $2"},
        DELETE = {"DELETE FROM messages WHERE tenant_id = $1 AND session_id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(MARK, cc_at(tenant), cc_at(session)),
                                CC_STEP(DELETE, cc_at(tenant), cc_at(session))));

    if (rc == 0 && cc_rows_changed(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such session");
    return rc;
}
