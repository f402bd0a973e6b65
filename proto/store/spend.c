#include "proto/store/spend.h"

#include "proto/store/answer_inside.h"
#include "proto/store/spend_inside.h"

/* One after the other for each tenant.  A statement of its own: what comes after it sees all that
 * was committed while it waited. */
static const struct cc_stmt LOCK = {
    "SELECT pg_advisory_xact_lock(hashtextextended('spend ' || $1, 0))"};

/* If the server dies, reservations of its last moments may go: nothing has been spent on them
 * before they are raised. */
static const struct cc_stmt SOON = {"SELECT set_config('synchronous_commit', 'off', true)"};

/* ---- sums ---- */

#define SUMS                                                                                       \
    "coalesce(sum(cost), 0)::bigint AS cost,"                                                      \
    " coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens,"                           \
    " coalesce(sum(cost) FILTER (WHERE bot_id = $3), 0)::bigint AS bot_cost,"                      \
    " coalesce(sum(input_tokens + output_tokens) FILTER (WHERE bot_id = $3), 0)::bigint"           \
    " AS bot_tokens"

/*
 * $1 tenant, $2 answer, $3 bot; $4 input, $5 output, $6 cost that are wanted; caps: $7 cost and $8
 * tokens of the tenant, $9 and $10 of the bot, -1: none.  The answer's own hold does not count: it
 * is what changes.  room.fits: under all caps; room.alone: it would without other holds.
 */
#define ROOM                                                                                       \
    "used AS (SELECT " SUMS " FROM usage_daily WHERE tenant_id = $1 AND day = " CC_TODAY "),"      \
    " held AS (SELECT " SUMS " FROM spend_holds WHERE tenant_id = $1 AND answer_id <> $2"          \
    " AND expires_at > now()),"                                                                    \
    " room AS (SELECT bool_and(c.cap < 0 OR c.used + c.held + c.wanted <= c.cap) AS fits,"         \
    " bool_and(c.cap < 0 OR c.used + c.wanted <= c.cap) AS alone"                                  \
    " FROM used u, held h, LATERAL (VALUES"                                                        \
    " ($7::bigint, u.cost, h.cost, $6::bigint),"                                                   \
    " ($8::bigint, u.tokens, h.tokens, $4::bigint + $5::bigint),"                                  \
    " ($9::bigint, u.bot_cost, h.bot_cost, $6::bigint),"                                           \
    " ($10::bigint, u.bot_tokens, h.bot_tokens, $4::bigint + $5::bigint))"                         \
    " AS c (cap, used, held, wanted))"

#define ROOM_ARGS(s)                                                                               \
    cc_at((s)->tenant), cc_at((s)->answer), cc_at((s)->bot), cc_ai((s)->input),                    \
        cc_ai((s)->output), cc_ai((s)->cost), cc_ai((s)->whole.spend), cc_ai((s)->whole.tokens),   \
        cc_ai((s)->of_bot.spend), cc_ai((s)->of_bot.tokens)

#define PUT                                                                                        \
    "INSERT INTO spend_holds AS s (tenant_id, answer_id, bot_id, attempt, model, input_tokens,"    \
    " output_tokens, cost, expires_at) "

static int full(void)
{
    return cc_fail(CC_E_QUOTA, "the day's limit of tokens or money is reached");
}

/* ---- reserve, drop ---- */

/* What has expired goes on this occasion. */
static const struct cc_stmt RESERVE = {
    "WITH gone AS (DELETE FROM spend_holds WHERE tenant_id = $1 AND expires_at <= now()"
    " AND answer_id <> $2), " ROOM ", put AS (" PUT
    "SELECT $1, $2, $3, 0, '', $4, $5, $6, now() + $11 * interval '1 ms' FROM room WHERE fits"
    " ON CONFLICT (tenant_id, answer_id) DO UPDATE SET input_tokens = excluded.input_tokens,"
    " output_tokens = excluded.output_tokens, cost = excluded.cost,"
    " expires_at = excluded.expires_at WHERE s.attempt = 0)"
    " SELECT fits, alone FROM room"};

int cc_spend_reserve(struct cc_pg *pool, const struct cc_spend *s, bool *ret_waits)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, s->tenant, &rows,
                       CC_STEPS(CC_PLAIN_STEP(SOON), CC_STEP(LOCK, cc_at(s->tenant)),
                                CC_STEP(RESERVE, ROOM_ARGS(s), cc_ai(s->for_ms))));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 2, 0, NULL);
    bool fits = cc_row_bool(&row);
    *ret_waits = cc_row_bool(&row);
    return fits ? 0 : full();
}

int cc_spend_drop(struct cc_pg *pool, const char *tenant, const char *answer)
{
    static const struct cc_stmt DROP = {
        "DELETE FROM spend_holds WHERE tenant_id = $1 AND answer_id = $2 AND attempt = 0"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(DROP, cc_at(tenant), cc_at(answer))));
}

