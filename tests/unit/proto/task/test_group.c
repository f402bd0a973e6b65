#include <criterion/criterion.h>
#include <string.h>

#include "proto/task/group.h"

static char order[64];
static int got;

static void mark(char c)
{
    order[strlen(order)] = c;
}

static void open_loop(void)
{
    cc_loop_init(NULL);
}

TestSuite(group, .init = open_loop, .fini = cc_loop_done, .timeout = 20);

static void run_all(void)
{
    while (cc_task_live() > 0)
        cc_loop_turn(CC_NEVER);
}

static int nap(void *arg)
{
    int rc = cc_sleep(*(int *)arg);

    mark(rc == 0 ? '.' : rc == CC_E_CANCELLED ? 'x' : 't');
    return rc;
}

static int fail(void *arg)
{
    (void)arg;
    cc_sleep(2);
    return cc_fail(CC_E_REPLY, "broken");
}

static int SHORT = 5, LONG = 60000;

/* Three children that sleep and, where asked for, one that fails. */
static void family(int *ms, bool with_failure)
{
    struct cc_group group;

    cc_group_init(&group);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(cc_group_add(&group, "nap", nap, ms), 0);
    if (with_failure)
        cr_assert_eq(cc_group_add(&group, "fail", fail, NULL), 0);
    got = cc_group_join(&group);
    cr_assert_eq(group.running, 0);
    mark('J');
}

static void join_all(void *arg)
{
    family(arg, false);
}

static void join_failing(void *arg)
{
    family(arg, true);
    cr_assert_str_eq(cc_fail_text(), "broken");
}

/* Masked, so that only the children's own deadlines can end this. */
static void join_late(void *arg)
{
    cc_task_deadline(cc_now() + 10);
    cc_task_mask(true);
    family(arg, false);
}

Test(group, joins_all_its_children)
{
    cc_task_spawn("parent", join_all, &SHORT, NULL);
    run_all();

    cr_assert_str_eq(order, "...J");
    cr_assert_eq(got, 0);
}

Test(group, stops_the_others_when_one_fails_and_keeps_its_words)
{
    cc_task_spawn("parent", join_failing, &LONG, NULL);
    run_all();

    cr_assert_str_eq(order, "xxxJ");
    cr_assert_eq(got, CC_E_REPLY);
}

Test(group, ends_before_its_cancelled_parent)
{
    struct cc_task_ref parent;

    cc_task_spawn("parent", join_all, &LONG, &parent);
    cc_yield();
    cc_task_cancel(parent);
    run_all();

    cr_assert_str_eq(order, "xxxJ");
    cr_assert_eq(got, CC_E_CANCELLED);
}

Test(group, inherits_the_deadline_of_its_parent)
{
    cc_task_spawn("parent", join_late, &LONG, NULL);
    run_all();

    cr_assert_eq(strspn(order, "tx"), 3, "%s", order);
    cr_assert_eq(order[0], 't');
    cr_assert_eq(got, CC_E_TIMEOUT);
}

Test(group, works_where_there_is_no_task)
{
    family(&SHORT, false);
    cr_assert_eq(got, 0);

    family(&LONG, true);
    cr_assert_eq(got, CC_E_REPLY);
    cr_assert_str_eq(order, "...JxxxJ");
}

static struct cc_group open_group;

static void cancel_group(void *arg)
{
    (void)arg;
    cc_group_cancel(&open_group);
}

Test(group, can_be_cancelled_as_a_whole)
{
    cc_group_init(&open_group);
    cc_group_add(&open_group, "nap", nap, &LONG);
    cc_group_add(&open_group, "nap", nap, &LONG);
    cc_task_spawn("cancel", cancel_group, NULL, NULL);

    cr_assert_eq(cc_group_join(&open_group), CC_E_CANCELLED);
    cr_assert_str_eq(order, "xx");
}

static int at_once(void *arg)
{
    ++*(int *)arg;
    return 0;
}

Test(group, is_over_at_once_when_its_children_are)
{
    struct cc_group group;
    int n = 0;

    cc_group_init(&group);
    for (int i = 0; i < CC_GROUP_MAX; i++)
        cr_assert_eq(cc_group_add(&group, "one", at_once, &n), 0);
    cr_assert_eq(cc_group_add(&group, "one", at_once, &n), CC_E_BUSY);

    cr_assert_eq(cc_group_join(&group), 0);
    cr_assert_eq(n, CC_GROUP_MAX);
}

static int fail_at_once(void *arg)
{
    (void)arg;
    return cc_fail(CC_E_DOWN, "at once");
}

Test(group, tells_a_child_that_comes_after_a_failure_to_stop)
{
    struct cc_group group;

    cc_group_init(&group);
    cc_group_add(&group, "fail", fail_at_once, NULL);
    cc_group_add(&group, "nap", nap, &LONG);

    cr_assert_eq(cc_group_join(&group), CC_E_DOWN);
    cr_assert_str_eq(order, "x");
}

Test(group, of_nobody_is_over)
{
    struct cc_group group;

    cc_group_init(&group);

    cr_assert_eq(cc_group_join(&group), 0);
}
