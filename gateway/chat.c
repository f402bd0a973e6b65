/*
 * chat.c - a question asked with one request, and its answer told as a stream or as a whole.
 */
#include <string.h>

#include "gateway/answers.h"
#include "gateway/guests.h"
#include "gateway/pure/sse.h"
#include "gateway/question.h"
#include "gateway/routes.h"

/* ---- as a stream ---- */

static int send_accepted(const struct cc_question *q)
{
    json_t *data = json_pack("{s:s, s:s, s:I}", "answerId", q->answer, "sessionId", q->session,
                             "position", (json_int_t)q->position);
    const char *text = cc_json_dup(data, q->rq->mem);
    struct cc_event event = {.kind = CC_EV_ACCEPTED, .data = text, .len = strlen(text)};
    struct cc_buf frame;
    int rc;

    json_decref(data);
    cc_buf_init(&frame, 4096);
    cc_buf_text(&frame, CC_SSE_RETRY);
    cc_sse_frame(&frame, NULL, &event);
    rc = cc_stream_send(q->rq, frame.bytes, frame.len);
    cc_buf_done(&frame);
    return rc;
}

static int begin_stream(const struct cc_question *q)
{
    int rc = cc_stream_open(q->rq, "text/event-stream");

    return rc ? rc : send_accepted(q);
}

static int stream_answer(struct cc_rq *rq, const struct cc_ask *ask)
{
    struct cc_question q = {.rq = rq,
                            .ask = *ask,
                            .accepted = begin_stream,
                            .event = cc_answer_send_event,
                            .idle = cc_answer_send_comment,
                            .arg = rq};

    return cc_question_run(&q);
}

/* ---- as one answer ---- */

struct whole {
    json_t *sources, *done;
};

static int collect(void *arg, const struct cc_event_id *id, const struct cc_event *event)
{
    struct whole *whole = arg;
    json_t **into = event->kind == CC_EV_SOURCES ? &whole->sources
                    : event->kind == CC_EV_DONE  ? &whole->done
                                                 : NULL;

    (void)id;
    if (!into)
        return 0;
    json_decref(*into);
    *into = NULL;
    return cc_json_parse(event->data, event->len, into);
}

static json_t *member(json_t *object, const char *key, json_t *otherwise)
{
    json_t *value = json_object_get(object, key);

    if (!value)
        return otherwise;
    json_decref(otherwise);
    return json_incref(value);
}

static int reply_whole(const struct cc_question *q, const struct whole *whole)
{
    json_t *done = whole->done;

    if (!done)
        return q->failed ? q->failed : CC_E_INTERNAL;
    return cc_reply_json(q->rq, 200,
                         json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "answerId",
                                   q->answer, "sessionId", q->session, "messageId",
                                   member(done, "messageId", json_string("")), "message",
                                   member(done, "text", json_string("")), "sources",
                                   member(whole->sources, "items", json_array()), "usage",
                                   member(done, "usage", json_object()), "finishReason",
                                   member(done, "finishReason", json_string("")), "cached",
                                   member(done, "cached", json_false())));
}

static int whole_answer(struct cc_rq *rq, const struct cc_ask *ask)
{
    struct whole whole = {0};
    struct cc_question q = {.rq = rq, .ask = *ask, .event = collect, .arg = &whole};
    int rc = cc_question_run(&q);

    if (rc == 0)
        rc = reply_whole(&q, &whole);
    json_decref(whole.sources);
    json_decref(whole.done);
    return rc;
}

/* ---- routes ---- */

static int read_ask(struct cc_rq *rq, struct cc_ask *ret)
{
    const char *bot = cc_rq_param(rq, "botId"), *key = cc_rq_header(rq, "idempotency-key");
    int rc = *bot ? cc_guest_choose(&rq->guest, bot, rq->mem) : 0;

    if (rc == 0)
        rc = cc_ask_parse(rq->body ? rq->body : "", rq->body_len, rq->mem, ret);
    if (rc == 0 && key && !*ret->message_id) {
        if (!cc_message_id_valid(key))
            return cc_fail(CC_E_INVALID, "Idempotency-Key: 1 to 64 of A-Z a-z 0-9 _ - . :");
        ret->message_id = cc_arena_dup(rq->mem, key);
    }
    return rc;
}

int cc_post_chat(struct cc_rq *rq)
{
    struct cc_ask ask;
    int rc = read_ask(rq, &ask);

    return rc ? rc : whole_answer(rq, &ask);
}

int cc_post_chat_stream(struct cc_rq *rq)
{
    struct cc_ask ask;
    int rc = read_ask(rq, &ask);

    return rc ? rc : stream_answer(rq, &ask);
}

int cc_post_chat_either(struct cc_rq *rq)
{
    struct cc_ask ask;
    int rc = read_ask(rq, &ask);

    if (rc != 0)
        return rc;
    return ask.stream || cc_rq_accepts_stream(rq) ? stream_answer(rq, &ask)
                                                  : whole_answer(rq, &ask);
}

/* For EventSource, which can neither post nor set headers. */
int cc_get_chat_stream(struct cc_rq *rq)
{
    struct cc_ask ask;
    int rc;

    if (rq->method == CC_HEAD) /* must not ask */
        return cc_fail(CC_E_METHOD, "a stream has no HEAD");
    rc = cc_ask_make(cc_rq_query(rq, "message"), cc_rq_query(rq, "sessionId"),
                     cc_rq_query(rq, "messageId"), rq->mem, &ask);

    return rc ? rc : stream_answer(rq, &ask);
}
