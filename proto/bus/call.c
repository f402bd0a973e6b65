/*
 * call.c - the side that asks.
 *
 *     waiting for the channel --> RPUSH --> waiting for the answer --> answered, or late
 *
 * Whoever asks has an entry in the list while he waits; the listener finds it by the call's id.  An
 * answer to nobody comes from a server that was late.
 */
#include "proto/bus/call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "proto/base/actor.h"
#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/log.h"
#include "proto/bus/redis_run.h"
#include "proto/wire/call_text.h"
#include "proto/wire/names.h"

#define WAITING_MAX 1000 /* calls of this process */
#define LINE_MOST   256  /* calls of a kind that nobody has taken yet */
#define ANSWERS     1000 /* that the listener has not looked at yet */
#define AGAIN_MS    200

struct waiter {
    LIST_ENTRY(waiter) list;
    char id[CC_ID_MAX];
    struct cc_wait wait;
    bool answered;
    int rc;
    json_t *answer; /* rc 0 */
    char why[CC_FAIL_TEXT];
};
struct cc_calls {
    struct cc_redis *queue, *live;
    char channel[CC_NAME_MAX];
    LIST_HEAD(, waiter) waiters;
    int waiting; /* tasks inside of cc_call() */
    bool listening, closing, listener_gone;
    struct cc_task_ref listener;
    struct cc_wait idle;
};

/* ---- answers ---- */
static void end_call(struct waiter *w, int rc)
{
    w->rc = rc;
    w->answered = true;
    cc_wait_done(&w->wait);
}

static void hand_over(struct cc_calls *calls, const struct cc_call_answer *answer)
{
    struct waiter *w;

    LIST_FOREACH (w, &calls->waiters, list)
        if (strcmp(w->id, answer->id) == 0 && !w->answered)
            break;
    if (!w)
        return;
    if (answer->answer)
        w->answer = json_incref(answer->answer);
    else
        memccpy(w->why, answer->words, '\0', sizeof w->why - 1);
    end_call(w, answer->answer ? 0 : answer->code);
}

/* Takes text. */
static void on_answer(struct cc_calls *calls, char *text, size_t len)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;
    struct cc_call_answer answer;

    if (cc_call_answer_read(text, len, &json, &answer) == 0)
        hand_over(calls, &answer);
    else
        cc_log(CC_WARN, "call_answer_malformed", cc_u("bytes", len));
    free(text);
}

static int listen_once(struct cc_calls *calls, struct cc_sub *sub)
{
    char *text;
    size_t len;
    int rc = cc_sub_next(sub, CC_NEVER, &text, &len);

    if (rc == 0)
        on_answer(calls, text, len);
    return rc == CC_E_FENCED ? 0 : rc; /* whose answer was lost will be late */
}

static void on_listening(struct cc_calls *calls)
{
    struct waiter *w;

    calls->listening = true;
    LIST_FOREACH (w, &calls->waiters, list)
        cc_wait_done(&w->wait);
}

static void look_idle(struct cc_calls *calls)
{
    if (calls->closing && calls->listener_gone && calls->waiting == 0)
        cc_wait_done(&calls->idle);
}

static void listener_main(void *arg)
{
    struct cc_calls *calls = arg;
    struct cc_sub *sub = NULL;
    int rc = 0;

    while (rc != CC_E_CANCELLED) {
        rc =
            sub ? listen_once(calls, sub) : cc_sub_open(calls->live, calls->channel, ANSWERS, &sub);
        if (rc == 0 && !calls->listening)
            on_listening(calls);
        if (rc != 0 && rc != CC_E_CANCELLED)
            rc = cc_sleep(AGAIN_MS);
    }
    cc_sub_close(&sub);
    calls->listener_gone = true;
    look_idle(calls);
}

/* ---- asking ---- */

/* A line that nobody reads goes by itself.  ARGV: call, ms it lives, most that wait. */
static struct cc_script push = {
    .lua = "if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end\n"
           "local n = redis.call('RPUSH', KEYS[1], ARGV[1])\n"
           "if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then\n"
           "  redis.call('PEXPIRE', KEYS[1], ARGV[2])\n"
           "end\n"
           "return n"};

static int put(struct cc_calls *calls, const struct cc_call *call, const char *text)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char line[CC_NAME_MAX];
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &push, 1);
    CC_CMD_TEXTS(&cmd, cc_name_calls(call->kind, line), text);
    cc_cmd_number(&cmd, call->timeout_ms);
    cc_cmd_number(&cmd, LINE_MOST);
    int rc = cc_script_call(calls->queue, &push, &cmd, &reply);
    if (rc == 0 && cc_reply_number(reply) == 0)
        rc = cc_fail(CC_E_BUSY, "%d calls of kind %s wait already", LINE_MOST, call->kind);
    return rc;
}

