/*
 * calling.h - a process that asks and one that answers, in one, for tests of proto/bus/call.h.
 */
#ifndef CC_TESTS_BUS_CALLING_H
#define CC_TESTS_BUS_CALLING_H

#include "tests/integration/bus/redis_server.h"

#include "proto/base/json.h"
#include "proto/bus/call.h"
#include "proto/wire/names.h"

#define KIND "test"

/* Requests and answers go over servers of their own, as in production. */
static struct server queue_server, live_server;
static struct cc_redis *queue, *live;
static struct cc_calls *calls;
static struct cc_call_server *serving;
static struct {
    int begun, running, most, cancelled;
    struct cc_wait may_end;
} seen;

static inline void start_servers(void)
{
    memset(&seen, 0, sizeof seen);
    server_start(&queue_server, "no", "");
    server_start(&live_server, "no", "");
}

static inline void open_asking(void)
{
    cc_loop_init(NULL);
    queue = server_client(&queue_server);
    live = server_client(&live_server);
    cr_assert_eq(cc_calls_open(queue, live, "asker", &calls), 0);
}

static inline void set_up(void)
{
    start_servers();
    open_asking();
}

static inline void tear_down(void)
{
    cc_calls_close(&calls);
    cc_call_stop(&serving);
    cc_redis_close(&queue);
    cc_redis_close(&live);
    server_end(&queue_server);
    server_end(&live_server);
    cc_loop_done();
}

/* ---- what is served ---- */
static inline int echo(void *self, const struct cc_call_request *request, json_t **ret)
{
    seen.begun++;
    *ret = json_pack("{s:s, s:s, s:s, s:O}", "self", self, "tenant", request->tenant, "trace",
                     request->trace, "body", request->body);
    return 0;
}

static inline int refuse(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)ret;
    return cc_fail(CC_E_CONFLICT, "%s is at work", cc_json_str(request->body, "name", "?"));
}

static inline int hang(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)request;
    (void)ret;
    seen.begun++;
    int rc = cc_sleep(3600 * 1000);
    seen.cancelled += rc == CC_E_CANCELLED;
    return rc;
}

/* Until the test says so. */
static inline int pause_call(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)request;
    seen.begun++;
    int rc = cc_wait_for(&seen.may_end, CC_NEVER);
    *ret = json_object();
    return rc;
}

static inline int slow(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    seen.begun++;
    if (++seen.running > seen.most)
        seen.most = seen.running;
    int rc = cc_sleep(20);
    seen.running--;
    *ret = json_pack("{s:O}", "n", json_object_get(request->body, "n"));
    return rc;
}

static inline int huge(void *self, const struct cc_call_request *request, json_t **ret)
{
    char *text = cc_arena_get(request->mem, CC_CALL_MAX + 1);

    (void)self;
    memset(text, 'x', CC_CALL_MAX);
    *ret = json_pack("{s:s}", "text", text);
    return 0;
}

/* The process goes while it is at work. */
static inline int die(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)request;
    (void)ret;
    _exit(1);
}

static const struct cc_call_method methods[] = {
    {"echo", echo}, {"pause", pause_call}, {"refuse", refuse}, {"hang", hang},
    {"slow", slow}, {"huge", huge},        {"die", die},       {NULL, NULL},
};

static inline void serve(int slots)
{
    static char self[] = "me";
    const struct cc_call_server_opts opts = {.live = live,
                                             .queue_url = queue_server.url,
                                             .kind = KIND,
                                             .methods = methods,
                                             .self = self,
                                             .slots = slots};

    cr_assert_eq(cc_call_serve(&opts, &serving), 0, "%s", cc_fail_text());
}

/* ---- asking ---- */
static inline int ask_for(const char *method, json_t *request, int timeout_ms, json_t **ret)
{
    const struct cc_call call = {.kind = KIND,
                                 .method = method,
                                 .tenant = "ten_1",
                                 .trace = "req_1",
                                 .request = request,
                                 .timeout_ms = timeout_ms};

    *ret = NULL;
    return cc_call(calls, &call, ret);
}

static inline int ask(const char *method, int timeout_ms)
{
    json_t *answer;
    int rc = ask_for(method, NULL, timeout_ms, &answer);

    json_decref(answer);
    return rc;
}

static inline void expect_echo(void)
{
    cr_expect_eq(ask("echo", 10000), 0, "%s", cc_fail_text());
}

struct many {
    int left, failed, n;
    struct cc_wait done;
};

#endif
