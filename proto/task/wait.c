/* Parking a task until somebody says that what it waits for is there. */
#include <assert.h>

#include "proto/base/clock.h"
#include "proto/task/inside.h"

void cc_nowait_begin(void)
{
    if (cc_task_running)
        cc_task_running->nowait++;
}

void cc_nowait_end(void)
{
    if (cc_task_running)
        cc_task_running->nowait--;
}

static bool told_to_stop(const struct cc_task *task)
{
    return task->cancelled && !task->masked;
}

/* 0: somebody woke us, which does not yet mean that it is done. */
static int park(int64_t deadline_ms)
{
    struct cc_task *task = cc_task_running;

    assert(task->nowait == 0); /* somebody up the stack relies on nothing changing */
    if (told_to_stop(task))
        return CC_E_CANCELLED;
    if (task->deadline < deadline_ms && !task->masked)
        deadline_ms = task->deadline;
    if (deadline_ms <= cc_now())
        return CC_E_TIMEOUT;
    if (deadline_ms != CC_NEVER)
        cc_timer_set(&task->timer, deadline_ms);
    task->state = CC_TASK_PARKED;
    cc_stack_leave();
    cc_timer_stop(&task->timer);
    if (told_to_stop(task))
        return CC_E_CANCELLED;
    return deadline_ms <= cc_now() ? CC_E_TIMEOUT : 0;
}

static int turn_until(const bool *done, int64_t deadline_ms)
{
    while (!*done) {
        int64_t left = deadline_ms == CC_NEVER ? CC_NEVER : deadline_ms - cc_clock_ms();

        if (left <= 0)
            return CC_E_TIMEOUT;
        cc_loop_turn(left);
    }
    return 0;
}

static int park_until(struct cc_wait *wait, int64_t deadline_ms)
{
    int rc = 0;

    wait->task = cc_task_running;
    while (!wait->done && rc == 0)
        rc = park(deadline_ms);
    wait->task = NULL;
    return wait->done ? 0 : rc; /* what is done is done, even if late */
}

/* Without words: for a sleeper it is no failure that its time has come. */
static int wait_for(struct cc_wait *wait, int64_t deadline_ms)
{
    return cc_task_running ? park_until(wait, deadline_ms) : turn_until(&wait->done, deadline_ms);
}

static int with_words(int rc)
{
    return rc ? cc_fail(rc, rc == CC_E_CANCELLED ? "told to stop" : "the deadline passed") : 0;
}

int cc_wait_for(struct cc_wait *wait, int64_t deadline_ms)
{
    return with_words(wait_for(wait, deadline_ms));
}

void cc_wait_done(struct cc_wait *wait)
{
    wait->done = true;
    if (wait->task)
        cc_task_make_ready(wait->task);
}

static void on_event(struct cc_watch *watch, unsigned events)
{
    struct cc_fdwait *f = watch->arg;

    f->got = events;
    watch->want = 0; /* lazily: the epoll set is not touched */
    cc_wait_done(&f->wait);
}

void cc_fdwait_init(struct cc_fdwait *f, int fd)
{
    *f = (struct cc_fdwait){0};
    cc_watch_init(&f->watch, fd, on_event, f);
}

int cc_fdwait(struct cc_fdwait *f, unsigned events, int64_t deadline_ms)
{
    f->wait.done = false;
    cc_watch_want(&f->watch, events);
    int rc = cc_wait_for(&f->wait, deadline_ms);
    f->watch.want = 0;
    return rc;
}

void cc_fdwait_done(struct cc_fdwait *f)
{
    cc_watch_done(&f->watch);
}

int cc_wait_fd(int fd, unsigned events, int64_t deadline_ms)
{
    struct cc_fdwait f;

    cc_fdwait_init(&f, fd);
    int rc = cc_fdwait(&f, events, deadline_ms);
    cc_fdwait_done(&f);
    return rc;
}

int cc_sleep(int64_t ms)
{
    struct cc_wait never = {0};
    int64_t end_ms = cc_now() + ms;
    int rc = wait_for(&never, end_ms);

    if (rc == CC_E_TIMEOUT && cc_now() >= end_ms)
        return 0;
    return with_words(rc); /* TIMEOUT: the task's own deadline */
}

int cc_yield(void)
{
    struct cc_task *task = cc_task_running;

    if (!task) {
        cc_loop_turn(0);
        return 0;
    }
    assert(task->nowait == 0);
    task->state = CC_TASK_PARKED;
    cc_task_make_ready(task);
    cc_stack_leave();
    return with_words(told_to_stop(task) ? CC_E_CANCELLED : 0);
}
