/* Which model answers, how is searched, and how much of what was said before it is told. */
#include <string.h>

#include "proto/base/log.h"
#include "worker/chat.h"
#include "worker/credentials.h"

#define HISTORY_BYTES (24 * 1024) /* the oldest make room */

static bool was_answered(const struct cc_message *message)
{
    return strcmp(message->state, "done") == 0 || strcmp(message->state, "cancelled") == 0;
}

static bool fits(const struct cc_message *messages, int n, int from)
{
    size_t bytes = 0;

    for (int i = from; i < n; i++)
        bytes += strlen(messages[i].text);
    return bytes <= HISTORY_BYTES;
}

static void take_history(struct cc_chat *chat, const struct cc_message *messages, int n)
{
    int from = 0;

    while (from < n && !fits(messages, n, from))
        from++;
    chat->history = cc_arena_array(chat->work, (size_t)n + 1, sizeof *chat->history);
    for (int i = from; i < n; i++) {
        if (!was_answered(&messages[i]) || !*messages[i].text)
            continue;
        chat->history[chat->history_n++] = (struct cc_llm_turn){
            .assistant = strcmp(messages[i].role, "assistant") == 0,
            .text = messages[i].text,
        };
    }
}

/* They were checked when they were set; if they are bad, better the usual ones than no answer. */
static void take_tuning(struct cc_chat *chat)
{
    int rc = cc_tuning_read(chat->turn.bot.retrieval, chat->work, &chat->tuning);

    if (rc == 0)
        return;
    cc_log_failure("tuning_ignored", rc, cc_s("bot", chat->job.bot));
    chat->tuning = cc_tuning_default;
}

int cc_load(struct cc_chat *chat)
{
    const struct cc_turn *turn = &chat->turn;

    if (!turn->bot.id)
        return cc_fail(CC_E_NOTFOUND, "no such bot");
    take_tuning(chat);
    take_history(chat, turn->messages, turn->messages_n);
    struct cc_llm_wish wish = {.tenant = chat->job.tenant,
                               .tier = chat->job.tier,
                               .provider = turn->bot.provider,
                               .model = turn->bot.model,
                               .temperature = turn->bot.temperature,
                               .max_tokens = turn->bot.max_tokens};
    return cc_credentials_choose(chat->worker->credentials, &wish, chat->work, &chat->choice);
}
