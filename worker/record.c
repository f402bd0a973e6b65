/* The end of an answer in PostgreSQL: before the visitor hears of it, before the job is given up.
 */
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/answer.h"
#include "worker/insist.h"
#include "worker/spend.h"

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

/* A pinned answer is nobody's but its owner's. */
static struct cc_answer_result describe(const struct cc_chat *chat, const char *state)
{
    int64_t now = cc_unix_ms(), first = chat->first_unix_ms ? chat->first_unix_ms : now;
    struct cc_answer_result result = cc_spend_so_far(chat);

    result.state = state;
    result.message = chat->message;
    result.text = chat->text.bytes;
    result.sources = chat->sources;
    result.pin = chat->pin;
    result.finish = chat->finish;
    result.from_cache = chat->from_cache;
    result.first_ms = first - chat->job.asked_ms;
    result.total_ms = now - chat->job.asked_ms;
    if (chat->pin) {
        result.provider = "pinned";
        result.model = "";
    }
    return result;
}

int cc_record(struct cc_chat *chat, const char *state)
{
    struct record record = {.chat = chat, .result = describe(chat, state)};
    int rc = cc_insist(finish, &record, RECORD_MS);

    if (rc == 0) {
        chat->ending = true;
        count_tokens(chat, record.result.model);
    } else if (rc == CC_E_FENCED) {
        cc_metric_add(CC_M_FENCED, CC_LABELS("record"), 1);
    }
    return rc;
}
