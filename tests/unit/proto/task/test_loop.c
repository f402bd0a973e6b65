#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/task/loop.h"
#include "proto/task/task.h"

static char order[256];

static void mark(char c)
{
    order[strlen(order)] = c;
}

static void open_loop(void)
{
    cc_loop_init(NULL);
}

TestSuite(loop, .init = open_loop, .fini = cc_loop_done, .timeout = 20);
TestSuite(timer, .init = open_loop, .fini = cc_loop_done, .timeout = 20);
TestSuite(hook, .init = open_loop, .fini = cc_loop_done, .timeout = 20);
TestSuite(watch, .init = open_loop, .fini = cc_loop_done, .timeout = 20);
TestSuite(host, .timeout = 20);

Test(now, is_right_without_a_loop)
{
    int64_t before = cc_clock_ms(), now = cc_now();

    cr_assert(now >= before && now <= cc_clock_ms());
}

/* ---- timers ---- */

#define TIMERS 500

static int64_t last_ms;
static int fired;

static void in_order(struct cc_timer *timer)
{
    cr_assert_geq(timer->at_ms, last_ms);
    cr_assert_leq(timer->at_ms, cc_now());
    last_ms = timer->at_ms;
    fired++;
}

Test(timer, fires_in_order_whatever_is_set_moved_or_stopped)
{
    static struct cc_timer timers[TIMERS];
    int64_t start = cc_now();
    unsigned x = 7;

    for (int i = 0; i < TIMERS; i++) {
        timers[i].fn = in_order;
        cc_timer_set(&timers[i], start + (x = x * 1103515245 + 12345) % 40);
    }
    for (int i = 0; i < TIMERS; i += 3)
        cc_timer_set(&timers[i], start + (x = x * 1103515245 + 12345) % 40);
    for (int i = 0; i < TIMERS; i += 5)
        cc_timer_stop(&timers[i]);
    cc_timer_stop(&timers[0]); /* a stopped one: nothing happens */

    while (fired < TIMERS - TIMERS / 5)
        cc_loop_turn(CC_NEVER);
    cr_assert_geq(cc_now(), start + 30);
    cc_loop_turn(20);
    cr_assert_eq(fired, TIMERS - TIMERS / 5);
}

static void again_now(struct cc_timer *timer)
{
    if (++fired < 1000)
        cc_timer_set(timer, cc_now());
}

Test(timer, that_sets_itself_again_does_not_hold_the_turn)
{
    struct cc_timer timer = {.fn = again_now};

    cc_timer_set(&timer, cc_now());
    cc_loop_turn(0);
    cr_assert_eq(fired, 1);

    while (fired < 1000)
        cc_loop_turn(0);
}

static void stop_other(struct cc_timer *timer)
{
    mark('1');
    cc_timer_stop(timer->arg);
}

Test(timer, may_stop_another_that_is_due)
{
    struct cc_timer second = {.fn = stop_other};
    struct cc_timer first = {.fn = stop_other, .arg = &second};

    second.arg = &first;
    cc_timer_set(&first, cc_now());
    cc_timer_set(&second, cc_now());
    cc_loop_turn(0);
    cc_loop_turn(0);

    cr_assert_str_eq(order, "1");
}

/* ---- hooks ---- */

static void mark_hook(struct cc_hook *hook)
{
    mark(*(const char *)hook->arg);
}

static void mark_and_again(struct cc_hook *hook)
{
    mark_hook(hook);
    cc_hook_set(hook);
}

Test(hook, runs_once_at_the_end_of_the_turn_however_often_it_is_set)
{
    struct cc_hook a = {.fn = mark_hook, .arg = "a"}, b = {.fn = mark_hook, .arg = "b"};

    cc_hook_set(&a);
    cc_hook_set(&b);
    cc_hook_set(&a);
    cr_assert_str_eq(order, "");
    cc_loop_turn(0);
    cc_loop_turn(0);

    cr_assert_str_eq(order, "ab");
}

Test(hook, that_sets_itself_runs_again_in_the_next_turn)
{
    struct cc_hook a = {.fn = mark_and_again, .arg = "a"};

    cc_hook_set(&a);
    cc_loop_turn(CC_NEVER);
    cc_loop_turn(CC_NEVER); /* does not wait: there is something to do */

    cr_assert_str_eq(order, "aa");
    cc_hook_drop(&a);
}

Test(hook, that_was_dropped_does_not_run)
{
    struct cc_hook a = {.fn = mark_hook, .arg = "a"}, b = {.fn = mark_hook, .arg = "b"};
    struct cc_hook c = {.fn = mark_hook, .arg = "c"};

    cc_hook_set(&a);
    cc_hook_set(&b);
    cc_hook_set(&c);
    cc_hook_drop(&b);
    cc_hook_drop(&c);
    cc_hook_drop(&c);
    cc_hook_set(&b);
    cc_loop_turn(0);

    cr_assert_str_eq(order, "ab");
}

static void drop_other(struct cc_hook *hook)
{
    mark('d');
    cc_hook_drop(hook->arg);
}

