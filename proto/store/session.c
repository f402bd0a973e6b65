#include "proto/store/session.h"

#include "proto/store/turn_inside.h"

int cc_session_open(struct cc_pg *pool, const char *tenant, const char *bot, const char *session,
                    const char *visitor)
{
    static const struct cc_stmt CHECK = {
        "SELECT 1 FROM sessions"
        " WHERE tenant_id = $1 AND id = $2 AND bot_id = $3 AND visitor_id = $4"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(tenant), cc_at(session), cc_at(bot), cc_at(visitor)};
    int rc =
        cc_pg_run(pool, tenant, &rows, CC_STEPS({&cc_answer_session, args, 4}, {&CHECK, args, 4}));

    if (rc == 0 && cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_CONFLICT, "the session belongs to another bot or visitor");
    return rc;
}

int cc_session_get(struct cc_pg *pool, const char *tenant, const char *session,
                   struct cc_arena *mem, struct cc_session *ret)
{
    static const struct cc_stmt GET = {
        "SELECT bot_id, visitor_id FROM sessions WHERE tenant_id = $1 AND id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(session))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such session");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->bot = cc_row_text(&row);
    ret->visitor = cc_row_text(&row);
    return 0;
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
