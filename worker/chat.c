#include "worker/chat.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"

#define JOB_BYTES  (256 * 1024)
#define WORK_BYTES (64 * 1024 * 1024) /* a ceiling for mistakes; 100 kB is usual */

struct cc_chat *cc_chat_new(struct cc_worker *worker, const struct cc_claim *claim)
{
    struct cc_chat *chat = calloc(1, sizeof *chat);

    if (!chat)
        abort();
    chat->worker = worker;
    chat->mem = cc_arena_new(JOB_BYTES);
    chat->work = cc_arena_new(WORK_BYTES);
    chat->claim = *claim;
    chat->claim.body = cc_arena_dupn(chat->mem, claim->body, claim->len);
    cc_buf_init(&chat->text, CC_CHAT_TEXT_MAX);
    cc_events_init(&chat->events);
    return chat;
}

void cc_chat_free(struct cc_chat **p)
{
    struct cc_chat *chat = *p;

    if (!chat)
        return;
    cc_events_done(&chat->events);
    cc_buf_done(&chat->text);
    cc_arena_free(&chat->work);
    cc_arena_free(&chat->mem);
    free(chat);
    *p = NULL;
}

void cc_chat_forget(struct cc_chat *chat)
{
    cc_events_done(&chat->events); /* they lie in work */
    cc_events_init(&chat->events);
    cc_arena_reset(chat->work);
}

void cc_chat_begin(struct cc_chat *chat, int64_t attempt)
{
    cc_events_done(&chat->events);
    cc_buf_reset(&chat->text);
    chat->attempt = attempt;
    chat->choice = (struct cc_llm_choice){0}; /* its model lay in work */
    chat->history_n = chat->found_n = chat->own_n = 0;
    chat->sources = "[]";
    chat->told = 0;
    chat->flush_ms = chat->pace_ms = chat->first_unix_ms = 0;
    chat->usage = (struct cc_llm_usage){0};
    chat->finish = "stop";
    chat->cache_key[0] = '\0';
    chat->from_cache = false;
    chat->pin = NULL;
    chat->asked = (struct cc_asked){0};
    cc_id_sorted("msg", chat->message);
    chat->events = (struct cc_events){
        .live = chat->worker->run->live,
        .mem = chat->work,
        .answer = chat->job.answer,
        .viewer = chat->job.reply,
        .attempt = attempt,
        .keep_s = (int)cc_cfg_int(CC_CFG_REPLAY_SECONDS),
    };
    cc_events_init(&chat->events);
}
