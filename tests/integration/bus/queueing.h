/*
 * queueing.h - a stream of jobs on a server of a test's own, for tests of proto/bus/queue.h.
 */
#ifndef CC_TESTS_BUS_QUEUEING_H
#define CC_TESTS_BUS_QUEUEING_H

#include "tests/integration/bus/redis_server.h"

#include "proto/bus/queue.h"
#include "proto/wire/names.h"

#define LEASE_MS 200

static struct server server;
static struct cc_redis *commands, *blocking;
static struct cc_arena *mem;

static inline struct cc_queue *open_queue(const char *consumer, int lease_ms)
{
    struct cc_queue *queue = NULL;
    struct cc_queue_opts opts = {.commands = commands,
                                 .blocking = blocking,
                                 .stream = CC_STREAM_CHAT,
                                 .consumer = consumer,
                                 .inflight = CC_INFLIGHT_CHAT,
                                 .lease_ms = lease_ms};

    cr_assert_eq(cc_queue_open(&opts, &queue), 0, "%s", cc_fail_text());
    return queue;
}

static inline void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "yes", "");
    commands = server_client(&server);
    blocking = server_client(&server);
    mem = cc_arena_new(1 << 20);
}

static inline void tear_down(void)
{
    cc_arena_free(&mem);
    cc_redis_close(&blocking);
    cc_redis_close(&commands);
    server_end(&server);
    cc_loop_done();
}

static inline void put(const char *body)
{
    cr_assert_eq(cc_queue_put(commands, CC_STREAM_CHAT, body, strlen(body), NULL), 0, "%s",
                 cc_fail_text());
}

static inline struct cc_claim take(struct cc_queue *queue)
{
    struct cc_claim claim = {0};
    int n = 0;

    cr_assert_eq(cc_queue_take(queue, 1, 5000, mem, &claim, &n), 0, "%s", cc_fail_text());
    cr_assert_eq(n, 1);
    return claim;
}

static inline int reclaim(struct cc_queue *queue, int max, struct cc_claim *ret)
{
    int n = 0;

    cr_assert_eq(cc_queue_reclaim(queue, max, mem, ret, &n), 0, "%s", cc_fail_text());
    return n;
}

/* Asks until somebody has been silent for long enough. */
static inline struct cc_claim reclaim_one(struct cc_queue *queue)
{
    struct cc_claim claim = {0};
    int64_t end_ms = in_ms(10000);

    while (reclaim(queue, 1, &claim) == 0)
        cr_assert_lt(cc_clock_ms(), end_ms);
    return claim;
}

static inline struct cc_queue_state look(void)
{
    struct cc_queue_state state;

    cr_assert_eq(cc_queue_look(commands, CC_STREAM_CHAT, &state), 0, "%s", cc_fail_text());
    return state;
}

static inline void put_of(const char *tenant, const char *body)
{
    server_ask(&server, "XADD " CC_STREAM_CHAT " * j %s t %s", body, tenant);
    server_ask(&server, "HINCRBY " CC_INFLIGHT_CHAT " %s 1", tenant);
}

static inline int64_t open_of(const char *tenant)
{
    return server_ask(&server, "HGET " CC_INFLIGHT_CHAT " %s", tenant);
}

#endif
