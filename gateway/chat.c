/*
 * chat.c - a question: let in, put on the queue, looked on to until its answer ends.
 */
#include <string.h>

#include "gateway/answers.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/identity.h"
#include "gateway/news.h"
#include "gateway/pure/ask.h"
#include "gateway/pure/sse.h"
#include "gateway/rates.h"
#include "gateway/routes.h"
#include "gateway/spend.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/admit.h"
#include "proto/store/session.h"

#define HEARD_MS 1000 /* PostgreSQL was there so short a time ago */

/* One question on its way. */
struct question {
    struct cc_rq *rq;
    struct cc_ask ask;
    const char *session;
    bool new_session; /* no worker has stored it yet */
    struct cc_chat_job job;
    struct cc_admit admit;
    struct cc_admitted admitted;
    struct cc_follow follow;
    int64_t begun_us, first_us; /* first token; 0: none yet */

    /* what is collected when the client does not want a stream */
    json_t *sources, *done;
    int failed; /* code of the error event */
};

/* ---- session ---- */

/*
 * A question without session but with a message id that nobody can guess gets the
 * same session each time: so a repeated POST of the same visitor finds its first answer.
 */
static const char *new_session(struct cc_rq *rq, const struct cc_ask *ask)
{
    char *id = cc_arena_get(rq->mem, CC_ID_MAX), sum[CC_SHA256_HEX];
    const char *seed;

    if (strlen(ask->message_id) < CC_OWN_NAME_PRIVATE)
        return cc_id_random("ses", id);
    seed = cc_arena_printf(rq->mem, *rq->guest.visitor ? "%s\n%s\n%s\n%s" : "%s\n%s\n%s",
                           rq->guest.tenant, rq->guest.bot.id, ask->message_id, rq->guest.visitor);
    return cc_arena_printf(rq->mem, "ses_%.32s", cc_sha256_hex(seed, strlen(seed), sum));
}

/* Who speaks for everybody may go on with a conversation, whoever's it is. */
static int open_own_name(struct cc_rq *rq, const char *session)
{
    struct cc_guest *guest = &rq->guest;
    struct cc_session known;
    int rc = guest->everybody
                 ? cc_session_get(cc_gateway()->pg, guest->tenant, session, rq->mem, &known)
                 : CC_E_NOTFOUND;

    if (rc == 0)
        cc_identity_owns(rq, known.visitor);
    if (rc != 0 && rc != CC_E_NOTFOUND)
        return rc;
    return cc_session_open(cc_gateway()->pg, guest->tenant, guest->bot.id, session, guest->visitor);
}

/*
 * Ids of ours must exist; a client's own name is made by its first question, as it may be another
 * bot's.  Where we have just made the id nothing can be wrong, and the claim stores it; but a
 * question is let in only while PostgreSQL is there.
 */
static int settle_session(struct question *q)
{
    struct cc_rq *rq = q->rq;
    struct cc_pg *pg = cc_gateway()->pg;
    int rc;

    q->new_session = !*q->ask.session;
    if (q->new_session)
        return cc_pg_heard(pg, HEARD_MS);
    if (cc_session_is_ours(q->session))
        return cc_session_find(rq, rq->guest.bot.id, q->session, &q->new_session);
    rc = open_own_name(rq, q->session);
    if (rc == CC_E_NOTFOUND || rc == CC_E_CONFLICT)
        return cc_fail(CC_E_SESSION, "there is no such session");
    return rc;
}

/* ---- admission ---- */

static void describe(struct question *q)
{
    struct cc_rq *rq = q->rq;
    int64_t now = cc_unix_ms();

    q->job = (struct cc_chat_job){.answer = cc_id_random("ans", cc_arena_get(rq->mem, CC_ID_MAX)),
                                  .tenant = rq->guest.tenant,
                                  .bot = rq->guest.bot.id,
                                  .session = q->session,
                                  .client_message = q->ask.message_id,
                                  .message = q->ask.message,
                                  .tier = rq->guest.tier,
                                  .reply = cc_hub_channel(),
                                  .trace = rq->id,
                                  .metadata = q->ask.metadata,
                                  .visitor = rq->guest.visitor,
                                  .visitor_external = rq->guest.person.external,
                                  .visitor_name = rq->guest.person.name,
                                  .visitor_email = rq->guest.person.email,
                                  .asked_ms = now,
                                  .deadline_ms = now + cc_cfg_int(CC_CFG_ANSWER_SECONDS) * 1000};
    q->admit = (struct cc_admit){.job = &q->job,
                                 .tenant_cap = cc_cfg_int(CC_CFG_INFLIGHT_TENANT),
                                 .total_cap = cc_cfg_int(CC_CFG_INFLIGHT_TOTAL),
                                 .remember_s = cc_answer_keep_s(),
                                 .new_session = q->new_session};
}

/* What somebody was told is told to whom we cannot tell from him. */
static bool is_told_again(const struct question *q)
{
    return !*q->rq->guest.visitor && strcmp(q->admitted.answer, q->job.answer) != 0;
}

/* The viewer listens before the job can be taken; a repeated message finds its first answer. */
static int admit(struct question *q)
{
    struct cc_redis *queue = cc_gateway()->queue;
    int rc;

    describe(q);
    q->follow = (struct cc_follow){.rq = q->rq,
                                   .answer = q->job.answer,
                                   .viewer = cc_viewer_new(q->job.answer),
                                   .admit = &q->admit,
                                   .epoch = cc_redis_epoch(queue),
                                   .deadline_ms = cc_answer_deadline()};
    rc = cc_spend_ask(q->rq, &q->job);
    if (rc != 0)
        return rc;
    rc = cc_admit(queue, &q->admit, &q->admitted);
    cc_spend_admitted(q->rq, &q->job, rc, q->admitted.first);
    if (rc == 0 && is_told_again(q))
        rc = cc_session_may_read(q->rq, q->session);
    if (rc != 0 || q->admitted.first)
        return rc;
    cc_viewer_free(&q->follow.viewer);
    q->follow.answer = q->admitted.answer;
    q->follow.viewer = cc_viewer_new(q->admitted.answer);
    q->follow.admit = NULL;
    q->follow.join = true;
    return 0;
}

