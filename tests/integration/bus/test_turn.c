#include "tests/integration/bus/two_links.h"

#include "proto/bus/turn.h"

TestSuite(turn, .init = set_up, .fini = tear_down, .timeout = 60);

static int64_t take(struct cc_redis *by, const char *who, int64_t pause_ms)
{
    int64_t wait_ms = -1;

    cr_assert_eq(cc_turn_take(by, who, pause_ms, &wait_ms), 0, "%s", cc_fail_text());
    return wait_ms;
}

static bool about(int64_t ms, int64_t expected)
{
    return ms <= expected && ms > expected - 400;
}

Test(turn, comes_one_pause_after_the_other_whoever_takes_it)
{
    cr_expect_eq(take(redis, "a", 1000), 0);
    cr_expect(about(take(other, "a", 1000), 1000));
    cr_expect(about(take(redis, "a", 5000), 2000));
    cr_expect(about(take(other, "a", 1000), 7000), "the pause is that of the turn before");
}

Test(turn, of_another_does_not_count)
{
    take(redis, "a", 10000);

    cr_expect_eq(take(redis, "b", 10000), 0);
}

Test(turn, is_free_once_the_pause_is_over)
{
    take(redis, "a", 30);
    cc_sleep(60);

    cr_expect_eq(take(redis, "a", 30), 0);
}

Test(turn, without_a_pause_is_always_free)
{
    for (int i = 0; i < 3; i++)
        cr_expect_eq(take(redis, "a", 0), 0);
}
