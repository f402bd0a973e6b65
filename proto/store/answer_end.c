/* How an attempt ends: finished, failed or handed on, and what it used is booked in the same
 * transaction. */
#include "proto/store/answer.h"
#include "proto/store/answer_inside.h"
#include "proto/store/spend_inside.h"

static int fenced(void)
{
    return cc_fail(CC_E_FENCED, "the answer is another attempt's");
}

/* ---- the hold ---- */

/* An earlier attempt may have left one even where nothing is capped any more. */
static bool has_hold(const struct cc_answer_result *r)
{
    return r->capped || r->attempt > 1;
}

#define END_HOLD(r)                                                                                \
    CC_STEP(cc_spend_end, cc_at((r)->tenant), cc_at((r)->answer), cc_ai((r)->attempt))

/* Waits.  The steps, with the hold's end before them where there may be one; ret->of[i] is that of
 * steps[i]. */
static int end(struct cc_pg *pool, const struct cc_answer_result *r, const struct cc_step *steps,
               size_t n, struct cc_rows *ret)
{
    struct cc_step all[CC_STEPS_MAX] = {END_HOLD(r)};
    size_t extra = has_hold(r) ? 1 : 0;

    for (size_t i = 0; i < n; i++)
        all[extra + i] = steps[i];
    return cc_pg_run(pool, r->tenant, ret, (struct cc_steps){all, n + extra});
}

/* Also true when it was our own commit of before whose answer we did not hear. */
static const struct cc_stmt FINISHED = {
    "SELECT 1 FROM answers WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND state = $4"
    " AND message_id IS NOT DISTINCT FROM $5 AND code = $6"};

/* ---- finished ---- */

/* Everything hangs on the first part: where the fence lets nothing through, nothing is stored.  The
 * answer and its row of the ledger have what all attempts used, the day's sums get what this one
 * did. */
static const struct cc_stmt FINISH = {
    "WITH a AS (UPDATE answers SET state = $4, message_id = $5, finish = $6, provider = $7,"
    " model = $8, input_tokens = input_tokens + $9, output_tokens = output_tokens + $10,"
    " cached_tokens = cached_tokens + $11, from_cache = $12, first_ms = $13, total_ms = $14,"
    " cost = cost + $17, ended_at = now(),"
    " unanswered = ($4 = 'done' AND $16 = '[]' AND $7 <> 'pinned')" CC_ANSWER_MINE " RETURNING *),"
    " m AS (INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources)"
    " SELECT tenant_id, message_id, session_id, id, 'assistant', $15, $16 FROM a),"
    " l AS (INSERT INTO usage_ledger (tenant_id, answer_id, bot_id, state, provider, model,"
    " input_tokens, output_tokens, cached_tokens, from_cache, cost)"
    " SELECT tenant_id, id, bot_id, state, provider, model, input_tokens, output_tokens,"
    " cached_tokens, from_cache, cost FROM a) " CC_DAILY_ADD "SELECT tenant_id, " CC_TODAY
    ", bot_id, model, 1, $9, $10, $11, $17 FROM a" CC_DAILY_SUM};

/* Only when this same transaction ended the answer: a repeated one does not count again. */
static const struct cc_stmt HIT = {
    "UPDATE pins SET hits = hits + 1, hit_at = now() WHERE tenant_id = $1 AND id = $5"
    " AND EXISTS (SELECT FROM answers WHERE tenant_id = $1 AND id = $2 AND attempt = $3"
    " AND message_id = $4 AND ended_at = now())"};

int cc_answer_finish(struct cc_pg *pool, const struct cc_answer_result *r)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_step steps[] = {
        CC_STEP(FINISH, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt), cc_at(r->state),
                cc_at(r->message), cc_at(r->finish), cc_at(r->provider), cc_at(r->model),
                cc_ai(r->input_tokens), cc_ai(r->output_tokens), cc_ai(r->cached_tokens),
                cc_ab(r->from_cache), cc_ai(r->first_ms), cc_ai(r->total_ms), cc_at(r->text),
                cc_at(r->sources), cc_ai(r->cost)),
        CC_STEP(FINISHED, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt), cc_at(r->state),
                cc_at(r->message), cc_at("")),
        CC_STEP(HIT, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt), cc_at(r->message),
                cc_at(r->pin))};
    int rc = end(pool, r, steps, r->pin ? 3 : 2, &rows);

    return rc == 0 && cc_rows_n(&rows, has_hold(r) ? 2 : 1) == 0 ? fenced() : rc;
}

