#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "proto/base/error.h"

Test(error, knows_status_name_and_whether_to_try_again)
{
    cr_assert_eq(cc_error_http(0), 200);
    cr_assert_str_eq(cc_error_name(0), "ok");
    cr_assert_eq(cc_error_http(CC_E_TIMEOUT), 504);
    cr_assert_str_eq(cc_error_name(CC_E_TIMEOUT), "timeout");
    cr_assert(cc_error_retry(CC_E_TIMEOUT));
    cr_assert_not(cc_error_retry(CC_E_INVALID));
    cr_assert_eq(cc_error_http(CC_E_TENANT_BUSY), 429);
}

Test(error, that_nobody_knows_is_our_own_mistake)
{
    static const int unknown[] = {1, -CC_EI_COUNT, -1000, 1000};

    for (int i = 0; i < 4; i++) {
        cr_assert_str_eq(cc_error_name(unknown[i]), "internal");
        cr_assert_eq(cc_error_http(unknown[i]), 500);
    }
}

Test(error, survives_the_way_through_its_public_name)
{
    for (int i = 0; i < CC_EI_COUNT; i++)
        cr_assert_eq(cc_error_from_name(cc_error_name(-i)), -i, "%s", cc_error_name(-i));
    cr_assert_eq(cc_error_from_name("no such"), CC_E_INTERNAL);
}

Test(failure, keeps_its_words_and_returns_its_code)
{
    cr_assert_str_eq(cc_fail_text(), "");

    cr_assert_eq(cc_fail(CC_E_DOWN, "no %s at %d", "answer", 7), CC_E_DOWN);

    cr_assert_str_eq(cc_fail_text(), "no answer at 7");
    cc_fail_reset();
    cr_assert_str_eq(cc_fail_text(), "");
}

Test(failure, may_quote_the_words_before_it)
{
    cc_fail(CC_E_DOWN, "inner");
    cc_fail(CC_E_DOWN, "outer: %s", cc_fail_text());

    cr_assert_str_eq(cc_fail_text(), "outer: inner");
}

Test(failure, is_cut_at_255_bytes)
{
    char longer[1000];

    memset(longer, 'x', sizeof(longer));
    longer[999] = '\0';
    cc_fail(CC_E_DOWN, "%s", longer);

    cr_assert_eq(strlen(cc_fail_text()), 255);
}

Test(failure, goes_to_the_buffer_that_was_given)
{
    char mine[CC_FAIL_TEXT] = "";

    cc_fail(CC_E_DOWN, "thread's");
    cc_fail_buffer(mine);
    cc_fail(CC_E_DOWN, "task's");
    cr_assert_str_eq(cc_fail_text(), "task's");

    cc_fail_buffer(NULL);

    cr_assert_str_eq(mine, "task's");
    cr_assert_str_eq(cc_fail_text(), "thread's");
}

static void *fail_elsewhere(void *arg)
{
    cc_fail(CC_E_DOWN, "elsewhere");
    return arg;
}

Test(failure, belongs_to_its_thread)
{
    pthread_t thread;

    cc_fail(CC_E_DOWN, "here");
    pthread_create(&thread, NULL, fail_elsewhere, NULL);
    pthread_join(thread, NULL);

    cr_assert_str_eq(cc_fail_text(), "here");
}
