#include "worker/llm/breaker.h"

#include <criterion/criterion.h>

static struct cc_breaker tripped(int64_t now_ms)
{
    struct cc_breaker b = {0};

    for (int i = 0; i < CC_BREAKER_FAILURES; i++) {
        cr_assert(cc_breaker_lets(&b, now_ms));
        cc_breaker_failure(&b, now_ms);
    }
    return b;
}

Test(breaker, opens_after_failures_in_a_row)
{
    struct cc_breaker b = tripped(1000);

    cr_expect_not(cc_breaker_lets(&b, 1000));
    cr_expect_not(cc_breaker_lets(&b, 1000 + CC_BREAKER_OPEN_MS - 1));
}

Test(breaker, forgets_failures_after_a_success)
{
    struct cc_breaker b = {0};

    for (int i = 0; i < 10 * CC_BREAKER_FAILURES; i++) {
        cc_breaker_failure(&b, i);
        if (i % (CC_BREAKER_FAILURES - 1) == 0)
            cc_breaker_success(&b);
    }

    cr_expect(cc_breaker_lets(&b, 1000));
}

Test(breaker, lets_one_try_when_the_time_is_over)
{
    struct cc_breaker b = tripped(0);

    cr_expect(cc_breaker_lets(&b, CC_BREAKER_OPEN_MS));
    cr_expect_not(cc_breaker_lets(&b, CC_BREAKER_OPEN_MS), "only the first");
}

Test(breaker, closes_when_the_trial_went_well)
{
    struct cc_breaker b = tripped(0);

    cc_breaker_lets(&b, CC_BREAKER_OPEN_MS);
    cc_breaker_success(&b);

    for (int i = 0; i < 3; i++)
        cr_expect(cc_breaker_lets(&b, CC_BREAKER_OPEN_MS));
    cr_expect_eq(b.failures, 0);
}

Test(breaker, stays_open_twice_as_long_when_it_failed_up_to_a_limit)
{
    struct cc_breaker b = tripped(0);
    int64_t now = 0, wait = CC_BREAKER_OPEN_MS;

    for (int i = 0; i < 10; i++) {
        now += wait;
        cr_assert(cc_breaker_lets(&b, now), "try %d", i);
        cc_breaker_failure(&b, now);
        wait = wait * 2 < CC_BREAKER_OPEN_MAX_MS ? wait * 2 : CC_BREAKER_OPEN_MAX_MS;
        cr_expect_not(cc_breaker_lets(&b, now + wait - 1), "try %d", i);
    }
}

Test(breaker, is_no_wiser_after_a_trial_without_result)
{
    struct cc_breaker b = tripped(0);

    cc_breaker_lets(&b, CC_BREAKER_OPEN_MS);
    cc_breaker_unknown(&b, CC_BREAKER_OPEN_MS);

    cr_expect_not(cc_breaker_lets(&b, 2 * CC_BREAKER_OPEN_MS - 1));
    cr_expect(cc_breaker_lets(&b, 2 * CC_BREAKER_OPEN_MS));
}

Test(breaker, ignores_what_late_ones_say_while_it_is_open)
{
    struct cc_breaker b = tripped(0);

    cc_breaker_success(&b);
    cc_breaker_failure(&b, 100);

    cr_expect_not(cc_breaker_lets(&b, CC_BREAKER_OPEN_MS - 1));
    cr_expect(cc_breaker_lets(&b, CC_BREAKER_OPEN_MS));
}

Test(breaker, gives_a_lost_trial_up)
{
    struct cc_breaker b = tripped(0);

    cc_breaker_lets(&b, CC_BREAKER_OPEN_MS);

    cr_expect(cc_breaker_lets(&b, CC_BREAKER_OPEN_MS + 100000));
}

Test(breakers, are_one_per_account)
{
    struct cc_breaker *a = cc_breaker_of(1, 1000);

    for (int i = 0; i < CC_BREAKER_FAILURES; i++)
        cc_breaker_failure(cc_breaker_of(1, 1000), 1000);

    cr_expect_eq(cc_breaker_of(1, 1001), a);
    cr_expect_not(cc_breaker_lets(cc_breaker_of(1, 1001), 1001));
    cr_expect(cc_breaker_lets(cc_breaker_of(2, 1001), 1001), "another account is not ill");
    cr_expect_not(cc_breaker_lets(cc_breaker_of(1, 1002), 1002));
}

Test(breakers, make_room_for_new_accounts_by_age)
{
    for (int i = 0; i < CC_BREAKER_FAILURES; i++) {
        cc_breaker_failure(cc_breaker_of(1, 1000), 1000);
        cc_breaker_failure(cc_breaker_of(2, 1000), 1000);
    }
    for (uint64_t n = 0; n < CC_BREAKERS - 2; n++)
        cc_breaker_of(100 + n, 1001);
    cr_expect_not(cc_breaker_lets(cc_breaker_of(2, 1002), 1002), "none had to go yet");

    cc_breaker_of(1000, 1003);

    cr_expect_not(cc_breaker_lets(cc_breaker_of(2, 1004), 1004), "it was looked for since");
    cr_expect(cc_breaker_lets(cc_breaker_of(1, 1005), 1005), "the oldest made room");
}
