#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/task/task.h"

static char order[256]; /* what happened, a letter each */
static int got;

static void mark(char c)
{
    order[strlen(order)] = c;
}

static void open_loop(void)
{
    cc_loop_init(NULL);
}

TestSuite(task, .init = open_loop, .fini = cc_loop_done, .timeout = 20);

static void run_all(void)
{
    while (cc_task_live() > 0)
        cc_loop_turn(CC_NEVER);
}

static void a_then_c(void *arg)
{
    (void)arg;
    mark('a');
    cc_sleep(5);
    mark('c');
}

Test(task, runs_at_once_until_its_first_wait)
{
    cr_assert_eq(cc_task_spawn("one", a_then_c, NULL, NULL), 0);
    mark('b');
    run_all();

    cr_assert_str_eq(order, "abc");
}

static void sleep_and_mark(void *arg)
{
    const char *which = arg;

    cc_sleep((*which - '0') * 10);
    mark(*which);
}

Test(task, wakes_in_the_order_of_deadlines)
{
    cc_task_spawn("s", sleep_and_mark, "3", NULL);
    cc_task_spawn("s", sleep_and_mark, "1", NULL);
    cc_task_spawn("s", sleep_and_mark, "2", NULL);
    run_all();

    cr_assert_str_eq(order, "123");
}

static void know_thyself(void *arg)
{
    struct cc_task_ref *me = arg;

    cr_assert_eq(cc_task_current(), me->task);
    cr_assert_str_eq(cc_task_name(), "GET /x");
    mark('k');
}

Test(task, knows_its_name_and_reference_before_it_starts)
{
    struct cc_task_ref me;

    cr_assert_null(cc_task_current());
    cr_assert_str_eq(cc_task_name(), "-");
    cc_task_spawn("GET /x", know_thyself, &me, &me);

    cr_assert_str_eq(order, "k");
    cr_assert_null(cc_task_current());
}

static void child(void *arg)
{
    cc_yield();
    ++*(int *)arg;
}

static void parent(void *arg)
{
    for (int i = 0; i < 100; i++)
        cc_task_spawn("child", child, arg, NULL);
    cr_assert_eq(*(int *)arg, 0); /* none runs on top of us */
}

Test(task, may_spawn_tasks_which_start_in_the_next_turn)
{
    int n = 0;

    cc_task_spawn("parent", parent, &n, NULL);
    run_all();

    cr_assert_eq(n, 100);
    cr_assert_eq(cc_task_stat()->live, 0);
    cr_assert_geq(cc_task_stat()->peak, 100);
}

/* ---- cancelling ---- */

static void wait_long_twice(void *arg)
{
    (void)arg;
    got = cc_sleep(60000) == CC_E_CANCELLED;
    got += cc_sleep(60000) == CC_E_CANCELLED;
    got += cc_yield() == CC_E_CANCELLED;
    cr_assert(cc_task_is_cancelled());
}

Test(task, unwinds_when_it_is_cancelled)
{
    struct cc_task_ref ref;

    cc_task_spawn("w", wait_long_twice, NULL, &ref);
    cc_task_cancel(ref);
    cc_task_cancel(ref);
    run_all();

    cr_assert_eq(got, 3);
}

Test(task, is_not_reached_by_the_reference_of_the_one_whose_stack_it_has)
{
    struct cc_task_ref old, new;

    cc_task_spawn("w", wait_long_twice, NULL, &old);
    cc_task_cancel(old);
    run_all();
    cc_task_cancel(old); /* it has ended: nothing happens */

    cc_task_spawn("one", a_then_c, NULL, &new);
    cr_assert_eq(new.task, old.task);
    cc_task_cancel(old);
    run_all();

    cr_assert_str_eq(order, "ac");
}

static void spawn_and_cancel(void *arg)
{
    struct cc_task_ref ref;

    (void)arg;
    cc_task_spawn("w", wait_long_twice, NULL, &ref);
    cc_task_cancel(ref);
}

Test(task, may_be_cancelled_before_it_ran)
{
    cc_task_spawn("s", spawn_and_cancel, NULL, NULL);
    run_all();

    cr_assert_eq(got, 3);
}

static void masked_then_not(void *arg)
{
    bool was = cc_task_mask(true);

    (void)arg;
    cr_assert_not(was);
    mark(cc_sleep(5) == 0 ? 'w' : 'x');
    cr_assert(cc_task_is_cancelled());
    cr_assert(cc_task_mask(was));
    mark(cc_sleep(5) == CC_E_CANCELLED ? 'c' : 'x');
}

Test(task, that_is_masked_waits_though_it_is_cancelled)
{
    struct cc_task_ref ref;

    cc_task_spawn("m", masked_then_not, NULL, &ref);
    cc_task_cancel(ref);
    run_all();

    cr_assert_str_eq(order, "wc");
}

/* ---- the deadline ---- */

