/*
 * call_serve.c - the side that answers.
 *
 *     taker: BLPOP --> too late? dropped --> a task of its own, up to slots --> PUBLISH
 *
 * What was popped is nobody's but ours: a process that dies takes it along.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "proto/base/actor.h"
#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "proto/base/json.h"
#include "proto/base/log.h"
#include "proto/bus/call.h"
#include "proto/bus/redis_run.h"
#include "proto/wire/call_text.h"
#include "proto/wire/names.h"

#define BLOCK_S   1                 /* how long BLPOP waits; a stop waits that long, too */
#define SLACK_MS  5000              /* beyond it */
#define AGAIN_MS  200               /* without a link */
#define SAY_MS    3000              /* an answer, until somebody hears it */
#define FINISH_MS 3000              /* for calls that were begun, when we stop */
#define MEM_MAX   (8 * CC_CALL_MAX) /* arena of a call */

struct running {
    LIST_ENTRY(running) list;
    struct cc_call_server *server;
    struct cc_task_ref task;
    json_t *json; /* what ask points into */
    struct cc_call_ask ask;
};
struct cc_call_server {
    struct cc_call_server_opts opts;
    struct cc_redis *link;
    char line[CC_NAME_MAX];
    LIST_HEAD(, running) running;
    int n;
    bool stopping, taker_gone;
    struct cc_wait slot;  /* for the taker: one is free, or we stop */
    struct cc_wait ended; /* for who stops: a call or the taker */
};

/* ---- one call ---- */
static const struct cc_call_method *method_of(const struct cc_call_server *server, const char *name)
{
    const struct cc_call_method *m = server->opts.methods;

    while (m->name && strcmp(m->name, name) != 0)
        m++;
    return m->name ? m : NULL;
}

static int answer_call(struct running *r, struct cc_arena *mem, json_t **ret)
{
    const struct cc_call_method *m = method_of(r->server, r->ask.method);
    const struct cc_call_request request = {
        .tenant = r->ask.tenant, .trace = r->ask.trace, .body = r->ask.request, .mem = mem};

    if (!m)
        return cc_fail(CC_E_INTERNAL, "nobody here knows the call %s", r->ask.method);
    return m->run(r->server->opts.self, &request, ret);
}

static char *text_of(const struct running *r, json_t *answer, int rc)
{
    struct cc_call_answer said = {
        .id = r->ask.id, .answer = answer, .code = rc, .words = cc_fail_text()};
    char *text = cc_call_answer_text(&said);

    if (strlen(text) <= CC_CALL_MAX)
        return text;
    free(text);
    cc_fail(CC_E_TOOBIG, "the answer has more than %d bytes", CC_CALL_MAX);
    said = (struct cc_call_answer){.id = r->ask.id, .code = CC_E_TOOBIG, .words = cc_fail_text()};
    return cc_call_answer_text(&said);
}

/* NOTFOUND: nobody listens to the channel at this moment. */
static int say(struct running *r, const char *text)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "PUBLISH");
    CC_CMD_TEXTS(&cmd, r->ask.reply, text);
    int rc = cc_redis_call(r->server->opts.live, &cmd, &reply, CC_REDIS_MS);
    if (rc == 0 && cc_reply_number(reply) == 0)
        rc = cc_fail(CC_E_NOTFOUND, "nobody listens to %s", r->ask.reply);
    return rc;
}

/*
 * Where a link has just broken, ours or the asker's, it is said again for a while.  Also when we
 * are told to stop: who asks need not wait for his time to pass.
 */
static void publish(struct running *r, json_t *answer, int rc)
{
    int64_t end_ms = cc_unix_ms() + SAY_MS;
    char *text = text_of(r, answer, rc);
    bool masked = cc_task_mask(true);

    end_ms = end_ms < r->ask.until_ms ? end_ms : r->ask.until_ms;
    while ((rc = say(r, text)) != 0 && cc_unix_ms() < end_ms)
        cc_sleep(AGAIN_MS);
    cc_task_mask(masked);
    if (rc)
        cc_log_failure("call_unanswered", rc, cc_s("method", r->ask.method));
    free(text);
}

