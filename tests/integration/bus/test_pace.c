#include "tests/integration/bus/two_links.h"

#include "proto/bus/pace.h"

TestSuite(pace, .init = set_up, .fini = tear_down, .timeout = 60);

#define WINDOW_MS 2000 /* in which refusals count once: pace.c */

static int64_t enter(struct cc_redis *by)
{
    int64_t wait_ms = -1;

    cr_assert_eq(cc_pace_enter(by, "p", &wait_ms), 0, "%s", cc_fail_text());
    return wait_ms;
}

static void tell(enum cc_pace_outcome outcome, int64_t retry_after_ms)
{
    cr_assert_eq(cc_pace_tell(redis, "p", outcome, retry_after_ms), 0, "%s", cc_fail_text());
}

static struct cc_pace_state look(const char *name)
{
    struct cc_pace_state state = {0};

    cr_assert_eq(cc_pace_look(other, name, &state), 0, "%s", cc_fail_text());
    return state;
}

/* Twenty have asked within one window, then the first is refused: ten in two seconds are left. */
static void slow_down(void)
{
    while (cc_unix_ms() % WINDOW_MS > WINDOW_MS / 4)
        cc_redis_ping(redis, 1000);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(enter(redis), 0);
    tell(CC_PACE_BUSY, -1);
}

Test(pace, of_a_service_that_never_refused_is_fast)
{
    for (int i = 0; i < 40; i++)
        cr_assert_eq(enter(redis), 0, "the %d.", i);
    tell(CC_PACE_OK, -1);

    cr_expect_geq(look("p").per_second, 1000);
}

Test(pace, is_halved_once_however_many_are_refused_at_a_time)
{
    slow_down();
    cr_expect_float_eq(look("p").per_second, 5, 0.01);

    for (int i = 0; i < 10; i++)
        tell(CC_PACE_BUSY, -1);

    cr_expect_float_eq(look("p").per_second, 5, 0.01);
    cr_expect_geq(look("q").per_second, 1000, "another service's");
}

Test(pace, is_halved_again_when_refusals_go_on)
{
    int64_t wait_ms;

    slow_down();
    while ((wait_ms = enter(redis)) > 0)
        cc_sleep(wait_ms);
    cc_sleep(WINDOW_MS);
    tell(CC_PACE_BUSY, -1);

    cr_expect_lt(look("p").per_second, 2.6);
    cr_expect_gt(look("p").per_second, 0.4);
}

Test(pace, lets_nobody_ask_before_the_service_wants_it)
{
    cr_assert_eq(enter(redis), 0);
    tell(CC_PACE_BUSY, 700);
    int64_t began = cc_clock_ms(), wait_ms = enter(other);

    cr_expect_gt(wait_ms, 600);
    cr_expect_leq(wait_ms, 700);
    cr_expect_gt(look("p").quiet_ms, 0);
    while ((wait_ms = enter(other)) > 0)
        cc_sleep(wait_ms);
    cr_expect_geq(cc_clock_ms() - began, 600);
}

Test(pace, believes_no_silence_without_end)
{
    tell(CC_PACE_BUSY, INT64_C(1) << 50);

    cr_expect_leq(look("p").quiet_ms, 900000);
}

Test(pace, is_shared_by_all_who_ask)
{
    struct cc_redis *const by[] = {redis, other};
    int asked = 0;

    slow_down();
    int64_t end = cc_clock_ms() + 2000;
    for (int i = 0; cc_clock_ms() < end; i++) {
        int64_t wait_ms = enter(by[i % 2]);

        asked += wait_ms == 0;
        if (wait_ms)
            cc_sleep(wait_ms < 50 ? wait_ms : 50);
    }

    cr_expect_geq(asked, 7, "%d in 2 s at 5 per second", asked);
    cr_expect_leq(asked, 11, "%d in 2 s at 5 per second", asked);
}

Test(pace, grows_with_successes_by_a_little_each)
{
    slow_down();
    tell(CC_PACE_OK, -1);
    cr_expect_float_eq(look("p").per_second, 6, 0.01, "5 more at five successes a second");

    for (int i = 0; i < 100; i++)
        tell(CC_PACE_OK, -1);
    cr_expect_gt(look("p").per_second, 30);
    cr_expect_lt(look("p").per_second, 40);
}

Test(pace, is_learned_again_when_the_server_has_lost_it)
{
    struct cc_redis *both[] = {redis, other};

    slow_down();
    server_crash(&server, both, 2);

    cr_expect_eq(enter(redis), 0);
    cr_expect_geq(look("p").per_second, 1000);
}

Test(pace, is_forgotten_when_nobody_asks)
{
    slow_down();

    cr_expect_gt(server_ask(&server, "PTTL cc:pace:p"), 0);
    cr_expect_leq(server_ask(&server, "PTTL cc:pace:p"), 3600000);
}