static void with_deadline(void *arg)
{
    int ends[2];

    (void)arg;
    cr_assert_eq(pipe(ends), 0);
    cc_task_deadline(cc_now() + 10);
    got = cc_wait_fd(ends[0], CC_READ, cc_now() + 60000) == CC_E_TIMEOUT;
    got += cc_sleep(60000) == CC_E_TIMEOUT;
    cc_task_deadline(CC_NEVER);
    got += cc_sleep(1) == 0;
    close(ends[0]);
    close(ends[1]);
}

Test(task, never_waits_beyond_its_deadline)
{
    cc_task_spawn("d", with_deadline, NULL, NULL);
    run_all();

    cr_assert_eq(got, 3);
}

/* ---- what belongs to a task ---- */

static void fail_twice(void *arg)
{
    cr_assert_str_eq(cc_fail_text(), ""); /* nothing of the one who had this stack before */
    cc_fail(CC_E_DOWN, "words of %s", (const char *)arg);
    cc_yield();
    mark(strcmp(cc_fail_text() + strlen("words of "), arg) == 0 ? '.' : 'x');
}

Test(task, keeps_its_own_words_of_failure)
{
    cc_fail(CC_E_DOWN, "outside");
    for (int round = 0; round < 2; round++) {
        cc_task_spawn("a", fail_twice, "a", NULL);
        cc_task_spawn("b", fail_twice, "b", NULL);
        run_all();
    }

    cr_assert_str_eq(order, "....");
    cr_assert_str_eq(cc_fail_text(), "outside");
}

static void inherit_trace(void *arg)
{
    mark(strcmp(cc_log_trace_get(), arg) == 0 ? 'i' : 'x');
}

static void trace_of(void *arg)
{
    cc_log_trace(arg);
    cc_task_spawn("child", inherit_trace, arg, NULL);
    cc_yield();
    mark(strcmp(cc_log_trace_get(), arg) == 0 ? '.' : 'x');
}

Test(task, keeps_its_own_trace_and_gives_it_to_its_children)
{
    cc_log_trace("outside");
    cc_task_spawn("a", trace_of, "ans_1", NULL);
    cc_task_spawn("b", trace_of, "ans_2", NULL);
    cc_task_spawn("c", inherit_trace, "outside", NULL);
    run_all();

    cr_assert_eq(strspn(order, "i."), 5, "%s", order);
    cr_assert_str_eq(cc_log_trace_get(), "outside");
}

static double sum;

static void compute(void *arg)
{
    int i = *(int *)arg;
    double d = i;
    long keep[6] = {1, 2, 3, 4, 5, i};

    for (int k = 0; k < 20; k++) {
        cc_yield();
        d = d * 1.5 / 1.5;
    }
    for (int k = 0; k < 6; k++)
        sum += (double)keep[k];
    sum += d;
}

Test(task, keeps_its_registers_among_a_thousand)
{
    static int numbers[1000];

    for (int i = 0; i < 1000; i++) {
        numbers[i] = i;
        cc_task_spawn("compute", compute, &numbers[i], NULL);
    }
    cr_assert_eq(cc_task_live(), 1000);
    run_all();

    cr_assert_float_eq(sum, 1000 * 15 + 2 * 499500.0, 1e-6);
}

static void wait_in_vain(void *arg)
{
    (void)arg;
    cc_nowait_begin();
    cc_sleep(1);
    cc_nowait_end();
}

static void yield_in_vain(void *arg)
{
    (void)arg;
    cc_nowait_begin();
    cc_yield();
}

static void wait_after(void *arg)
{
    (void)arg;
    cc_nowait_begin();
    cc_nowait_begin();
    cc_nowait_end();
    cc_nowait_end();
    cc_sleep(1);
    mark('w');
}

Test(task, must_not_wait_where_nothing_may_change, .signal = SIGABRT)
{
    cc_task_spawn("n", wait_in_vain, NULL, NULL);
}

Test(task, must_not_yield_where_nothing_may_change, .signal = SIGABRT)
{
    cc_task_spawn("n", yield_in_vain, NULL, NULL);
}

Test(task, waits_again_where_things_may_change)
{
    cc_task_spawn("n", wait_after, NULL, NULL);
    run_all();

    cr_assert_str_eq(order, "w");
}

static void busy(void *arg)
{
    int64_t until = cc_clock_ms() + 20;

    (void)arg;
    while (cc_clock_ms() < until)
        ;
}

Test(task, is_named_in_the_log_when_it_holds_the_process)
{
    int ends[2];
    char line[1000] = "";

    cr_assert_eq(pipe(ends), 0);
    cc_log_open("test", "info");
    cc_log_fd(ends[1]);
    cc_task_slow_ms(10);
    cc_task_spawn("quick", a_then_c, NULL, NULL);
    cc_task_spawn("GET /slow", busy, NULL, NULL);
    run_all();

    cr_assert_gt(read(ends[0], line, sizeof(line) - 1), 0);
    cr_assert_not_null(strstr(line, "task_slow"));
    cr_assert_not_null(strstr(line, "\"task\":\"GET /slow\""));
    cr_assert_null(strstr(line, "quick"));
}
