#include "worker/trial.h"

#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/log.h"
#include "proto/store/prices.h"
#include "proto/store/spend.h"
#include "proto/store/tenant.h"
#include "worker/credentials.h"
#include "worker/spend.h"
#include "worker/worker.h"

#define TOKENS  16
#define WITHIN  15000 /* ms */
#define PIECES  200
#define MESSAGE "Answer with the word OK."

struct trial {
    char id[CC_ID_MAX];
    bool may_cost; /* the service was asked */
    struct cc_llm_choice choice;
    struct cc_llm_usage usage;
};

static int read_all(struct cc_llm_call *call, int64_t end_ms, struct cc_llm_usage *ret)
{
    struct cc_llm_piece piece = {.text = ""};
    int rc = 0;

    for (int i = 0; i < PIECES && rc == 0 && !piece.end; i++) {
        rc = cc_llm_read(call, end_ms, &piece);
        if (rc == 0)
            *ret = piece.usage;
    }
    return rc;
}

/* ---- what it costs ---- */

static int64_t cost_of(const struct trial *t, int64_t input, int64_t output)
{
    return cc_price_bound(cc_price_of(t->choice.model), input, output);
}

/* Waits.  Where the tenant is capped, the most that the trial can use must fit.  QUOTA */
static int hold(struct cc_pg *pg, const struct cc_call_request *r, const struct cc_llm_request *req,
                struct trial *t)
{
    struct cc_spend spend = {.tenant = r->tenant,
                             .bot = "",
                             .answer = t->id,
                             .input = cc_spend_most_input(req),
                             .output = TOKENS,
                             .for_ms = 2 * WITHIN,
                             .of_bot = {-1, -1, -1}};
    struct cc_tenant_state state;
    bool waits;
    int rc = cc_tenant_state_get(pg, r->tenant, "", r->mem, &state);

    if (rc == 0)
        rc = cc_limits_least((const char *[]){state.limits, state.ceiling}, 2, &spend.whole);
    if (rc || !cc_limits_capped(&spend.whole))
        return rc;
    spend.cost = cost_of(t, spend.input, spend.output);
    return cc_spend_reserve(pg, &spend, &waits);
}

/* Waits.  If it fails, what is held goes by itself. */
static void book(struct cc_pg *pg, const struct cc_call_request *r, const struct trial *t)
{
    const struct cc_spend used = {.tenant = r->tenant,
                                  .bot = "",
                                  .answer = t->id,
                                  .model = t->choice.model,
                                  .input = t->usage.input,
                                  .output = t->usage.output,
                                  .cost = cost_of(t, t->usage.input, t->usage.output)};
    bool any = t->usage.input > 0 || t->usage.output > 0;
    int rc = any ? cc_spend_book(pg, &used) : cc_spend_drop(pg, r->tenant, t->id);

    if (rc)
        cc_log_failure("trial_not_booked", rc, cc_s("tenant", r->tenant));
}

/* ---- the trial ---- */

static int ask(struct cc_worker *worker, const struct cc_call_request *r, struct trial *t)
{
    CC_AUTOP(cc_llm_close) struct cc_llm_call *call = NULL;
    struct cc_llm_wish wish = {.tenant = r->tenant,
                               .tier = "free",
                               .provider = cc_json_str(r->body, "provider", ""),
                               .model = cc_json_str(r->body, "model", ""),
                               .temperature = -1};
    struct cc_llm_request req = {.http = worker->run->http,
                                 .mem = r->mem,
                                 .system = "You are being tried out.",
                                 .context = "",
                                 .message = MESSAGE};
    int64_t end_ms = cc_now() + WITHIN;
    int rc = cc_credentials_choose(worker->credentials, &wish, r->mem, &t->choice);

    if (rc)
        return rc;
    cc_llm_apply(&t->choice, &req);
    req.max_tokens = TOKENS;
    rc = hold(worker->run->pg, r, &req, t);
    if (rc)
        return rc;
    t->may_cost = true;
    rc = cc_llm_start(&t->choice, &req, &call);
    return rc ? rc : read_all(call, end_ms, &t->usage);
}

static json_t *good(const struct trial *t, int64_t took_ms)
{
    return json_pack("{s:b, s:s, s:I, s:{s:I, s:I}}", "ok", 1, "model", t->choice.model,
                     "latencyMs", (json_int_t)took_ms, "usage", "inputTokens",
                     (json_int_t)t->usage.input, "outputTokens", (json_int_t)t->usage.output);
}

static json_t *bad(const struct trial *t, int64_t took_ms, int code)
{
    json_t *json = json_pack("{s:b, s:I, s:s, s:s}", "ok", 0, "latencyMs", (json_int_t)took_ms,
                             "code", cc_error_name(code), "detail", cc_fail_text());

    if (json && t->choice.model)
        json_object_set_new(json, "model", json_string(t->choice.model));
    return json;
}

int cc_llm_trial(void *self, const struct cc_call_request *request, json_t **ret)
{
    struct trial t = {0};
    int64_t began = cc_now(), until = cc_task_deadline_at(), end = began + WITHIN;
    int rc;

    cc_id_random("try", t.id);
    cc_task_deadline(end < until ? end : until);
    rc = ask(self, request, &t);
    cc_task_deadline(until);
    if (rc != CC_E_CANCELLED)
        *ret = rc ? bad(&t, cc_now() - began, rc) : good(&t, cc_now() - began);
    if (t.may_cost)
        book(((struct cc_worker *)self)->run->pg, request, &t);
    return rc == CC_E_CANCELLED ? rc : 0;
}
