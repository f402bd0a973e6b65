#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/task/task.h"

static int ends[2], got;
static char order[64];

static void open_all(void)
{
    cc_loop_init(NULL);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

TestSuite(wait, .init = open_all, .fini = cc_loop_done, .timeout = 20);

static void run_all(void)
{
    while (cc_task_live() > 0)
        cc_loop_turn(CC_NEVER);
}

static void mark(char c)
{
    order[strlen(order)] = c;
}

static void write_soon(void *arg)
{
    (void)arg;
    cc_sleep(2);
    cr_assert_eq(write(ends[1], "x", 1), 1);
    mark('w');
}

static void read_one(void *arg)
{
    char c;

    (void)arg;
    got = cc_wait_fd(ends[0], CC_READ, cc_now() + 5000);
    cr_assert_eq(read(ends[0], &c, 1), 1);
    mark('r');
}

Test(wait, ends_when_the_descriptor_is_readable)
{
    cc_task_spawn("r", read_one, NULL, NULL);
    cc_task_spawn("w", write_soon, NULL, NULL);
    run_all();

    cr_assert_str_eq(order, "wr");
    cr_assert_eq(got, 0);
}

static void read_three(void *arg)
{
    struct cc_fdwait f;
    char c;

    (void)arg;
    cc_fdwait_init(&f, ends[0]);
    for (int i = 0; i < 3; i++) {
        got += cc_fdwait(&f, CC_READ, cc_now() + 5000);
        cr_assert(f.got & CC_READ);
        cr_assert_eq(read(ends[0], &c, 1), 1);
        mark('r');
    }
    cc_fdwait_done(&f);
}

Test(wait, may_use_its_descriptor_many_times)
{
    cc_task_spawn("r", read_three, NULL, NULL);
    for (int i = 0; i < 3; i++)
        cc_task_spawn("w", write_soon, NULL, NULL);
    run_all();

    cr_assert_eq(got, 0);
    cr_assert_eq(strlen(order), 6);
}

Test(wait, ends_when_the_other_side_is_gone)
{
    struct cc_fdwait f;

    close(ends[1]);
    cc_fdwait_init(&f, ends[0]);
    cr_assert_eq(cc_fdwait(&f, CC_READ, cc_now() + 5000), 0);

    cr_assert(f.got & CC_READ);
    cc_fdwait_done(&f);
}

Test(wait, finds_a_socket_writable_at_once)
{
    cr_assert_eq(cc_wait_fd(ends[0], CC_WRITE, cc_now() + 5000), 0);
}

Test(wait, blocks_where_there_is_no_task_and_lets_others_go_on)
{
    int64_t before = cc_clock_ms();

    cr_assert_eq(cc_sleep(20), 0);
    cr_assert_geq(cc_clock_ms() - before, 20);
    cr_assert_eq(cc_wait_fd(ends[0], CC_READ, cc_now() + 10), CC_E_TIMEOUT);

    cc_task_spawn("w", write_soon, NULL, NULL);
    cr_assert_eq(cc_wait_fd(ends[0], CC_READ, cc_now() + 5000), 0);
    cr_assert_str_eq(order, "w");
    cr_assert_eq(cc_yield(), 0);
}

Test(wait, that_is_late_says_so_in_words)
{
    cr_assert_eq(cc_wait_fd(ends[0], CC_READ, cc_now() + 1), CC_E_TIMEOUT);

    cr_assert_neq(cc_fail_text()[0], '\0');
}

static struct cc_wait shared;

static void wait_shared(void *arg)
{
    (void)arg;
    got = cc_wait_for(&shared, cc_now() + 5000);
    mark('d');
}

static void done_shared(void *arg)
{
    (void)arg;
    cc_wait_done(&shared);
    mark('s'); /* it is woken, yet not run from here */
}

Test(wait, is_over_once_somebody_says_done)
{
    cc_task_spawn("w", wait_shared, NULL, NULL);
    cc_task_spawn("s", done_shared, NULL, NULL);
    run_all();

    cr_assert_str_eq(order, "sd");
    cr_assert_eq(got, 0);
}

Test(wait, does_not_begin_when_it_is_done_already)
{
    cc_wait_done(&shared);
    cc_task_spawn("w", wait_shared, NULL, NULL);

    cr_assert_str_eq(order, "d");
    cr_assert_eq(got, 0);
}

static void wait_past(void *arg)
{
    (void)arg;
    got = cc_wait_for(&shared, cc_now() - 1);
}

Test(wait, with_a_deadline_in_the_past_is_late_at_once_unless_it_is_done)
{
    cc_task_spawn("w", wait_past, NULL, NULL);
    cr_assert_eq(got, CC_E_TIMEOUT);

    cc_wait_done(&shared);
    cc_task_spawn("w", wait_past, NULL, NULL);
    cr_assert_eq(got, 0);
}

static struct cc_task_ref sleeper;

static void finish_and_cancel(void *arg)
{
    (void)arg;
    cc_task_cancel(sleeper);
    cc_wait_done(&shared);
}

Test(wait, that_is_done_is_done_though_its_task_is_cancelled)
{
    cc_task_spawn("w", wait_shared, NULL, &sleeper);
    cc_task_spawn("s", finish_and_cancel, NULL, NULL);
    run_all();

    cr_assert_eq(got, 0);
}

static void take_turns(void *arg)
{
    for (int i = 0; i < 3; i++) {
        mark(*(const char *)arg);
        cc_yield();
    }
}

Test(yield, lets_each_run_in_turn)
{
    cc_loop_init(NULL);
    cc_task_spawn("a", take_turns, "a", NULL);
    cc_task_spawn("b", take_turns, "b", NULL);
    run_all();

    cr_assert_str_eq(order, "ababab");
}

static void sleep_after_a_failure(void *arg)
{
    (void)arg;
    cc_fail(CC_E_DOWN, "why it failed");
    got = cc_sleep(1);
    cr_expect_str_eq(cc_fail_text(), "why it failed");
}

Test(wait, leaves_the_words_of_a_failure_alone_when_it_slept_in_full)
{
    got = -1;
    cr_assert_eq(cc_task_spawn("sleeper", sleep_after_a_failure, NULL, NULL), 0);
    run_all();
    cr_expect_eq(got, 0);

    sleep_after_a_failure(NULL);
    cr_expect_eq(got, 0);
}

static void see_the_deadline(void *arg)
{
    cr_expect_eq(cc_task_deadline_at(), CC_NEVER);
    cc_task_deadline(*(int64_t *)arg);
    cr_expect_eq(cc_task_deadline_at(), *(int64_t *)arg);
}

Test(wait, tells_the_deadline_of_its_task)
{
    int64_t at_ms = cc_now() + 1000;

    cr_assert_eq(cc_task_spawn("late", see_the_deadline, &at_ms, NULL), 0);
    run_all();

    cr_expect_eq(cc_task_deadline_at(), CC_NEVER);
}
