#include "proto/store/session.h"

#include <string.h>

#include "proto/store/turn_inside.h"

#define STATE_BYTES 4096

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

int cc_session_form(struct cc_pg *pool, const char *tenant, const char *session, const char *form)
{
    static const struct cc_stmt PUT = {
        "UPDATE sessions SET form = $3 WHERE tenant_id = $1 AND id = $2"};

    return cc_pg_must(pool, tenant,
                      (struct cc_step)CC_STEP(PUT, cc_at(tenant), cc_at(session), cc_at(form)),
                      CC_E_NOTFOUND, "no such session");
}

/* ---- a person ---- */

static const char *state_of(const char *text)
{
    static const char *const states[] = {"waiting", "joined", "ended"};

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i], text) == 0)
            return states[i];
    return "";
}

/* `o` takes the row's lock: of two at once the second sees what the first has done. */
int cc_session_handoff(struct cc_pg *pool, const struct cc_handoff *ask,
                       struct cc_handoff_state *ret)
{
    static const struct cc_stmt ASK = {
        "WITH o AS (SELECT id, handoff IN ('waiting', 'joined') AS open FROM sessions"
        " WHERE tenant_id = $1 AND id = $2 FOR UPDATE)"
        " UPDATE sessions s SET status = 'open',"
        " handoff = CASE WHEN o.open THEN s.handoff ELSE 'waiting' END,"
        " handoff_at = CASE WHEN o.open THEN s.handoff_at ELSE now() END,"
        " handoff_email = CASE WHEN o.open THEN coalesce(nullif($3, ''), s.handoff_email)"
        " ELSE $3 END,"
        " handoff_note = CASE WHEN o.open THEN coalesce(nullif($4, ''), s.handoff_note)"
        " ELSE $4 END FROM o WHERE s.tenant_id = $1 AND s.id = o.id"
        " RETURNING s.handoff, (extract(epoch FROM s.handoff_at) * 1000)::bigint, NOT o.open"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(STATE_BYTES);
    struct cc_row row;
    int rc = cc_pg_run(pool, ask->tenant, &rows,
                       CC_STEPS(CC_STEP(ASK, cc_at(ask->tenant), cc_at(ask->session),
                                        cc_at(ask->email), cc_at(ask->note))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such session");
    row = cc_row(&rows, 0, 0, mem);
    ret->state = state_of(cc_row_text(&row));
    ret->at_ms = cc_row_int(&row);
    ret->news = cc_row_bool(&row);
    return 0;
}
