#include "worker/spend.h"

#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/store/prices.h"
#include "proto/store/spend.h"

#define MARGIN_MS 180000 /* a store that is down is waited for so long after the deadline */

/* What a service puts around each message and around all, in tokens; a byte is one at most. */
#define AROUND_ONE 16
#define AROUND_ALL 64

void cc_spend_caps(struct cc_chat *chat)
{
    const struct cc_turn *turn = &chat->turn;
    const char *tenant[] = {turn->tenant.limits, turn->tenant.ceiling};
    int rc = cc_limits_least(tenant, 2, &chat->caps);

    if (rc == 0)
        rc = cc_limits_least(&turn->bot.limits, 1, &chat->bot_caps);
    if (rc) {
        cc_log_failure("limits_unreadable", rc, cc_s("tenant", chat->job.tenant),
                       cc_s("bot", chat->job.bot));
        chat->caps = (struct cc_limits){.per_minute = -1};
    }
    chat->capped = rc || cc_limits_capped(&chat->caps) || cc_limits_capped(&chat->bot_caps);
}

int64_t cc_spend_prompt_bytes(const struct cc_llm_request *req)
{
    size_t bytes = strlen(req->system) + strlen(req->context) + strlen(req->message);

    for (int i = 0; i < req->history_n; i++)
        bytes += strlen(req->history[i].text);
    return (int64_t)bytes;
}

int64_t cc_spend_most_input(const struct cc_llm_request *req)
{
    return cc_spend_prompt_bytes(req) + AROUND_ALL + (req->history_n + 2) * AROUND_ONE;
}

int cc_spend_hold(struct cc_chat *chat)
{
    const struct cc_llm_request *req = &chat->request;
    struct cc_spend spend = {
        .tenant = chat->job.tenant,
        .bot = chat->job.bot,
        .answer = chat->job.answer,
        .attempt = chat->attempt,
        .model = chat->choice.model,
        .input = cc_spend_most_input(req),
        .output = req->max_tokens,
        .for_ms = chat->job.deadline_ms - cc_unix_ms() + MARGIN_MS,
        .whole = chat->caps,
        .of_bot = chat->bot_caps,
    };

    if (!chat->capped)
        return 0;
    spend.cost = cc_price_bound(cc_price_of(spend.model), spend.input, spend.output);
    return cc_spend_raise(chat->worker->run->pg, &spend);
}

void cc_spend_give_back(struct cc_chat *chat)
{
    int rc = cc_spend_drop(chat->worker->run->pg, chat->job.tenant, chat->job.answer);

    if (rc)
        cc_log_failure("hold_left", rc, cc_s("answer", chat->job.answer));
}

/* Counts of services are input from outside. */
static int64_t count(int64_t tokens, int64_t max)
{
    return tokens < 0 ? 0 : tokens > max ? max : tokens;
}

struct cc_answer_result cc_spend_so_far(const struct cc_chat *chat)
{
    const struct cc_llm_usage *usage = &chat->usage;
    bool chosen = chat->choice.provider != NULL;
    struct cc_answer_result result = {
        .tenant = chat->job.tenant,
        .answer = chat->job.answer,
        .bot = chat->job.bot,
        .session = chat->job.session,
        .attempt = chat->attempt,
        .capped = chat->capped,
        .provider = chosen ? chat->choice.provider->name : "",
        .model = chosen ? chat->choice.model : "",
        .input_tokens = count(usage->input, CC_TOKENS_MAX),
        .output_tokens = count(usage->output, CC_TOKENS_MAX),
    };

    result.cached_tokens = count(usage->cached, result.input_tokens);
    result.cost = cc_price_cost(cc_price_of(result.model), result.input_tokens,
                                result.cached_tokens, result.output_tokens);
    return result;
}

static int book_erased(const struct cc_chat *chat, const struct cc_answer_result *used)
{
    struct cc_pg *pg = chat->worker->run->pg;
    struct cc_answer_view view;
    int rc = cc_answer_read(pg, used->tenant, used->answer, chat->mem, &view);

    return rc != CC_E_NOTFOUND ? rc
                               : cc_spend_book(pg, &(struct cc_spend){.tenant = used->tenant,
                                                                      .bot = used->bot,
                                                                      .answer = used->answer,
                                                                      .model = used->model,
                                                                      .input = used->input_tokens,
                                                                      .output = used->output_tokens,
                                                                      .cost = used->cost});
}

void cc_spend_fenced(struct cc_chat *chat)
{
    const struct cc_answer_result used = cc_spend_so_far(chat);
    int rc = 0;

    if (chat->attempt > 0 && used.input_tokens + used.output_tokens > 0)
        rc = book_erased(chat, &used);
    if (rc)
        cc_log_failure("use_unbooked", rc, cc_s("answer", chat->job.answer));
}
