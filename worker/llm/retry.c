/* Asks a provider, again if that may help, until the first piece is there. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "worker/llm/breaker.h"
#include "worker/llm/llm.h"

#define BACKOFF_MS  400   /* before the second try; doubles */
#define PATIENCE_MS 20000 /* a longer Retry-After is a refusal */

struct cc_llm_call {
    const struct cc_llm_provider *provider;
    void *self;
    struct cc_llm_piece first; /* read by the start, not handed out yet */
    bool held;
};

/* Not to be kept over a wait: its place may be another's then. */
static struct cc_breaker *breaker_of(const struct cc_llm_choice *choice)
{
    return choice->provider->remote ? cc_breaker_of(choice->account, cc_now()) : NULL;
}

static bool worth_another(int rc)
{
    return rc == CC_E_UPSTREAM || rc == CC_E_TIMEOUT;
}

static void tell_breaker(struct cc_breaker *breaker, int rc, bool busy)
{
    if (!breaker)
        return;
    if (rc == 0 || rc == CC_E_REFUSED)
        cc_breaker_success(breaker); /* it answers */
    else if (worth_another(rc) && !busy)
        cc_breaker_failure(breaker, cc_now());
    else
        cc_breaker_unknown(breaker, cc_now());
}

/* One try: the start and the first piece. */
static int ask_once(const struct cc_llm_choice *choice, const struct cc_llm_request *req,
                    struct cc_llm_call *call, struct cc_llm_started *started)
{
    int64_t deadline = cc_now() + cc_cfg_int(CC_CFG_LLM_FIRST_MS);

    *started = (struct cc_llm_started){.retry_after_s = -1};
    int rc = choice->provider->start(req, started);
    if (rc)
        return rc;
    rc = choice->provider->read(started->call, deadline, &call->first);
    if (rc) {
        choice->provider->close(started->call);
        return rc == CC_E_TIMEOUT ? cc_fail(rc, "%s: no first token", choice->provider->name) : rc;
    }
    call->provider = choice->provider;
    call->self = started->call;
    call->held = true;
    return 0;
}

static int ask_if_well(const struct cc_llm_choice *choice, const struct cc_llm_request *req,
                       struct cc_llm_call *call, struct cc_llm_started *started)
{
    struct cc_breaker *breaker = breaker_of(choice);

    *started = (struct cc_llm_started){.retry_after_s = -1};
    if (breaker && !cc_breaker_lets(breaker, cc_now()))
        return cc_fail(CC_E_UPSTREAM, "%s: has failed too often, not asked for a while",
                       choice->provider->name);
    int rc = ask_once(choice, req, call, started);
    tell_breaker(breaker_of(choice), rc, started->busy);
    if (rc)
        cc_metric_add(CC_M_LLM_ERRORS, CC_LABELS(choice->provider->name, cc_error_name(rc)), 1);
    return rc;
}

/* As told, else doubling; with jitter, so that those who failed together do not come together. */
static int64_t pause_ms(int tried, int retry_after_s)
{
    uint32_t random;
    int64_t base = (int64_t)BACKOFF_MS << (tried - 1);

    cc_random(&random, sizeof random);
    if (retry_after_s >= 0)
        return retry_after_s * INT64_C(1000) + random % 250;
    return base / 2 + random % base;
}

static int try_all(const struct cc_llm_choice *choice, const struct cc_llm_request *req,
                   struct cc_llm_call *call)
{
    int64_t tries = cc_cfg_int(CC_CFG_LLM_TRIES);

    for (int tried = 1;; tried++) {
        struct cc_llm_started started;
        int rc = ask_if_well(choice, req, call, &started);

        if (rc == 0 || !worth_another(rc) || tried >= tries)
            return rc;
        int64_t ms = pause_ms(tried, started.retry_after_s);
        if (ms > PATIENCE_MS)
            return rc;
        cc_log_failure("llm_try", rc, cc_s("provider", choice->provider->name),
                       cc_i("tried", tried), cc_i("pause_ms", ms));
        rc = cc_sleep(ms);
        if (rc)
            return rc;
    }
}

int cc_llm_start(const struct cc_llm_choice *choice, const struct cc_llm_request *req,
                 struct cc_llm_call **ret)
{
    struct cc_llm_call *call = calloc(1, sizeof *call);

    if (!call)
        abort();
    int rc = try_all(choice, req, call);
    if (rc)
        free(call);
    else
        *ret = call;
    return rc;
}

int cc_llm_read(struct cc_llm_call *call, int64_t deadline_ms, struct cc_llm_piece *ret)
{
    if (!call->held)
        return call->provider->read(call->self, deadline_ms, ret);
    *ret = call->first;
    call->held = false;
    return 0;
}

void cc_llm_close(struct cc_llm_call **p)
{
    struct cc_llm_call *call = *p;

    if (!call)
        return;
    call->provider->close(call->self);
    free(call);
    *p = NULL;
}