Test(hook, may_drop_the_next_one)
{
    struct cc_hook b = {.fn = mark_hook, .arg = "b"}, a = {.fn = drop_other, .arg = &b};

    cc_hook_set(&a);
    cc_hook_set(&b);
    cc_loop_turn(0);

    cr_assert_str_eq(order, "d");
}

/* ---- descriptors ---- */

static void mark_watch(struct cc_watch *watch, unsigned events)
{
    mark(events & CC_HUP ? 'h' : 'r');
    cc_watch_want(watch, 0);
}

Test(watch, tells_of_what_is_wanted_only)
{
    int ends[2];
    struct cc_watch watch;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    cc_watch_init(&watch, ends[0], mark_watch, NULL);
    cc_watch_want(&watch, CC_READ);
    cc_loop_turn(0);
    cr_assert_str_eq(order, "");

    cr_assert_eq(write(ends[1], "x", 1), 1);
    cc_loop_turn(CC_NEVER);
    cc_loop_turn(0); /* not wanted any more: the registration goes */
    cc_loop_turn(0);
    cr_assert_str_eq(order, "r");
    cr_assert_eq(watch.armed, 0);

    cc_watch_want(&watch, CC_READ);
    cc_loop_turn(CC_NEVER);
    cr_assert_str_eq(order, "rr");

    close(ends[1]);
    cc_watch_want(&watch, CC_READ);
    cc_loop_turn(CC_NEVER);
    cr_assert_str_eq(order, "rrh");
    cc_watch_done(&watch);
}

static struct cc_watch both[2];

/* Whoever is told first takes the other away. */
static void remove_other(struct cc_watch *watch, unsigned events)
{
    (void)events;
    mark('r');
    cc_watch_done(&both[watch == &both[0]]);
}

Test(watch, that_was_removed_is_not_told_of_the_same_batch)
{
    int ends[2][2];

    for (int i = 0; i < 2; i++) {
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]), 0);
        cc_watch_init(&both[i], ends[i][0], remove_other, NULL);
        cc_watch_want(&both[i], CC_READ);
        cr_assert_eq(write(ends[i][1], "x", 1), 1);
    }
    cc_loop_turn(CC_NEVER);

    cr_assert_str_eq(order, "r");
}

static void wait_in_callback(struct cc_hook *hook)
{
    (void)hook;
    cc_sleep(1);
}

Test(loop, does_not_let_its_callbacks_wait, .signal = SIGABRT)
{
    struct cc_hook hook = {.fn = wait_in_callback};

    cc_hook_set(&hook);
    cc_loop_turn(0);
}

static bool stop;

static void stop_loop(struct cc_timer *timer)
{
    (void)timer;
    stop = true;
}

Test(loop, runs_until_it_is_told_to_stop)
{
    struct cc_timer timer = {.fn = stop_loop};

    cc_timer_set(&timer, cc_now() + 5);
    cc_loop_run(&stop);

    cr_assert(stop);
}

/* ---- a host ---- */

static int64_t asked_ms;
static int asked;

static void ask(int64_t in_ms)
{
    asked_ms = in_ms;
    asked++;
}

static const struct cc_loop_host host = {ask};

static void nothing(struct cc_timer *timer)
{
    (void)timer;
}

Test(host, is_asked_to_come_back_for_the_earliest_timer)
{
    struct cc_timer late = {.fn = nothing}, early = {.fn = nothing};

    cc_loop_init(&host);
    cc_timer_set(&late, cc_now() + 5000);
    cr_assert_eq(asked, 1);
    cc_timer_set(&early, cc_now() + 1000);
    cr_assert_eq(asked, 2);
    cr_assert(asked_ms > 900 && asked_ms <= 1000);

    cc_loop_turn(0);
    cr_assert_eq(asked, 3);
    cc_timer_stop(&early);
    cc_loop_turn(0);
    cr_assert(asked_ms > 4900 && asked_ms <= 5000);
    cc_loop_done();
}

static struct cc_wait wait;

static void await(void *arg)
{
    (void)arg;
    cc_wait_for(&wait, CC_NEVER);
    cc_yield();
}

Test(host, is_asked_at_once_when_a_task_can_go_on)
{
    cc_loop_init(&host);
    cc_task_spawn("w", await, NULL, NULL);
    cr_assert_eq(asked, 0);

    cc_wait_done(&wait);
    cr_assert_eq(asked, 1);
    cr_assert_eq(asked_ms, 0);

    cc_loop_turn(0); /* the task yields: it wants one more turn */
    cr_assert_eq(asked, 2);
    cc_loop_turn(0);
    cr_assert_eq(asked, 2);
    cr_assert_eq(cc_task_live(), 0);
    cc_loop_done();
}

Test(host, sees_its_descriptor_readable_when_one_of_ours_is)
{
    int ends[2], epoll;
    struct cc_watch watch;

    cc_loop_init(&host);
    epoll = cc_loop_fd();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    cc_watch_init(&watch, ends[0], mark_watch, NULL);
    cc_watch_want(&watch, CC_READ);
    cr_assert_eq(write(ends[1], "x", 1), 1);

    cr_assert_geq(epoll, 0);
    cc_loop_turn(0);
    cr_assert_str_eq(order, "r");
    cc_watch_done(&watch);
    cc_loop_done();
}
