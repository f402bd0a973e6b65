#include "gateway/spend.h"

#include <string.h>

#include "gateway/gateway.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/bus/admit.h"
#include "proto/store/prices.h"
#include "proto/store/spend.h"

#define DAY_S      86400
#define SOON_S     5    /* others are under way, and most use less than they hold */
#define MAX_TOKENS 1024 /* of an answer, where the bot does not say */
#define MARGIN_MS  5000 /* clocks differ; after its deadline no model is asked any more */

/* "provider:model" of the tier; the worker knows better where a tenant has said it. */
static const char *model_of(const struct cc_guest *guest)
{
    bool paid = strcmp(guest->tier, "paid") == 0;
    const char *setting = cc_cfg(paid ? CC_CFG_MODEL_PAID : CC_CFG_MODEL_FREE);
    const char *colon = strchr(setting, ':');

    if (guest->bot.model && *guest->bot.model)
        return guest->bot.model;
    return colon ? colon + 1 : setting;
}

static int read_caps(const struct cc_guest *guest, struct cc_spend *ret)
{
    int rc = cc_limits_least((const char *[]){guest->limits, guest->ceiling}, 2, &ret->whole);

    return rc ? rc : cc_limits_least(&guest->bot.limits, 1, &ret->of_bot);
}

static bool is_capped(const struct cc_spend *spend)
{
    return cc_limits_capped(&spend->whole) || cc_limits_capped(&spend->of_bot);
}

static int refuse(struct cc_rq *rq, bool waits)
{
    int64_t wait_s = waits ? SOON_S : DAY_S - cc_unix_ms() / 1000 % DAY_S;

    cc_reply_header(rq, "retry-after", cc_arena_printf(rq->mem, "%lld", (long long)wait_s));
    return CC_E_QUOTA;
}

/* Who asks the same again joins the answer that there is. */
static bool is_known(const struct cc_chat_job *job)
{
    bool known = false;

    return *job->client_message && cc_admit_known(cc_gateway()->queue, job, &known) == 0 && known;
}

int cc_spend_ask(struct cc_rq *rq, const struct cc_chat_job *job)
{
    const struct cc_guest *guest = &rq->guest;
    struct cc_spend spend = {.tenant = job->tenant,
                             .bot = job->bot,
                             .answer = job->answer,
                             .input = (int64_t)strlen(job->message),
                             .output =
                                 guest->bot.max_tokens > 0 ? guest->bot.max_tokens : MAX_TOKENS,
                             .for_ms = job->deadline_ms - cc_unix_ms() + MARGIN_MS};
    bool waits = false;
    int rc = read_caps(guest, &spend);

    if (rc != 0 || !is_capped(&spend))
        return rc;
    spend.cost = cc_price_bound(cc_price_of(model_of(guest)), spend.input, spend.output);
    rc = cc_spend_reserve(cc_gateway()->pg, &spend, &waits);
    if (rc != CC_E_QUOTA)
        return rc;
    return is_known(job) ? 0 : refuse(rq, waits);
}

/* After any other failure nobody knows whether it was let in: then what is held expires. */
static bool was_refused(int rc)
{
    return rc == CC_E_TENANT_BUSY || rc == CC_E_BUSY || rc == CC_E_TOOBIG;
}

void cc_spend_admitted(struct cc_rq *rq, const struct cc_chat_job *job, int rc, bool first)
{
    struct cc_spend spend;

    if ((rc == 0 ? first : !was_refused(rc)) || read_caps(&rq->guest, &spend) != 0 ||
        !is_capped(&spend))
        return;
    rc = cc_spend_drop(cc_gateway()->pg, job->tenant, job->answer);
    if (rc != 0)
        cc_log_failure("hold_left", rc, cc_s("answer", job->answer));
}