/* ---- failed ---- */

/* A row of the ledger only if something was used. */
static const struct cc_stmt FAIL = {
    "WITH a AS (UPDATE answers SET state = $4, code = $5, provider = coalesce($6, provider),"
    " model = coalesce($7, model), input_tokens = input_tokens + $8,"
    " output_tokens = output_tokens + $9, cached_tokens = cached_tokens + $10, cost = cost + $11,"
    " ended_at = now()" CC_ANSWER_MINE " RETURNING *),"
    " l AS (INSERT INTO usage_ledger (tenant_id, answer_id, bot_id, state, provider, model,"
    " input_tokens, output_tokens, cached_tokens, from_cache, cost)"
    " SELECT tenant_id, id, bot_id, state, provider, model, input_tokens, output_tokens,"
    " cached_tokens, false, cost FROM a WHERE input_tokens + output_tokens + cost > "
    "0) " CC_DAILY_ADD "SELECT tenant_id, " CC_TODAY ", bot_id, model, 0, $8, $9, $10, $11 FROM a"
    " WHERE $8::bigint + $9::bigint + $11::bigint > 0" CC_DAILY_SUM};

int cc_answer_fail(struct cc_pg *pool, const struct cc_answer_result *r, const char *code)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_step steps[] = {
        CC_STEP(FAIL, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt), cc_at(r->state),
                cc_at(code), cc_at(r->provider), cc_at(r->model), cc_ai(r->input_tokens),
                cc_ai(r->output_tokens), cc_ai(r->cached_tokens), cc_ai(r->cost)),
        CC_STEP(FINISHED, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt), cc_at(r->state),
                cc_at(NULL), cc_at(code))};
    int rc = end(pool, r, steps, 2, &rows);

    return rc == 0 && cc_rows_n(&rows, has_hold(r) ? 2 : 1) == 0 ? fenced() : rc;
}

/* ---- handed on ---- */

/* Not a second time when the first one's reply was lost. */
static const struct cc_stmt BOOK = {
    "WITH f AS (SELECT id, bot_id FROM answers" CC_ANSWER_MINE
    " AND lease_until > '-infinity' FOR UPDATE),"
    " a AS (UPDATE answers SET provider = $4, model = $5,"
    " input_tokens = answers.input_tokens + $6, output_tokens = answers.output_tokens + $7,"
    " cached_tokens = answers.cached_tokens + $8, cost = answers.cost + $9 FROM f"
    " WHERE answers.tenant_id = $1 AND answers.id = f.id) " CC_DAILY_ADD "SELECT $1, " CC_TODAY
    ", bot_id, $5, 0, $6, $7, $8, $9 FROM f" CC_DAILY_SUM};

static const struct cc_stmt RELEASE = {
    "UPDATE answers SET lease_until = '-infinity'" CC_ANSWER_MINE};

int cc_answer_release(struct cc_pg *pool, const struct cc_answer_result *r)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_step steps[] = {
        CC_STEP(BOOK, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt), cc_at(r->provider),
                cc_at(r->model), cc_ai(r->input_tokens), cc_ai(r->output_tokens),
                cc_ai(r->cached_tokens), cc_ai(r->cost)),
        CC_STEP(cc_spend_rest, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt),
                cc_ai(r->input_tokens), cc_ai(r->output_tokens), cc_ai(r->cost)),
        CC_STEP(RELEASE, cc_at(r->tenant), cc_at(r->answer), cc_ai(r->attempt))};
    bool book = r->capped || r->input_tokens + r->output_tokens > 0;
    int from = book ? 0 : 2, rc;

    rc = cc_pg_run(pool, r->tenant, &rows, (struct cc_steps){steps + from, (size_t)(3 - from)});
    return rc == 0 && cc_rows_changed(&rows, 2 - from) == 0 ? fenced() : rc;
}
