#include "worker/trial.h"

#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "proto/base/json.h"
#include "worker/credentials.h"
#include "worker/worker.h"

#define TOKENS  16
#define WITHIN  15000 /* ms */
#define PIECES  200
#define MESSAGE "Answer with the word OK."

struct trial {
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

    cc_task_deadline(end < until ? end : until);
    rc = ask(self, request, &t);
    cc_task_deadline(until);
    if (rc == CC_E_CANCELLED)
        return rc;
    *ret = rc ? bad(&t, cc_now() - began, rc) : good(&t, cc_now() - began);
    return 0;
}
