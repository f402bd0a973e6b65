/* Whose bot it is, which model answers, and what was said before. */
#include <string.h>

#include "proto/store/session.h"
#include "worker/chat.h"

#define HISTORY_MAX   20          /* messages */
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

int cc_load(struct cc_chat *chat)
{
    const struct cc_chat_job *job = &chat->job;
    struct cc_pg *pg = chat->worker->run->pg;
    struct cc_message *messages = NULL;
    int n = 0, rc = cc_bot_get(pg, job->tenant, job->bot, chat->work, &chat->bot);

    if (rc)
        return rc;
    rc = cc_llm_choose(chat->bot.provider, chat->bot.model, job->tier, chat->work, &chat->choice);
    if (rc == 0)
        rc = cc_message_list(pg, job->tenant, job->session, job->answer, HISTORY_MAX, chat->work,
                             &messages, &n);
    if (rc == 0)
        rc = cc_knowledge_version(pg, job->tenant, &chat->knowledge);
    if (rc == 0)
        take_history(chat, messages, n);
    return rc;
}
