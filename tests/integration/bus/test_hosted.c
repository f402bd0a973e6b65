/* The same client when somebody else turns the loop, as Kore does in the gateway. */
#include "tests/integration/bus/redis_server.h"

#include <poll.h>

static struct server server;
static int64_t again_ms = CC_NEVER;

static void on_again(int64_t in)
{
    again_ms = cc_clock_ms() + in;
}

static const struct cc_loop_host host = {.again = on_again};

static void set_up(void)
{
    cc_loop_init(&host);
    server_start(&server, "no", "");
}

static void tear_down(void)
{
    server_end(&server);
    cc_loop_done();
}

TestSuite(hosted_redis, .init = set_up, .fini = tear_down, .timeout = 60);

/* What a host does: watches one descriptor and keeps one timer. */
static void host_until(const bool *done)
{
    struct pollfd p = {.fd = cc_loop_fd(), .events = POLLIN};
    int64_t end_ms = in_ms(20000);

    while (!*done) {
        int64_t left = again_ms == CC_NEVER ? 1000 : again_ms - cc_clock_ms();
        cr_assert_lt(cc_clock_ms(), end_ms);
        poll(&p, 1, left < 0 ? 0 : (int)left);
        if (cc_clock_ms() >= again_ms)
            again_ms = CC_NEVER;
        cc_loop_turn(0);
    }
}

struct visit {
    struct cc_redis *redis;
    bool done;
    int rc, after_crash;
    char *heard;
};

static void visit(void *arg)
{
    struct visit *v = arg;
    struct cc_sub *sub = NULL;
    char *lost;
    size_t len;

    v->rc = cc_redis_ready(v->redis, in_ms(10000));
    v->rc = v->rc ? v->rc : cc_sub_open(v->redis, "c", 10, &sub);
    v->rc = v->rc ? v->rc : cc_publish(v->redis, "c", "hello", 5);
    v->rc = v->rc ? v->rc : cc_sub_next(sub, in_ms(5000), &v->heard, &len);
    server_kill(&server);
    server_run(&server);
    v->after_crash = cc_sub_next(sub, in_ms(10000), &lost, &len);
    v->rc = v->rc ? v->rc : cc_redis_ready(v->redis, in_ms(10000));
    v->rc = v->rc ? v->rc : cc_redis_ping(v->redis, 2000);
    cc_sub_close(&sub);
    v->done = true;
}

Test(hosted_redis, calls_listens_and_heals)
{
    struct visit v = {0};

    cr_assert_eq(cc_redis_open(server.url, &v.redis), 0);
    cr_assert_eq(cc_task_spawn("visit", visit, &v, NULL), 0);
    host_until(&v.done);

    cr_expect_eq(v.rc, 0, "%s", cc_error_name(v.rc));
    cr_expect_str_eq(v.heard, "hello");
    cr_expect_eq(v.after_crash, CC_E_FENCED);
    free(v.heard);
    cc_redis_close(&v.redis);
}