static int late(const struct cc_call *call, int rc)
{
    if (rc != CC_E_TIMEOUT)
        return rc;
    return cc_fail(rc, "%s %s: no answer in %d ms", call->kind, call->method, call->timeout_ms);
}

/* Until the channel is heard: what is said before is said to nobody. */
static int await_channel(struct cc_calls *calls, struct waiter *w, int64_t end_ms)
{
    int rc = 0;

    while (!calls->listening && !w->answered && rc == 0) {
        w->wait.done = false;
        rc = cc_wait_for(&w->wait, end_ms);
    }
    return rc;
}

static int await_answer(struct waiter *w, int64_t end_ms)
{
    int rc = 0;

    while (!w->answered && rc == 0) {
        w->wait.done = false;
        rc = cc_wait_for(&w->wait, end_ms);
    }
    return rc;
}

static int run(struct cc_calls *calls, const struct cc_call *call, const char *text,
               struct waiter *w)
{
    int64_t end_ms = cc_clock_ms() + call->timeout_ms;
    int rc = await_channel(calls, w, end_ms);

    if (rc == 0 && !w->answered)
        rc = put(calls, call, text);
    if (rc == 0)
        rc = await_answer(w, end_ms);
    if (!w->answered)
        return late(call, rc);
    return w->rc ? cc_fail(w->rc, "%s", w->why) : 0;
}

static char *text_of(const struct cc_calls *calls, const struct cc_call *call, const char *id)
{
    const struct cc_call_ask ask = {.id = id,
                                    .reply = calls->channel,
                                    .method = call->method,
                                    .tenant = call->tenant,
                                    .trace = call->trace,
                                    .until_ms = cc_unix_ms() + call->timeout_ms,
                                    .request = call->request,
                                    .actor = cc_actor_get()};

    return cc_call_ask_text(&ask);
}

/* Only he who is still a waiter can be given an answer. */
static int run_as_waiter(struct cc_calls *calls, const struct cc_call *call, const char *text,
                         struct waiter *w)
{
    LIST_INSERT_HEAD(&calls->waiters, w, list);
    calls->waiting++;
    int rc = strlen(text) > CC_CALL_MAX
                 ? cc_fail(CC_E_TOOBIG, "a call has at most %d bytes", CC_CALL_MAX)
                 : run(calls, call, text, w);
    LIST_REMOVE(w, list);
    calls->waiting--;
    look_idle(calls);
    return rc;
}

int cc_call(struct cc_calls *calls, const struct cc_call *call, json_t **ret)
{
    struct waiter w = {0};

    if (calls->closing)
        return cc_fail(CC_E_CANCELLED, "nothing is asked any more");
    if (calls->waiting >= WAITING_MAX)
        return cc_fail(CC_E_BUSY, "%d calls wait already", calls->waiting);
    char *text = text_of(calls, call, cc_id_random("cal", w.id));
    int rc = run_as_waiter(calls, call, text, &w);
    free(text);
    if (rc == 0)
        *ret = CC_TAKE(w.answer);
    if (w.answer)
        json_decref(w.answer);
    return rc;
}

/* ---- life ---- */
int cc_calls_open(struct cc_redis *queue, struct cc_redis *live, const char *name,
                  struct cc_calls **ret)
{
    struct cc_calls *calls = calloc(1, sizeof *calls);

    assert(calls);
    calls->queue = queue;
    calls->live = live;
    cc_name_called(name, calls->channel);
    LIST_INIT(&calls->waiters);
    int rc = cc_task_spawn("calls", listener_main, calls, &calls->listener);
    if (rc)
        free(calls);
    else
        *ret = calls;
    return rc;
}

void cc_calls_close(struct cc_calls **p)
{
    struct cc_calls *calls = *p;
    struct waiter *w;

    if (!calls)
        return;
    calls->closing = true;
    LIST_FOREACH (w, &calls->waiters, list) {
        memccpy(w->why, "this process is being stopped", '\0', sizeof w->why - 1);
        if (!w->answered)
            end_call(w, CC_E_CANCELLED);
    }
    cc_task_cancel(calls->listener);
    look_idle(calls);
    bool masked = cc_task_mask(true);
    cc_wait_for(&calls->idle, CC_NEVER);
    cc_task_mask(masked);
    free(calls);
    *p = NULL;
}
