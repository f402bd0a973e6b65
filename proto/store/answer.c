#include "proto/store/answer.h"

#include <string.h>

#include "proto/base/id.h"
#include "proto/store/answer_inside.h"
#include "proto/store/turn_inside.h"

#define BOT_LIVES                                                                                  \
    " NOT EXISTS (SELECT FROM bots b WHERE b.tenant_id = $1 AND b.id = $3"                         \
    " AND b.deleted_at IS NOT NULL)"

const struct cc_stmt cc_answer_session = {
    "INSERT INTO sessions (tenant_id, id, bot_id, visitor_id) SELECT $1, $2, $3, $4 WHERE" BOT_LIVES
    " ON CONFLICT (tenant_id, id) DO NOTHING"};

/*
 * The session, if it is this visitor's, if the bot is not deleted, and if neither it nor he was
 * erased after this was asked; else '', which is no session: then the whole transaction is refused.
 * $12: the visitor, $13, $14: what erasures call him and the session.  A statement of its own that
 * comes after those which wait for an erasure under way sees what that has done.
 */
#define HIS_SESSION                                                                                \
    "coalesce((SELECT s.id FROM sessions s WHERE s.tenant_id = $1 AND s.id = $4"                   \
    " AND s.visitor_id = $12 AND" BOT_LIVES                                                        \
    " AND NOT EXISTS (SELECT FROM erasures e WHERE e.tenant_id = $1"                               \
    " AND e.subject IN ($13, $14) AND e.asked_at >= to_timestamp($9::float8 / 1000))), '')"

/* Takes the answer if it is new, or if its owner's lease has run out; the first claim also stores
 * the question. */
const struct cc_stmt cc_answer_take = {
    "WITH a AS (INSERT INTO answers (tenant_id, id, bot_id, session_id, client_message, state,"
    " attempt, lease_until, owner, tier, asked_at)"
    " VALUES ($1, $2, $3, " HIS_SESSION ", nullif($5, ''), 'running', 1,"
    " now() + $6 * interval '1 ms', $7, $8, to_timestamp($9::float8 / 1000))"
    " ON CONFLICT (tenant_id, id) DO UPDATE SET attempt = answers.attempt + 1,"
    " lease_until = excluded.lease_until, owner = excluded.owner"
    " WHERE answers.state = 'running' AND answers.lease_until < now()"
    " RETURNING attempt),"
    " q AS (INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources)"
    " SELECT $1, $10, $4, $2, 'user', $11, '[]' FROM a WHERE attempt = 1)"
    " SELECT attempt FROM a"};

const struct cc_stmt cc_answer_look = {
    "SELECT state = 'running', attempt, EXISTS (SELECT FROM session_files f"
    " WHERE f.tenant_id = $1 AND f.session_id = answers.session_id)"
    " FROM answers WHERE tenant_id = $1 AND id = $2"};

int cc_claimed_row(const struct cc_rows *rows, int take, int look, struct cc_claimed *ret)
{
    if (cc_rows_n(rows, look) == 0)
        return cc_fail(CC_E_REPLY, "the claimed answer is not there");
    struct cc_row row = cc_row(rows, look, 0, NULL);
    bool running = cc_row_bool(&row);
    ret->outcome = !running                    ? CC_CLAIM_OVER
                   : cc_rows_n(rows, take) > 0 ? CC_CLAIM_OURS
                                               : CC_CLAIM_RUNNING;
    ret->attempt = cc_row_int(&row);
    ret->files = cc_row_bool(&row);
    return 0;
}

int cc_answer_beat(struct cc_pg *pool, const char *tenant, const char *answer, int64_t attempt,
                   int lease_ms)
{
    static const struct cc_stmt BEAT = {
        "UPDATE answers SET lease_until = now() + $4 * interval '1 ms'" CC_ANSWER_MINE};

    return cc_pg_must(pool, tenant,
                      (struct cc_step)CC_STEP(BEAT, cc_at(tenant), cc_at(answer), cc_ai(attempt),
                                              cc_ai(lease_ms)),
                      CC_E_FENCED, "the answer is another attempt's");
}

static void read_view(struct cc_row row, struct cc_answer_view *ret)
{
    ret->state = cc_row_text(&row);
    ret->session = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->visitor = cc_row_text(&row);
    ret->message = cc_row_text(&row);
    ret->text = cc_row_text(&row);
    ret->sources = cc_row_text(&row);
    ret->finish = cc_row_text(&row);
    ret->code = cc_row_text(&row);
    ret->model = cc_row_text(&row);
    ret->attempt = cc_row_int(&row);
    ret->input_tokens = cc_row_int(&row);
    ret->output_tokens = cc_row_int(&row);
    ret->cached_tokens = cc_row_int(&row);
    ret->from_cache = cc_row_bool(&row);
}

int cc_answer_read(struct cc_pg *pool, const char *tenant, const char *answer, struct cc_arena *mem,
                   struct cc_answer_view *ret)
{
    static const struct cc_stmt READ = {
        "SELECT a.state, a.session_id, a.bot_id, s.visitor_id, a.message_id, m.text,"
        " coalesce(m.sources, '[]'),"
        " a.finish, a.code, a.model, a.attempt, a.input_tokens, a.output_tokens, a.cached_tokens,"
        " a.from_cache FROM answers a"
        " JOIN sessions s ON s.tenant_id = a.tenant_id AND s.id = a.session_id"
        " LEFT JOIN messages m ON m.tenant_id = a.tenant_id AND m.answer_id = a.id"
        " AND m.role = 'assistant'"
        " WHERE a.tenant_id = $1 AND a.id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(READ, cc_at(tenant), cc_at(answer))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such answer");
    read_view(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}
