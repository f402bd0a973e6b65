#include "worker/tell.h"

#include <string.h>

#include "proto/base/json.h"
#include "proto/bus/news.h"
#include "proto/bus/replay.h"
#include "proto/store/answer.h"
#include "worker/say.h"

#define TELL_MS 15000
#define READ_N  64 /* events read at once */

static int settle(struct cc_chat *chat, int rc)
{
    return rc ? rc : cc_events_settle(&chat->events, cc_now() + TELL_MS);
}

static json_t *done_object(const struct cc_answer_view *view)
{
    return json_pack("{s:s, s:s, s:{s:I, s:I, s:I}, s:s, s:b}", "messageId", view->message, "text",
                     view->text, "usage", "inputTokens", (json_int_t)view->input_tokens,
                     "outputTokens", (json_int_t)view->output_tokens, "cachedTokens",
                     (json_int_t)view->cached_tokens, "finishReason", view->finish, "cached",
                     view->from_cache);
}

int cc_tell_done(struct cc_chat *chat)
{
    struct cc_answer_view view = {
        .message = chat->message,
        .text = chat->text.bytes,
        .finish = chat->finish,
        .input_tokens = chat->usage.input,
        .output_tokens = chat->usage.output,
        .cached_tokens = chat->usage.cached,
        .from_cache = chat->from_cache,
    };
    int rc = cc_say_rest(chat);

    if (rc == 0)
        rc = cc_say_json(chat, CC_EV_DONE, done_object(&view));
    return settle(chat, rc);
}

static const struct {
    int code;
    const char *title;
} titles[] = {
    {CC_E_EXPIRED, "The question waited too long"},
    {CC_E_DEAD, "The answer could not be made"},
    {CC_E_UPSTREAM, "A service that we depend on failed"},
    {CC_E_REFUSED, "A service that we depend on refused the request"},
    {CC_E_NOTFOUND, "Not found"},
    {CC_E_CONFLICT, "The question has another answer"},
    {CC_E_TIMEOUT, "It took too long"},
    {CC_E_QUOTA, "The day's limit is reached"},
};

/* The words of cc_fail() stay in the log: they may name hosts. */
static json_t *problem(int code, const char *trace)
{
    const char *name = cc_error_name(code), *title = "Something went wrong on our side";

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].code == code)
            title = titles[i].title;
    return json_pack("{s:o, s:s, s:i, s:s, s:s, s:b, s:s}", "type",
                     json_sprintf("urn:chatconnect:error:%s", name), "title", title, "status",
                     cc_error_http(code), "detail", title, "code", name, "retryable",
                     cc_error_retry(code), "traceId", trace);
}

int cc_tell_error(struct cc_chat *chat, int code)
{
    return settle(chat, cc_say_json(chat, CC_EV_ERROR, problem(code, chat->job.trace)));
}

/* ---- again ---- */

struct heard {
    bool end;
    int64_t attempt; /* the last that was told of; 0: none */
};

/* What is in the stream?  0 and *ret; NOTFOUND is no failure. */
static int look_for_end(struct cc_chat *chat, struct heard *ret)
{
    struct cc_event_id last = {0};
    int n = READ_N, rc = 0;

    ret->end = false;
    while (n == READ_N && rc == 0 && !ret->end) {
        cc_arena_reset(chat->work);
        struct cc_replay_entry *entries = cc_arena_array(chat->work, READ_N, sizeof *entries);

        rc = cc_replay_read(chat->worker->run->live, chat->job.answer, last, READ_N, chat->work,
                            entries, &n);
        for (int i = 0; rc == 0 && i < n; i++) {
            ret->end |= cc_event_ends(entries[i].event.kind);
            last = entries[i].id;
        }
    }
    ret->attempt = last.attempt;
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static int code_of(const struct cc_answer_view *view)
{
    if (strcmp(view->state, "expired") == 0)
        return CC_E_EXPIRED;
    return strcmp(view->state, "dead") == 0 ? CC_E_DEAD : cc_error_from_name(view->code);
}

static int tell_whole(struct cc_chat *chat, const struct cc_answer_view *view)
{
    chat->sources = view->sources;
    int rc = cc_say_sources(chat);

    if (rc == 0)
        rc = cc_say_json(chat, CC_EV_TOKEN, json_pack("{s:s}", "text", view->text));
    if (rc == 0)
        rc = cc_say_json(chat, CC_EV_DONE, done_object(view));
    return settle(chat, rc);
}

int cc_tell_refusal(struct cc_chat *chat, int code)
{
    struct heard heard;
    int rc = look_for_end(chat, &heard);

    if (rc || heard.end)
        return rc;
    cc_chat_begin(chat, heard.attempt + 1);
    return cc_tell_error(chat, code);
}

int cc_tell_again(struct cc_chat *chat)
{
    struct cc_answer_view view;
    struct heard heard;
    int rc = look_for_end(chat, &heard);

    if (rc || heard.end)
        return rc;
    rc =
        cc_answer_read(chat->worker->run->pg, chat->job.tenant, chat->job.answer, chat->mem, &view);
    if (rc)
        return rc;
    cc_chat_begin(chat, view.attempt + 1);
    rc = cc_say_start(chat);
    if (rc)
        return rc;
    if (strcmp(view.state, "done") == 0 || strcmp(view.state, "cancelled") == 0)
        return tell_whole(chat, &view);
    return cc_tell_error(chat, code_of(&view));
}

void cc_tell_house(const struct cc_chat *chat, const char *state)
{
    const struct cc_chat_job *job = &chat->job;

    cc_news_conversation(chat->worker->run->live,
                         &(struct cc_conversation_news){.tenant = job->tenant,
                                                        .session = job->session,
                                                        .bot = job->bot,
                                                        .event = "answer",
                                                        .answer = job->answer,
                                                        .state = state});
}