static void serve(struct running *r)
{
    CC_AUTO(json_decref)
    json_t *answer = NULL;
    struct cc_arena *mem = cc_arena_new(MEM_MAX);
    int64_t begun_us = cc_clock_us();
    int rc;

    cc_log_trace(r->ask.trace);
    cc_fail_reset();
    cc_actor_put(r->ask.actor);
    cc_task_deadline(cc_now() + r->ask.until_ms - cc_unix_ms());
    rc = answer_call(r, mem, &answer);
    if (rc && cc_error_http(rc) >= 500)
        cc_log_failure("call_failed", rc, cc_s("method", r->ask.method));
    cc_log(CC_INFO, "call", cc_s("method", r->ask.method), cc_s("tenant", r->ask.tenant),
           cc_s("outcome", cc_error_name(rc)), cc_i("us", cc_clock_us() - begun_us));
    publish(r, rc ? NULL : answer, rc);
    cc_arena_free(&mem);
}

static void running_free(struct running *r)
{
    LIST_REMOVE(r, list);
    r->server->n--;
    cc_wait_done(&r->server->slot);
    cc_wait_done(&r->server->ended);
    json_decref(r->json);
    free(r);
}

static void call_main(void *arg)
{
    struct running *r = arg;

    serve(r);
    running_free(r);
}

/* ---- taking ---- */
static void begin(struct cc_call_server *server, const char *text, size_t len)
{
    struct running *r = calloc(1, sizeof *r);

    assert(r);
    r->server = server;
    LIST_INSERT_HEAD(&server->running, r, list);
    server->n++;
    int rc = cc_call_ask_read(text, len, &r->json, &r->ask);
    if (rc == 0 && r->ask.until_ms <= cc_unix_ms())
        rc = cc_fail(CC_E_EXPIRED, "nobody waits for it any more");
    if (rc == 0)
        rc = cc_task_spawn("call", call_main, r, &r->task);
    if (rc == 0)
        return;
    cc_log_failure("call_dropped", rc, cc_u("bytes", len));
    running_free(r);
}

/* 0 also when none came. */
static int take(struct cc_call_server *server)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "BLPOP");
    cc_cmd_text(&cmd, server->line);
    cc_cmd_number(&cmd, BLOCK_S);
    int rc = cc_redis_call(server->link, &cmd, &reply, BLOCK_S * 1000 + SLACK_MS);
    if (rc)
        return rc;
    const redisReply *text = cc_reply_at(reply, 1);
    if (cc_reply_has_text(text))
        begin(server, text->str, text->len);
    return 0;
}

static void await_slot(struct cc_call_server *server)
{
    server->slot.done = false;
    cc_wait_for(&server->slot, CC_NEVER);
}

static void taker_main(void *arg)
{
    struct cc_call_server *server = arg;

    while (!server->stopping) {
        if (server->n >= server->opts.slots)
            await_slot(server);
        else if (take(server) != 0 && !server->stopping)
            cc_sleep(AGAIN_MS);
    }
    server->taker_gone = true;
    cc_wait_done(&server->ended);
}

/* ---- life ---- */
int cc_call_serve(const struct cc_call_server_opts *opts, struct cc_call_server **ret)
{
    struct cc_call_server *server = calloc(1, sizeof *server);

    assert(server && opts->slots > 0);
    server->opts = *opts;
    LIST_INIT(&server->running);
    cc_name_calls(opts->kind, server->line);
    int rc = cc_redis_open(opts->queue_url, &server->link);
    if (rc == 0)
        rc = cc_task_spawn("call_taker", taker_main, server, NULL);
    if (rc) {
        cc_redis_close(&server->link);
        free(server);
        return rc;
    }
    *ret = server;
    return 0;
}

/* The taker is not cancelled: a call on its way to it would be lost. */
static void await_end(struct cc_call_server *server, int64_t deadline_ms)
{
    while ((server->n > 0 || !server->taker_gone) && cc_clock_ms() < deadline_ms) {
        server->ended.done = false;
        cc_wait_for(&server->ended, deadline_ms);
    }
}

void cc_call_stop(struct cc_call_server **p)
{
    struct cc_call_server *server = *p;
    struct running *r;

    if (!server)
        return;
    bool masked = cc_task_mask(true);
    server->stopping = true;
    cc_wait_done(&server->slot);
    await_end(server, cc_clock_ms() + FINISH_MS);
    LIST_FOREACH (r, &server->running, list)
        cc_task_cancel(r->task);
    await_end(server, CC_NEVER);
    cc_task_mask(masked);
    cc_redis_close(&server->link);
    free(server);
    *p = NULL;
}
