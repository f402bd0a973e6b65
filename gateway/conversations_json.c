/* Conversations as the API has them. */
#include <string.h>

#include "gateway/conversations.h"
#include "gateway/input.h"
#include "proto/store/limits.h"

static const char *rating_of(const struct cc_conversation *c)
{
    if (c->up && c->down)
        return "mixed";
    return c->up ? "up" : c->down ? "down" : "";
}

static json_t *visitor_json(const struct cc_conversation *c)
{
    if (!*c->visitor)
        return json_null();
    return json_pack("{s:s, s:s, s:o, s:o}", "id", c->visitor, "externalId", c->external, "name",
                     cc_json_text(c->name), "email", cc_json_text(c->email));
}

json_t *cc_conversation_json(const struct cc_conversation *c)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:o, s:s, s:b, s:o, s:o, s:o, s:s, s:o}", "id",
                     c->id, "botId", c->bot, "visitor", visitor_json(c), "startedAt",
                     cc_json_time(c->started_us / 1000), "lastMessageAt", cc_json_time(c->last_ms),
                     "messages", (json_int_t)c->messages, "firstQuestion",
                     cc_json_text(c->question), "status", c->status, "flagged", (int)c->flagged,
                     "labels", cc_json_texts(c->labels, c->labels_n), "assignee",
                     cc_json_text(c->assignee), "rating", cc_json_text(rating_of(c)), "note",
                     c->note, "handoff", cc_json_text(c->handoff));
}

json_t *cc_conversation_whole_json(const struct cc_conversation *c)
{
    json_t *json = cc_conversation_json(c);

    json_object_set_new(json, "messageCount", json_integer(c->messages));
    json_object_set_new(json, "form", cc_json_object_of(c->form));
    json_object_set_new(json, "handoffAt", cc_json_time(c->handoff_ms));
    json_object_set_new(json, "handoffEmail", cc_json_text(c->handoff_email));
    json_object_set_new(json, "handoffNote", cc_json_text(c->handoff_note));
    return json;
}

static json_t *answer_json(const struct cc_exchange *x)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:o, s:I, s:I, s:b, s:o, s:o}",
                     "state", x->state, "code", cc_json_text(x->code), "model",
                     cc_json_text(x->model), "provider", cc_json_text(x->provider), "finishReason",
                     cc_json_text(x->finish), "tokens", "input", (json_int_t)x->input_tokens,
                     "output", (json_int_t)x->output_tokens, "cached", (json_int_t)x->cached_tokens,
                     "cost", cc_money_json(x->cost), "firstMs", (json_int_t)x->first_ms, "totalMs",
                     (json_int_t)x->total_ms, "cached", (int)x->cached, "rating",
                     cc_json_text(x->rating), "comment", cc_json_text(x->comment));
}

static json_t *sources_json(const char *text)
{
    json_t *list = NULL;

    return cc_json_parse(text, strlen(text), &list) == 0 ? list : json_array();
}

static json_t *message_json(const struct cc_exchange *x, bool asked)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", asked ? x->question_id : x->message_id,
                     "answerId", x->answer, "role", asked ? "user" : "assistant", "text",
                     asked ? x->question : x->text, "sources",
                     asked ? json_array() : sources_json(x->sources), "at",
                     cc_json_time(asked ? x->asked_ms : x->answered_ms));
}

/* How it ended stands with the answer, and where there is none with the question. */
void cc_exchange_append(json_t *messages, const struct cc_exchange *x)
{
    bool answered = *x->message_id != '\0';
    json_t *question = message_json(x, true), *answer;

    json_object_set_new(question, "answer", answered ? json_null() : answer_json(x));
    json_array_append_new(messages, question);
    if (!answered)
        return;
    answer = message_json(x, false);
    json_object_set_new(answer, "answer", answer_json(x));
    json_array_append_new(messages, answer);
}