int cc_spend_book(struct cc_pg *pool, const struct cc_spend *s)
{
    static const struct cc_stmt BOOK = {
        "WITH h AS (DELETE FROM spend_holds WHERE tenant_id = $1 AND answer_id = $2)" CC_DAILY_ADD
        "VALUES ($1, " CC_TODAY ", $3, $4, 0, $5, $6, 0, $7)" CC_DAILY_SUM};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(
        pool, s->tenant, &rows,
        CC_STEPS(CC_STEP(BOOK, cc_at(s->tenant), cc_at(s->answer), cc_at(s->bot), cc_at(s->model),
                         cc_ai(s->input), cc_ai(s->output), cc_ai(s->cost))));
}

/* ---- raise ---- */

const struct cc_stmt cc_spend_end = {
    "WITH f AS (SELECT id FROM answers" CC_ANSWER_MINE " FOR UPDATE),"
    " h AS (DELETE FROM spend_holds s USING f WHERE s.tenant_id = $1 AND s.answer_id = f.id"
    " RETURNING s.bot_id, s.attempt, s.model, s.input_tokens, s.output_tokens, s.cost),"
    " lost AS (SELECT * FROM h WHERE attempt > 0 AND attempt < $3),"
    " a AS (UPDATE answers SET input_tokens = answers.input_tokens + lost.input_tokens,"
    " output_tokens = answers.output_tokens + lost.output_tokens, cost = answers.cost + lost.cost"
    " FROM lost WHERE answers.tenant_id = $1 AND answers.id = $2) " CC_DAILY_ADD
    "SELECT $1, " CC_TODAY ", bot_id, model, 0, input_tokens, output_tokens, 0, cost"
    " FROM lost" CC_DAILY_SUM};

const struct cc_stmt cc_spend_rest = {
    "UPDATE spend_holds SET attempt = 0, input_tokens = greatest(input_tokens - $4, 0),"
    " output_tokens = greatest(output_tokens - $5, 0), cost = greatest(cost - $6, 0)"
    " WHERE tenant_id = $1 AND answer_id = $2 AND attempt = $3 AND EXISTS (SELECT FROM answers"
    " WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND state = 'running')"};

/* Counted until the day is over at least: then nobody's sum needs it any more. */
static const struct cc_stmt RAISE = {
    "WITH f AS (SELECT 1 FROM answers WHERE tenant_id = $1 AND id = $2 AND attempt = $12"
    " AND state = 'running'), " ROOM ", put AS (" PUT
    "SELECT $1, $2, $3, $12, $13, $4, $5, $6, greatest(now() + $11 * interval '1 ms',"
    " (" CC_TODAY " + 1)::timestamp AT TIME ZONE 'UTC') FROM room, f WHERE fits)"
    " SELECT EXISTS (SELECT FROM f), fits FROM room"};

int cc_spend_raise(struct cc_pg *pool, const struct cc_spend *s)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, s->tenant, &rows,
        CC_STEPS(
            CC_STEP(LOCK, cc_at(s->tenant)),
            CC_STEP(cc_spend_end, cc_at(s->tenant), cc_at(s->answer), cc_ai(s->attempt)),
            CC_STEP(RAISE, ROOM_ARGS(s), cc_ai(s->for_ms), cc_ai(s->attempt), cc_at(s->model))));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 2, 0, NULL);
    if (!cc_row_bool(&row))
        return cc_fail(CC_E_FENCED, "the answer is another attempt's");
    return cc_row_bool(&row) ? 0 : full();
}

/* ---- today ---- */

/* One statement: what moves from the holds to the sums meanwhile is seen once. */
int cc_spend_today(struct cc_pg *pool, const char *tenant, const char *bot, struct cc_spent *ret)
{
    static const struct cc_stmt TODAY = {
        "WITH used AS (SELECT coalesce(sum(cost), 0)::bigint AS cost,"
        " coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens,"
        " coalesce(sum(answers), 0)::bigint AS answers FROM usage_daily"
        " WHERE tenant_id = $1 AND day = " CC_TODAY " AND ($2 = '' OR bot_id = $2)),"
        " held AS (SELECT coalesce(sum(cost), 0)::bigint AS cost,"
        " coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens FROM spend_holds"
        " WHERE tenant_id = $1 AND expires_at > now() AND ($2 = '' OR bot_id = $2))"
        " SELECT used.cost, used.tokens, used.answers, held.cost, held.tokens FROM used, held"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(TODAY, cc_at(tenant), cc_at(bot))));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 0, 0, NULL);
    ret->cost = cc_row_int(&row);
    ret->tokens = cc_row_int(&row);
    ret->answers = cc_row_int(&row);
    ret->held_cost = cc_row_int(&row);
    ret->held_tokens = cc_row_int(&row);
    return 0;
}

json_t *cc_spent_json(const struct cc_spent *spent)
{
    return json_pack("{s:o, s:o, s:I, s:I, s:I}", "spent", cc_money_json(spent->cost), "reserved",
                     cc_money_json(spent->held_cost), "tokens", (json_int_t)spent->tokens,
                     "reservedTokens", (json_int_t)spent->held_tokens, "answers",
                     (json_int_t)spent->answers);
}
