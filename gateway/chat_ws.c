/*
 * chat_ws.c - a visitor's WebSocket: each message is a question as a POST would bring it.
 *
 *     reader --a frame--> talk (a task with a request of its own) --events as frames--> socket
 *
 * A talk's request has the head of the handshake, so that it comes through the same door and is
 * counted and known in the same way; its memory goes when its answer has ended.  The reader ends
 * last.  What is said and told: pure/chat_frame.h.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "gateway/answers.h"
#include "gateway/door.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/pure/chat_frame.h"
#include "gateway/question.h"
#include "gateway/routes.h"
#include "gateway/ws.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/store/session.h"

#define ANSWERS_MAX 4 /* of a socket at once */
#define STOPS_MAX   4
#define TALK_CAP    ((size_t)256 * 1024 * 1024)
#define TALK_MS     30000 /* until it is let in */
#define FRAME_CAP   (CC_EVENT_MAX + 4096)

struct talk {
    LIST_ENTRY(talk) link;
    struct socket *socket;
    struct cc_task_ref task;
    struct cc_arena *mem; /* it lies in there itself */
    struct cc_rq rq;
    struct cc_chat_said said;
    const char *answer; /* "": not known yet */
    bool stop;          /* as soon as it is */
    bool ended;         /* its last event has been told */
    int64_t begun_us;
};
struct socket {
    LIST_ENTRY(socket) link;
    LIST_HEAD(, talk) talks;
    struct cc_rq *rq; /* the handshake's */
    struct cc_ws *ws;
    struct cc_wait quiet; /* the last talk has ended */
    const char *session, *query;
    struct cc_header *headers;
    int headers_n;
};
static LIST_HEAD(, socket) sockets;

/* ---- what is said ---- */

static int send_json(struct cc_ws *ws, json_t *frame)
{
    char *text = json_dumps(frame, JSON_COMPACT);
    int rc = cc_ws_send(ws, text, strlen(text));

    json_decref(frame);
    free(text);
    return rc;
}

static int64_t retry_after(const struct cc_rq *rq)
{
    for (int i = 0; i < rq->reply.headers_n; i++)
        if (strcmp(rq->reply.headers[i].name, "retry-after") == 0)
            return strtol(rq->reply.headers[i].value, NULL, 10);
    return 0;
}

/* The same problem as a request of its own would have got. */
static void refuse(struct talk *t, int code)
{
    struct cc_chat_refusal refusal = {.message_id = t->said.message_id, .answer = t->answer};
    CC_AUTO(json_decref)
    json_t *problem = NULL;
    struct cc_buf frame;

    cc_reply_problem(&t->rq, code);
    if (cc_json_parse(t->rq.reply.bytes, t->rq.reply.len, &problem) != 0)
        return;
    refusal.problem = problem;
    refusal.retry_s = retry_after(&t->rq);
    cc_buf_init(&frame, FRAME_CAP);
    cc_chat_frame_refusal(&frame, &refusal);
    cc_ws_send(t->socket->ws, frame.bytes, frame.len);
    cc_buf_done(&frame);
}

static int tell(void *arg, const struct cc_event_id *id, const struct cc_event *event)
{
    struct talk *t = arg;
    struct cc_buf frame;
    int rc;

    cc_buf_init(&frame, FRAME_CAP);
    cc_chat_frame_event(&frame, t->answer, id, event);
    rc = cc_ws_send(t->socket->ws, frame.bytes, frame.len);
    cc_buf_done(&frame);
    t->ended = cc_event_ends(event->kind);
    return rc;
}

/* ---- talks ---- */

static int stop(struct talk *t, const char *answer)
{
    const char *state;
    int rc = cc_answer_stop(&t->rq, answer, &state);

    return rc ? rc
              : send_json(t->socket->ws, json_pack("{s:s, s:s, s:s}", "type", "stop", "answerId",
                                                   answer, "state", state));
}

static int tell_accepted(const struct cc_question *q)
{
    struct talk *t = q->arg;
    json_t *frame =
        json_pack("{s:s, s:s, s:s, s:I}", "type", cc_event_name(CC_EV_ACCEPTED), "answerId",
                  q->answer, "sessionId", q->session, "position", (json_int_t)q->position);
    int rc;

    t->answer = q->answer;
    if (*t->said.message_id)
        json_object_set_new(frame, "messageId", json_string(t->said.message_id));
    rc = send_json(t->socket->ws, frame);
    return rc == 0 && t->stop ? stop(t, t->answer) : rc;
}

static int run_message(struct talk *t)
{
    struct cc_question q = {
        .rq = &t->rq, .ask = t->said.ask, .accepted = tell_accepted, .event = tell, .arg = t};

    q.ask.session = t->socket->session;
    return cc_question_run(&q);
}

