/* A store that is not there: said at once, and over as soon as it is back. */
#include "tests/integration/gateway/house.h"

#define SOON_MS 100

static struct house h;

static void begin(void)
{
    house_open(&h, "mock-len5", NULL, true);
}

static void end(void)
{
    house_close(&h);
}

TestSuite(down, .init = begin, .fini = end, .timeout = 120);

static struct answer question(void)
{
    return post(&h, "/api/widget/chat", visitor(&h), "{\"message\": \"hi\"}");
}

static void expect_unavailable(void)
{
    struct answer a = question();

    cr_expect_eq(a.status, 503, "%d %s", a.status, a.body);
    cr_expect_str_eq(member(&h, &a, "code"), "unavailable");
    cr_expect_not_null(header(&h, &a, "retry-after"));
    cr_expect_lt(a.took_ms, SOON_MS);
}

Test(down, is_said_at_once_when_redis_is_gone)
{
    struct answer a;
    int64_t end_ms;

    cr_assert_eq(question().status, 200);
    server_kill(&h.redis);
    cr_assert_eq(cc_redis_ping(h.live, 5000), CC_E_DOWN);

    expect_unavailable();
    a = get(&h, "/health/live", "");
    cr_expect_eq(a.status, 200);
    cr_expect_lt(a.took_ms, SOON_MS);

    server_run(&h.redis);
    cr_assert_eq(cc_redis_ready(h.live, in_ms(10000)), 0);
    chmod(h.redis.socket, 0777);
    end_ms = cc_clock_ms() + 5000;
    while (question().status != 200)
        cr_assert_lt(cc_clock_ms(), end_ms, "does not come back");
}

Test(down, is_said_at_once_when_postgresql_is_gone)
{
    static const char *const nowhere[] = {"CC_PG=host=/nonexistent user=cc_app dbname=chatconnect",
                                          NULL};
    int64_t end_ms = cc_clock_ms() + 10000;

    cr_assert_eq(house_end(&h.gateway, SIGTERM), 0);
    h.gateway = house_run(&h, "cc-gateway", nowhere);
    while (get(&h, "/health/live", "").status != 200)
        cr_assert_lt(cc_clock_ms(), end_ms);

    expect_unavailable();
    cr_expect_eq(get(&h, "/health/ready", "").status, 503);
    cr_expect_eq(get(&h, "/health", "").status, 503);
}
