/* The end of an answer in PostgreSQL: before the visitor hears of it, before the job is given up.
 */
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/answer.h"
#include "worker/insist.h"

#define RECORD_MS 120000 /* how long a store that is down is waited for */

struct record {
    struct cc_chat *chat;
    struct cc_answer_result result;
};

static int finish(void *arg)
{
    const struct record *record = arg;

    return cc_answer_finish(record->chat->worker->run->pg, &record->result);
}

static void count_tokens(const struct cc_chat *chat, const char *model)
{

    cc_metric_add(CC_M_LLM_TOKENS, CC_LABELS(model, "input"),
                  (double)(chat->usage.input - chat->usage.cached));
    cc_metric_add(CC_M_LLM_TOKENS, CC_LABELS(model, "cached"), (double)chat->usage.cached);
    cc_metric_add(CC_M_LLM_TOKENS, CC_LABELS(model, "output"), (double)chat->usage.output);
}

int cc_record(struct cc_chat *chat, const char *state)
{
    int64_t now = cc_unix_ms(), first = chat->first_unix_ms ? chat->first_unix_ms : now;
    bool chosen = chat->choice.provider != NULL; /* a visitor may stop us before */
    struct record record = {
        .chat = chat,
        .result =
            {
                .tenant = chat->job.tenant,
                .answer = chat->job.answer,
                .bot = chat->job.bot,
                .session = chat->job.session,
                .attempt = chat->attempt,
                .state = state,
                .message = chat->message,
                .text = chat->text.bytes,
                .sources = chat->sources,
                .provider = chat->pin ? "pinned"
                            : chosen  ? chat->choice.provider->name
                                      : "",
                .model = chosen && !chat->pin ? chat->choice.model : "",
                .pin = chat->pin,
                .finish = chat->finish,
                .input_tokens = chat->usage.input,
                .output_tokens = chat->usage.output,
                .cached_tokens = chat->usage.cached,
                .from_cache = chat->from_cache,
                .first_ms = first - chat->job.asked_ms,
                .total_ms = now - chat->job.asked_ms,
            },
    };
    int rc = cc_insist(finish, &record, RECORD_MS);

    if (rc == 0) {
        chat->ending = true;
        count_tokens(chat, record.result.model);
    } else if (rc == CC_E_FENCED) {
        cc_metric_add(CC_M_FENCED, CC_LABELS("record"), 1);
    }
    return rc;
}