static int run_resume(struct talk *t)
{
    struct cc_answer_view view;
    struct cc_follow follow = {
        .rq = &t->rq, .answer = t->answer, .last = t->said.after, .event = tell, .arg = t};
    int rc = cc_answer_find(&t->rq, t->answer, &view);

    return rc ? rc : cc_answer_tell(&follow);
}

static int run_stop(struct talk *t)
{
    return stop(t, t->answer);
}

static const struct {
    const char *name;
    int max; /* of a socket at once, with all that count as the same */
    enum cc_said_kind counts_as;
    int (*run)(struct talk *t);
} kinds[] = {
    [CC_SAID_MESSAGE] = {"message", ANSWERS_MAX, CC_SAID_MESSAGE, run_message},
    [CC_SAID_RESUME] = {"resume", ANSWERS_MAX, CC_SAID_MESSAGE, run_resume},
    [CC_SAID_STOP] = {"stop", STOPS_MAX, CC_SAID_STOP, run_stop},
};

static const struct cc_route talk_route = {.methods = CC_GET,
                                           .pattern = "/ws/chat/{sessionId}",
                                           .door = CC_DOOR_VISITOR,
                                           .right = CC_RIGHT_CHAT,
                                           .counted = CC_COUNT_CHAT,
                                           .name = "chat_ws"};

static struct talk *talk_new(struct socket *s)
{
    struct cc_arena *mem = cc_arena_new(TALK_CAP);
    struct talk *t = cc_arena_get(mem, sizeof *t);

    t->socket = s;
    t->mem = mem;
    t->answer = "";
    t->begun_us = cc_clock_us();
    t->rq = (struct cc_rq){.mem = mem,
                           .route = &talk_route,
                           .method = CC_GET,
                           .method_name = "GET",
                           .path = "",
                           .query = s->query,
                           .headers = s->headers,
                           .headers_n = s->headers_n,
                           .address = s->rq->address,
                           .id = cc_id_random("req", cc_arena_get(mem, CC_ID_MAX)),
                           .forwarded = s->rq->forwarded};
    return t;
}

static void talk_free(struct talk *t)
{
    struct cc_arena *mem = t->mem;

    cc_arena_free(&mem);
}

static void talk_main(void *arg)
{
    struct talk *t = arg;
    struct socket *s = t->socket;
    int rc;

    cc_log_trace(t->rq.id);
    cc_fail_reset();
    cc_task_deadline(cc_now() + TALK_MS);
    rc = cc_door_pass(&t->rq);
    if (rc == 0)
        rc = kinds[t->said.kind].run(t);
    if (rc != 0 && rc != CC_E_CANCELLED && !t->ended)
        refuse(t, rc);
    cc_log(CC_INFO, "said", cc_s("trace", t->rq.id), cc_s("socket", s->rq->id),
           cc_s("kind", kinds[t->said.kind].name), cc_s("code", cc_error_name(rc)),
           cc_i("us", cc_clock_us() - t->begun_us));
    LIST_REMOVE(t, link);
    talk_free(t);
    if (LIST_EMPTY(&s->talks))
        cc_wait_done(&s->quiet);
}

/* They use what is the reader's, so it may not go before them. */
static void end_talks(struct socket *s)
{
    bool was = cc_task_mask(true);
    struct talk *t;

    LIST_FOREACH (t, &s->talks, link)
        cc_task_cancel(t->task);
    while (!LIST_EMPTY(&s->talks)) {
        s->quiet.done = false;
        cc_wait_for(&s->quiet, CC_NEVER);
    }
    cc_task_mask(was);
}

/* ---- the reader ---- */

static int running(const struct socket *s, enum cc_said_kind kind)
{
    const struct talk *t;
    int n = 0;

    LIST_FOREACH (t, &s->talks, link)
        n += kinds[t->said.kind].counts_as == kinds[kind].counts_as;
    return n;
}

/* 0: it runs, and ends by itself. */
static int spawn(struct socket *s, struct talk *t)
{
    enum cc_said_kind kind = t->said.kind;
    int rc;

    if (running(s, kind) >= kinds[kind].max)
        return cc_fail(CC_E_TENANT_BUSY, "%d at once on one socket", kinds[kind].max);
    rc = cc_task_spawn("chat_ws_talk", talk_main, t, &t->task);
    if (rc == 0)
        LIST_INSERT_HEAD(&s->talks, t, link);
    return rc;
}

/* Which one a stop means that does not say it: what was begun last. */
static struct talk *latest(struct socket *s)
{
    struct talk *t;

    LIST_FOREACH (t, &s->talks, link)
        if (t->said.kind != CC_SAID_STOP)
            return t;
    return NULL;
}