/* ---- figures ---- */

static void count(const struct question *q, int rc)
{
    const struct cc_guest *g = &q->rq->guest;
    const char *client = cc_cfg_bool(CC_CFG_METRICS_CLIENT_ID) && g->tenant ? g->tenant : "";
    int code = rc ? rc : q->failed;
    int64_t now = cc_clock_us();

    cc_metric_add(CC_M_CHAT_REQUESTS, CC_LABELS(client, g->tier, cc_error_name(code)), 1);
    if (q->first_us)
        cc_metric_observe(CC_M_CHAT_FIRST, CC_LABELS(g->tier),
                          (double)(q->first_us - q->begun_us) / 1e6);
    if (code == 0)
        cc_metric_observe(CC_M_CHAT_LATENCY, CC_LABELS(g->tier), (double)(now - q->begun_us) / 1e6);
}

static void note(struct question *q, const struct cc_event *event)
{
    CC_AUTO(json_decref)
    json_t *problem = NULL;

    if (event->kind == CC_EV_TOKEN && !q->first_us)
        q->first_us = cc_clock_us();
    if (event->kind != CC_EV_ERROR)
        return;
    q->failed = CC_E_INTERNAL;
    if (cc_json_parse(event->data, event->len, &problem) == 0)
        q->failed = cc_error_from_name(cc_json_str(problem, "code", ""));
}

/* ---- as a stream ---- */

static int pass_on(void *arg, const struct cc_event_id *id, const struct cc_event *event)
{
    struct question *q = arg;
    struct cc_follow to;

    note(q, event);
    cc_answer_stream_to(q->rq, &to);
    return to.event(to.arg, id, event);
}

static int keep_alive(void *arg)
{
    struct question *q = arg;

    return cc_stream_send(q->rq, CC_SSE_COMMENT, strlen(CC_SSE_COMMENT));
}

static int send_accepted(struct question *q)
{
    json_t *data = json_pack("{s:s, s:s, s:I}", "answerId", q->follow.answer, "sessionId",
                             q->session, "position", (json_int_t)q->admitted.position);
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

static int stream_answer(struct question *q)
{
    int rc = cc_stream_open(q->rq, "text/event-stream");

    q->follow.event = pass_on;
    q->follow.idle = keep_alive;
    q->follow.arg = q;
    if (rc == 0)
        rc = send_accepted(q);
    return rc ? rc : cc_follow_run(&q->follow);
}

/* ---- as one answer ---- */

static int collect(void *arg, const struct cc_event_id *id, const struct cc_event *event)
{
    struct question *q = arg;
    json_t **into = event->kind == CC_EV_SOURCES ? &q->sources
                    : event->kind == CC_EV_DONE  ? &q->done
                                                 : NULL;

    (void)id;
    note(q, event);
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

static int reply_whole(struct question *q)
{
    if (!q->done)
        return q->failed ? q->failed : CC_E_INTERNAL;
    return cc_reply_json(q->rq, 200,
                         json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "answerId",
                                   q->follow.answer, "sessionId", q->session, "messageId",
                                   member(q->done, "messageId", json_string("")), "message",
                                   member(q->done, "text", json_string("")), "sources",
                                   member(q->sources, "items", json_array()), "usage",
                                   member(q->done, "usage", json_object()), "finishReason",
                                   member(q->done, "finishReason", json_string("")), "cached",
                                   member(q->done, "cached", json_false())));
}

static int whole_answer(struct question *q)
{
    int rc;

    q->follow.event = collect;
    q->follow.arg = q;
    rc = cc_follow_run(&q->follow);
    return rc ? rc : reply_whole(q);
}

/* ---- together ---- */

static int chat(struct cc_rq *rq, const struct cc_ask *ask, bool stream)
{
    struct question q = {.rq = rq, .ask = *ask, .begun_us = cc_clock_us()};
    bool asked = false;
    int rc;

    cc_task_deadline(CC_NEVER); /* cc_answer_deadline() it is */
    rc = cc_identity_settle(rq);
    if (rc == 0) {
        q.session = *ask->session ? ask->session : new_session(rq, ask);
        rc = cc_rates_count_chat(rq, q.session);
    }
    if (rc == 0)
        rc = settle_session(&q);
    if (rc == 0)
        rc = admit(&q);
    asked = rc == 0;
    if (asked && q.admitted.first)
        cc_news_question(&rq->guest, q.session, q.follow.answer);
    if (rc == 0)
        rc = stream ? stream_answer(&q) : whole_answer(&q);
    cc_viewer_free(&q.follow.viewer);
    if (asked && rc != 0 && !q.failed)
        cc_follow_left(q.follow.answer);
    count(&q, rc);
    json_decref(q.sources);
    json_decref(q.done);
    return rc;
}

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

    return rc ? rc : chat(rq, &ask, false);
}

int cc_post_chat_stream(struct cc_rq *rq)
{
    struct cc_ask ask;
    int rc = read_ask(rq, &ask);

    return rc ? rc : chat(rq, &ask, true);
}

int cc_post_chat_either(struct cc_rq *rq)
{
    struct cc_ask ask;
    int rc = read_ask(rq, &ask);

    return rc ? rc : chat(rq, &ask, ask.stream || cc_rq_accepts_stream(rq));
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

    return rc ? rc : chat(rq, &ask, true);
}
