#include "tests/integration/bus/redis_server.h"

#include "proto/bus/gate.h"
#include "proto/wire/names.h"

static struct server server;
static struct cc_redis *redis;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "no", "");
    redis = server_client(&server);
}

static void tear_down(void)
{
    cc_redis_close(&redis);
    server_end(&server);
    cc_loop_done();
}

TestSuite(gate, .init = set_up, .fini = tear_down, .timeout = 60);

#define LONG_MS 3600000 /* no test reaches its end */

/* A window that has just begun, so that a test fits into it. */
static void begin_window(int window_ms)
{
    while (cc_unix_ms() % window_ms > window_ms / 20)
        cc_redis_ping(redis, 1000);
}

static int pass(const char *key, int64_t limit, int window_ms, struct cc_gate_verdict *ret)
{
    struct cc_gate gate = {key, limit, window_ms};

    return cc_gate_pass(redis, &gate, 1, ret);
}

Test(gate, is_open_up_to_its_limit_and_shut_beyond)
{
    struct cc_gate_verdict v;

    for (int i = 1; i <= 10; i++) {
        cr_assert_eq(pass("g", 10, LONG_MS, &v), 0, "the %d.", i);
        cr_expect_eq(v.shut, -1);
        cr_expect_eq(v.left, 10 - i);
    }
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(pass("g", 10, LONG_MS, &v), CC_E_RATE);
        cr_expect_eq(v.shut, 0);
        cr_expect_gt(v.retry_ms, 0);
        cr_expect_leq(v.retry_ms, 2 * LONG_MS);
    }
    cr_expect_eq(pass("g", 11, LONG_MS, &v), 0, "what was refused was not counted");
}

Test(gate, of_nothing_is_always_shut)
{
    struct cc_gate_verdict v;

    cr_expect_eq(pass("g", 0, LONG_MS, &v), CC_E_RATE);
    cr_expect_eq(server_ask(&server, "EXISTS g"), 0);
}

Test(gate, takes_sixteen_bytes_and_is_forgotten)
{
    struct cc_gate_verdict v;

    cr_assert_eq(pass("g", 10, 1000, &v), 0);
    cr_expect_eq(server_ask(&server, "STRLEN g"), 16);
    cr_expect_leq(server_ask(&server, "PTTL g"), 2000);
    cr_expect_gt(server_ask(&server, "PTTL g"), 0);
}

Test(gate, shut_leaves_the_others_uncounted)
{
    struct cc_gate gates[] = {{"a", 5, LONG_MS}, {"b", 1, LONG_MS}, {"c", 5, LONG_MS}};
    struct cc_gate_verdict v;

    cr_assert_eq(cc_gate_pass(redis, gates, 3, &v), 0);
    cr_expect_eq(v.left, 0, "of the tightest");
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(cc_gate_pass(redis, gates, 3, &v), CC_E_RATE);
        cr_expect_eq(v.shut, 1);
    }
    gates[1].key = "other";
    cr_assert_eq(cc_gate_pass(redis, gates, 1, &v), 0);
    cr_expect_eq(v.left, 3, "one, and the one just now");
}

Test(gate, remembers_the_last_window_by_its_share)
{
    enum { WINDOW = 1000 };
    struct cc_gate_verdict v;

    begin_window(WINDOW);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(pass("g", 10, WINDOW, &v), 0);
    cr_assert_eq(pass("g", 10, WINDOW, &v), CC_E_RATE);
    int64_t opens_ms = cc_unix_ms() + v.retry_ms;

    begin_window(
        WINDOW); /* hardly any of the next one: the ten still weigh about nine and a half */
    int in_early = 0;
    while (cc_unix_ms() % WINDOW < WINDOW / 20)
        in_early += pass("g", 10, WINDOW, &v) == 0;
    cr_expect_leq(in_early, 1);

    while (cc_unix_ms() < opens_ms)
        cc_redis_ping(redis, 1000);
    cr_expect(in_early == 1 || pass("g", 10, WINDOW, &v) == 0, "it opens when it said");
    while (cc_unix_ms() % WINDOW < WINDOW / 2)
        cc_redis_ping(redis, 1000);
    int in_half = in_early + 1;
    while (cc_unix_ms() % WINDOW < WINDOW * 6 / 10)
        in_half += pass("g", 10, WINDOW, &v) == 0;
    cr_expect(in_half >= 4 && in_half <= 7, "%d with half of the ten forgotten", in_half);
}

/* ---- fifty at once ---- */
#define AT_ONCE 50

static int running, in, shut;
static struct cc_wait all_done;

static void call(void *arg)
{
    struct cc_gate_verdict v;
    int rc = pass("g", 23, LONG_MS, &v);

    (void)arg;
    in += rc == 0;
    shut += rc == CC_E_RATE;
    if (--running == 0)
        cc_wait_done(&all_done);
}

Test(gate, lets_exactly_its_limit_of_fifty_at_once_through)
{
    running = AT_ONCE;
    for (int i = 0; i < AT_ONCE; i++)
        cr_assert_eq(cc_task_spawn("pass", call, NULL, NULL), 0);
    cr_assert_eq(cc_wait_for(&all_done, in_ms(20000)), 0);

    cr_expect_eq(in, 23);
    cr_expect_eq(shut, AT_ONCE - 23);
}

Test(gate, says_when_the_server_is_away)
{
    struct cc_gate_verdict v;

    server_kill(&server);
    cr_expect_eq(pass("g", 10, LONG_MS, &v), CC_E_DOWN);
}