/* An answer may have been asked for a moment ago, and have no id yet. */
static int begin_stop(struct socket *s, struct talk *t)
{
    struct talk *meant = *t->answer ? NULL : latest(s);

    if (!*t->answer && !meant)
        return cc_fail(CC_E_NOTFOUND, "no answer is running");
    if (meant && !*meant->answer) {
        meant->stop = true;
        talk_free(t);
        return 0;
    }
    if (meant)
        t->answer = cc_arena_dup(t->mem, meant->answer);
    return spawn(s, t);
}

static int begin_message(struct socket *s, struct talk *t)
{
    const char *named = t->said.ask.session;

    if (*named && strcmp(named, s->session) != 0)
        return cc_fail(CC_E_INVALID, "sessionId: this socket is another session's");
    return spawn(s, t);
}

static int begin_ping(struct socket *s, struct talk *t)
{
    talk_free(t);
    send_json(s->ws, json_pack("{s:s}", "type", "pong"));
    return 0;
}

/* What is begun is no longer the reader's. */
static int (*const begin[])(struct socket *s, struct talk *t) = {
    [CC_SAID_MESSAGE] = begin_message,
    [CC_SAID_RESUME] = spawn,
    [CC_SAID_STOP] = begin_stop,
    [CC_SAID_PING] = begin_ping,
};

static void hear(struct socket *s, const char *text, size_t len)
{
    struct talk *t = talk_new(s);
    int rc;

    cc_fail_reset();
    rc = cc_chat_said_parse(text, len, t->mem, &t->said);
    t->answer = t->said.answer;
    if (rc == 0)
        rc = begin[t->said.kind](s, t);
    if (rc == 0)
        return;
    refuse(t, rc);
    talk_free(t);
}

static int listen_to(struct socket *s)
{
    const char *text;
    size_t len;
    int rc = send_json(s->ws, json_pack("{s:s, s:s}", "type", "hello", "sessionId", s->session));

    while (rc == 0) {
        cc_task_trim();
        rc = cc_ws_next(s->ws, &text, &len);
        if (rc == 0)
            hear(s, text, len);
    }
    end_talks(s);
    return rc == CC_E_NOTFOUND || rc == CC_E_INVALID || rc == CC_E_TIMEOUT ? 0 : rc;
}

/* ---- the handshake ---- */

/* What a talk's way through the door looks at. */
static const char *const kept[] = {"x-api-key",         "authorization",   "sec-websocket-protocol",
                                   "sec-websocket-key", "origin",          "host",
                                   "sec-fetch-site",    "x-visitor-token", "x-visitor-id",
                                   "x-visitor-exp",     "x-visitor-hash"};
#define KEPT (sizeof kept / sizeof kept[0])

static void keep_head(struct cc_rq *rq, struct socket *s)
{
    s->query = cc_arena_dup(rq->mem, rq->query);
    s->headers = cc_arena_array(rq->mem, KEPT, sizeof *s->headers);
    for (size_t i = 0; i < KEPT; i++) {
        const char *value = cc_rq_header(rq, kept[i]);

        if (value)
            s->headers[s->headers_n++] = (struct cc_header){kept[i], cc_arena_dup(rq->mem, value)};
    }
}

/* One of ours must be there; a client's own name need not, but may not be another's. */
static int check_session(struct cc_rq *rq, const char *session)
{
    struct cc_session known;
    bool is_new;
    int rc, there;

    if (!cc_session_valid(session))
        return cc_fail(CC_E_SESSION, "there is no such session");
    rc = cc_session_find(rq, rq->guest.bot.id, session, &is_new);
    if (rc != CC_E_SESSION || cc_session_is_ours(session))
        return rc;
    there = cc_session_get(cc_gateway()->pg, rq->guest.tenant, session, rq->mem, &known);
    return there == CC_E_NOTFOUND ? 0 : rc;
}

static int64_t open_of(const char *tenant)
{
    const struct socket *s;
    int64_t n = 0;

    LIST_FOREACH (s, &sockets, link)
        n += strcmp(s->rq->guest.tenant, tenant) == 0;
    return n;
}

static int serve(struct socket *s)
{
    int rc = check_session(s->rq, s->session);

    if (rc != 0)
        return rc;
    keep_head(s->rq, s);
    rc = cc_ws_open(s->rq, cc_ws_choose(s->rq), &s->ws);
    if (rc != 0)
        return rc;
    cc_task_deadline(CC_NEVER);
    return listen_to(s);
}

int cc_get_chat_ws(struct cc_rq *rq)
{
    struct socket s = {.rq = rq, .session = cc_rq_param(rq, "sessionId")};
    int64_t open = open_of(rq->guest.tenant);
    int rc;

    if (open >= cc_cfg_int(CC_CFG_SOCKETS_TENANT))
        return cc_fail(CC_E_TENANT_BUSY, "%lld sockets of this tenant are open", (long long)open);
    LIST_INIT(&s.talks);
    LIST_INSERT_HEAD(&sockets, &s, link);
    rc = serve(&s);
    LIST_REMOVE(&s, link);
    return rc;
}
