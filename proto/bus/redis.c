#include "proto/bus/redis.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "proto/base/clock.h"
#include "proto/bus/redis_run.h"

#define UNANSWERED_MAX 100000 /* commands of all tasks together */

struct waiter {
    LIST_ENTRY(waiter) list;
    struct cc_wait wait;
};
struct cc_redis {
    struct cc_redis_url url;
    struct cc_link link;
    struct cc_subs *subs; /* NULL until somebody listens */
    LIST_HEAD(, waiter) waiters;
    int unanswered;
};

const struct cc_redis_url *cc_redis_url_of(const struct cc_redis *redis)
{
    return &redis->url;
}

struct cc_subs **cc_redis_subs(struct cc_redis *redis)
{
    return &redis->subs;
}

/* ---- life ---- */
static void on_up(struct cc_link *link)
{
    struct cc_redis *redis = link->arg;
    struct waiter *w;

    LIST_FOREACH (w, &redis->waiters, list)
        cc_wait_done(&w->wait);
}

static void on_lost(struct cc_link *link)
{
    (void)link; /* hiredis has answered each call with nothing */
}

/* hiredis writes with write(2): to a link that has just broken that would end the process. */
static void ignore_sigpipe(void)
{
    struct sigaction now;

    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

int cc_redis_open(const char *url, struct cc_redis **ret)
{
    struct cc_redis *redis = calloc(1, sizeof *redis);

    assert(redis);
    int rc = cc_redis_url_parse(url, &redis->url);
    if (rc) {
        free(redis);
        return rc;
    }
    ignore_sigpipe();
    LIST_INIT(&redis->waiters);
    redis->link =
        (struct cc_link){.url = &redis->url, .on_up = on_up, .on_lost = on_lost, .arg = redis};
    cc_link_open(&redis->link);
    *ret = redis;
    return 0;
}

void cc_redis_close(struct cc_redis **p)
{
    struct cc_redis *redis = *p;

    if (!redis)
        return;
    assert(LIST_EMPTY(&redis->waiters));
    cc_subs_free(redis->subs);
    cc_link_close(&redis->link);
    explicit_bzero(redis, sizeof *redis);
    free(redis);
    *p = NULL;
}

bool cc_redis_is_up(const struct cc_redis *redis)
{
    return redis->link.up;
}

uint64_t cc_redis_epoch(const struct cc_redis *redis)
{
    return redis->link.epoch;
}

int cc_redis_ready(struct cc_redis *redis, int64_t deadline_ms)
{
    struct waiter w = {0};
    int rc = 0;

    LIST_INSERT_HEAD(&redis->waiters, &w, list);
    while (!redis->link.up && rc == 0) {
        w.wait.done = false;
        rc = cc_wait_for(&w.wait, deadline_ms);
    }
    LIST_REMOVE(&w, list);
    return rc;
}

/* ---- calls ---- */
struct call { /* shared by the waiter and hiredis: whoever is last frees it */
    struct cc_redis *redis;
    struct cc_wait wait;
    int n, in;
    bool abandoned, lost;
    redisReply *replies[];
};

static struct call *call_new(struct cc_redis *redis, int n)
{
    struct call *call = calloc(1, sizeof *call + (size_t)n * sizeof call->replies[0]);

    assert(call);
    call->redis = redis;
    call->n = n;
    return call;
}

static void call_free(struct call *call)
{
    for (int i = 0; i < call->n; i++) {
        if (call->replies[i])
            freeReplyObject(call->replies[i]);
    }
    free(call);
}

static void on_reply(redisAsyncContext *ac, void *reply, void *arg)
{
    struct call *call = arg;

    (void)ac;
    call->redis->unanswered--;
    if (reply) {
        call->replies[call->in] = reply; /* replies come in order */
        cc_link_keep(reply);
    } else {
        call->lost = true;
    }
    if (++call->in < call->n)
        return;
    if (call->abandoned)
        call_free(call);
    else
        cc_wait_done(&call->wait);
}

/* Within the first connection commands queue up behind the greeting; later they fail at once. */
static int may_send(const struct cc_redis *redis, int n)
{
    const struct cc_link *link = &redis->link;

    if (!link->ac || (!link->up && link->was_up))
        return cc_fail(CC_E_DOWN, "redis: no link to %s", redis->url.host);
    if (redis->unanswered + n > UNANSWERED_MAX)
        return cc_fail(CC_E_BUSY, "redis: %d commands unanswered", redis->unanswered);
    return 0;
}

/* Fewer than n are sent only while hiredis disconnects: then none of them is answered. */
static int send_all(struct cc_redis *redis, const struct cc_cmd *cmds, struct call *call)
{
    int n = call->n;

    for (int i = 0; i < n; i++) {
        const struct cc_cmd *cmd = &cmds[i];
        int rc = redisAsyncCommandArgv(redis->link.ac, on_reply, call, cmd->argc,
                                       (const char **)(uintptr_t)cmd->argv, cmd->len);
        if (rc != REDIS_OK) {
            call->n = i;
            return i;
        }
        redis->unanswered++;
    }
    return n;
}

/* A command that timed out is not the link's fault, unless the link has been silent all along. */
static void suspect(struct cc_redis *redis, int64_t since_ms, int timeout_ms)
{
    if (redis->link.heard_ms <= since_ms && cc_clock_ms() >= since_ms + timeout_ms)
        cc_link_drop(&redis->link);
}

static int await(struct cc_redis *redis, struct call *call, int timeout_ms)
{
    int64_t since_ms = cc_clock_ms();
    int rc = cc_wait_for(&call->wait, since_ms + timeout_ms);

    if (rc) {
        call->abandoned = true;
        if (rc == CC_E_TIMEOUT)
            suspect(redis, since_ms, timeout_ms);
        return rc;
    }
    if (call->lost) {
        call_free(call);
        return cc_fail(CC_E_DOWN, "redis: the link broke");
    }
    return 0;
}

/* Untouched on failure; of several commands some may be lost. */
static int begin(struct cc_redis *redis, const struct cc_cmd *cmds, int n, struct call **ret)
{
    int rc = may_send(redis, n);
    struct call *call;

    if (rc)
        return rc;
    call = call_new(redis, n);
    if (send_all(redis, cmds, call) == 0) {
        free(call);
        return cc_fail(CC_E_DOWN, "redis: the link is closing");
    }
    call->lost = call->n < n;
    *ret = call;
    return 0;
}

int cc_redis_run(struct cc_redis *redis, const struct cc_cmd *cmds, int n, redisReply **replies,
                 int timeout_ms)
{
    struct call *call = NULL;
    int rc = begin(redis, cmds, n, &call);

    if (rc == 0)
        rc = await(redis, call, timeout_ms);
    if (rc)
        return rc;
    memcpy(replies, call->replies, (size_t)n * sizeof replies[0]);
    free(call);
    return 0;
}

int cc_redis_call(struct cc_redis *redis, const struct cc_cmd *cmd, redisReply **ret,
                  int timeout_ms)
{
    redisReply *reply;
    int rc = cc_redis_run(redis, cmd, 1, &reply, timeout_ms);

    return rc ? rc : cc_reply_take(reply, ret);
}

int cc_redis_ping(struct cc_redis *redis, int timeout_ms)
{
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "PING");
    return cc_redis_call(redis, &cmd, NULL, timeout_ms);
}

static void publish_cmd(struct cc_cmd *cmd, const char *channel, const char *text, size_t len)
{
    cc_cmd_init(cmd, "PUBLISH");
    cc_cmd_text(cmd, channel);
    cc_cmd_bytes(cmd, text, len);
}

int cc_publish(struct cc_redis *redis, const char *channel, const char *text, size_t len)
{
    struct cc_cmd cmd;

    publish_cmd(&cmd, channel, text, len);
    return cc_redis_call(redis, &cmd, NULL, CC_REDIS_MS);
}

int cc_publish_soon(struct cc_redis *redis, const char *channel, const char *text, size_t len)
{
    struct cc_cmd cmd;
    struct call *call = NULL;
    int rc;

    publish_cmd(&cmd, channel, text, len);
    rc = begin(redis, &cmd, 1, &call);
    if (rc == 0)
        call->abandoned = true; /* whoever gets the reply frees it */
    return rc;
}
