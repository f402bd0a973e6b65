#include "proto/store/turn.h"

#include <string.h>

#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/store/turn_inside.h"

enum { VISITOR, SESSION, TAKE, LOOK, BOT, MESSAGES, TENANT }; /* the steps, in their order */

static void read_messages(const struct cc_rows *rows, struct cc_arena *mem, struct cc_turn *ret)
{
    int n = cc_rows_n(rows, MESSAGES);

    ret->messages = cc_arena_array(mem, (size_t)n, sizeof *ret->messages);
    for (int i = 0; i < n; i++)
        cc_message_row(cc_row(rows, MESSAGES, n - 1 - i, mem), &ret->messages[i]);
    ret->messages_n = n;
}

static void read_turn(const struct cc_rows *rows, struct cc_arena *mem, struct cc_turn *ret)
{
    if (cc_rows_n(rows, BOT) > 0) {
        struct cc_row bot = cc_row(rows, BOT, 0, mem);

        cc_bot_row(&bot, &ret->bot);
    }
    if (cc_rows_n(rows, TENANT) > 0) {
        struct cc_row tenant = cc_row(rows, TENANT, 0, mem);

        cc_tenant_state_row(&tenant, &ret->tenant);
    }
    read_messages(rows, mem, ret);
}

/* Only who has said who he is has a row: the others' claims go without the first step. */
static int run(struct cc_pg *pool, const char *tenant, const struct cc_steps *steps, bool visitor,
               struct cc_rows *ret)
{
    int rc;

    if (visitor)
        return cc_pg_run(pool, tenant, ret, *steps);
    rc = cc_pg_run(pool, tenant, ret, (struct cc_steps){steps->step + 1, steps->n - 1});
    memmove(&ret->of[SESSION], &ret->of[VISITOR], (steps->n - 1) * sizeof ret->of[0]);
    ret->of[VISITOR] = NULL;
    return rc;
}

static const char *sha256(const char *text, char out[CC_SHA256_HEX])
{
    return cc_sha256_hex(text, strlen(text), out);
}

static const char *text(const char *may_be_null)
{
    return may_be_null ? may_be_null : "";
}

/* What is asked for does not depend on whether the claim succeeds: it seldom fails, and a second
 * round trip would cost each answer more than some rows in vain cost those few. */
int cc_turn_begin(struct cc_pg *pool, const struct cc_answer_claim *c, int history,
                  struct cc_arena *mem, struct cc_turn *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    char question[CC_ID_MAX], visitor_is[CC_SHA256_HEX], session_is[CC_SHA256_HEX];
    const char *visitor = text(c->visitor), *external = text(c->visitor_external);
    const struct cc_steps steps =
        CC_STEPS(CC_STEP(cc_visitor_seen, cc_at(c->tenant), cc_at(visitor), cc_at(external),
                         cc_at(text(c->visitor_name)), cc_at(text(c->visitor_email))),
                 CC_STEP(cc_answer_session, cc_at(c->tenant), cc_at(c->session), cc_at(c->bot),
                         cc_at(visitor)),
                 CC_STEP(cc_answer_take, cc_at(c->tenant), cc_at(c->answer), cc_at(c->bot),
                         cc_at(c->session), cc_at(c->client_message), cc_ai(c->lease_ms),
                         cc_at(c->owner), cc_at(c->tier), cc_ai(c->asked_ms),
                         cc_at(cc_id_sorted("msg", question)), cc_at(c->question), cc_at(visitor),
                         cc_at(sha256(visitor, visitor_is)), cc_at(sha256(c->session, session_is))),
                 CC_STEP(cc_answer_look, cc_at(c->tenant), cc_at(c->answer)),
                 CC_STEP(cc_bot_by_id, cc_at(c->tenant), cc_at(c->bot)),
                 CC_STEP(cc_message_last, cc_at(c->tenant), cc_at(c->session), cc_at(c->answer),
                         cc_at(""), cc_ai(history)),
                 CC_STEP(cc_tenant_state, cc_at(c->tenant), cc_at(c->bot)));
    int rc = run(pool, c->tenant, &steps, *external != '\0', &rows);

    if (rc)
        return rc;
    *ret = (struct cc_turn){.tenant.embedding = ""};
    rc = cc_claimed_row(&rows, TAKE, LOOK, &ret->claimed);
    if (rc == 0 && ret->claimed.outcome == CC_CLAIM_OURS)
        read_turn(&rows, mem, ret);
    return rc;
}
