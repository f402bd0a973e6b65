#include "proto/task/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/task/inside.h"

#define BATCH 256

static struct {
    int epoll;
    int64_t now_ms;
    struct epoll_event events[BATCH];
    int n, at;              /* of the batch that is being told */
    struct cc_timer **heap; /* 1-based: children of i are 2i and 2i + 1 */
    int timers, room;
    struct cc_hook *hooks, **hooks_end;
    const struct cc_loop_host *host;
    int64_t host_at_ms; /* the host comes back by then */
    bool turning;
} loop = {.epoll = -1, .hooks_end = &loop.hooks};

void cc_loop_init(const struct cc_loop_host *host)
{
    assert(loop.epoll == -1);
    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    assert(loop.epoll != -1);
    loop.host = host;
    loop.host_at_ms = CC_NEVER;
}

void cc_loop_done(void)
{
    close(loop.epoll);
    free(loop.heap);
    memset(&loop, 0, sizeof(loop));
    loop.epoll = -1;
    loop.hooks_end = &loop.hooks;
}

int cc_loop_fd(void)
{
    return loop.epoll;
}

int64_t cc_now(void)
{
    return loop.turning ? loop.now_ms : cc_clock_ms();
}

/* Within a turn nothing is to be done: its end asks. */
static void host_again(int64_t at_ms)
{
    if (!loop.host || loop.turning || at_ms >= loop.host_at_ms)
        return;
    loop.host_at_ms = at_ms;
    int64_t left = at_ms - cc_clock_ms();
    loop.host->again(left > 0 ? left : 0);
}

void cc_loop_poke(void)
{
    host_again(0);
}

/* ---- descriptors ---- */

static uint32_t epoll_bits(unsigned events)
{
    uint32_t bits = 0;

    if (events & CC_READ)
        bits |= EPOLLIN | EPOLLRDHUP;
    if (events & CC_WRITE)
        bits |= EPOLLOUT;
    return bits;
}

static unsigned our_events(uint32_t bits)
{
    unsigned events = 0;

    if (bits & (EPOLLIN | EPOLLRDHUP))
        events |= CC_READ;
    if (bits & EPOLLOUT)
        events |= CC_WRITE;
    if (bits & (EPOLLERR | EPOLLHUP))
        events |= CC_HUP | CC_READ | CC_WRITE;
    return events;
}

static void arm(struct cc_watch *watch, unsigned events)
{
    struct epoll_event event = {.events = epoll_bits(events), .data.ptr = watch};
    int op = EPOLL_CTL_MOD;

    if (events == watch->armed)
        return;
    if (watch->armed == 0)
        op = EPOLL_CTL_ADD;
    else if (events == 0)
        op = EPOLL_CTL_DEL;
    watch->armed = events;
    if (epoll_ctl(loop.epoll, op, watch->fd, &event) == 0 || op == EPOLL_CTL_DEL)
        return;
    cc_log(CC_ERROR, "watch_failed", cc_i("fd", watch->fd), cc_i("errno", errno));
    abort(); /* a wait on it would never end */
}

void cc_watch_init(struct cc_watch *watch, int fd, void (*fn)(struct cc_watch *, unsigned),
                   void *arg)
{
    *watch = (struct cc_watch){.fd = fd, .fn = fn, .arg = arg};
}

void cc_watch_want(struct cc_watch *watch, unsigned events)
{
    watch->want = events;
    if (events & ~watch->armed)
        arm(watch, watch->armed | events);
}

void cc_watch_done(struct cc_watch *watch)
{
    watch->want = 0;
    arm(watch, 0);
    for (int i = loop.at + 1; i < loop.n; i++) /* events of this batch still to be told */
        if (loop.events[i].data.ptr == watch)
            loop.events[i].data.ptr = NULL;
}

static void tell(struct cc_watch *watch, unsigned events)
{
    if (events & watch->want)
        watch->fn(watch, events);
    else
        arm(watch, watch->want & watch->armed); /* nobody cares any more */
}

static void tell_all(void)
{
    for (loop.at = 0; loop.at < loop.n; loop.at++) {
        const struct epoll_event *event = &loop.events[loop.at];

        if (event->data.ptr)
            tell(event->data.ptr, our_events(event->events));
    }
    loop.n = loop.at = 0;
}

/* ---- timers: a binary heap ---- */

static void place(int i, struct cc_timer *timer)
{
    loop.heap[i] = timer;
    timer->slot = i;
}

static void move_up(int i)
{
    struct cc_timer *timer = loop.heap[i];

    for (; i > 1 && loop.heap[i / 2]->at_ms > timer->at_ms; i /= 2)
        place(i, loop.heap[i / 2]);
    place(i, timer);
}

static void move_down(int i)
{
    struct cc_timer *timer = loop.heap[i];

    for (int child; (child = 2 * i) <= loop.timers; i = child) {
        if (child < loop.timers && loop.heap[child + 1]->at_ms < loop.heap[child]->at_ms)
            child++;
        if (loop.heap[child]->at_ms >= timer->at_ms)
            break;
        place(i, loop.heap[child]);
    }
    place(i, timer);
}

static void heap_grow(void)
{
    if (loop.timers + 2 <= loop.room)
        return;
    loop.room = loop.room ? 2 * loop.room : 256;
    loop.heap = realloc(loop.heap, (size_t)loop.room * sizeof(struct cc_timer *));
    if (!loop.heap)
        abort();
}

void cc_timer_stop(struct cc_timer *timer)
{
    int i = timer->slot;

    if (i == 0)
        return;
    timer->slot = 0;
    struct cc_timer *last = loop.heap[loop.timers--];
    if (last == timer)
        return;
    place(i, last);
    move_up(i);
    move_down(last->slot);
}

void cc_timer_set(struct cc_timer *timer, int64_t at_ms)
{
    timer->at_ms = at_ms;
    if (timer->slot == 0) {
        heap_grow();
        place(++loop.timers, timer);
    }
    move_up(timer->slot);
    move_down(timer->slot);
    host_again(loop.heap[1]->at_ms);
}

/* As many as there were: one that sets itself again for now must not keep us here. */
static void run_timers(void)
{
    for (int left = loop.timers; left > 0 && loop.timers > 0; left--) {
        struct cc_timer *timer = loop.heap[1];

        if (timer->at_ms > loop.now_ms)
            return;
        cc_timer_stop(timer);
        timer->fn(timer);
    }
}

/* ---- hooks ---- */

static void hook_append(struct cc_hook *hook)
{
    hook->queued = true;
    hook->next = NULL;
    *loop.hooks_end = hook;
    loop.hooks_end = &hook->next;
}

static void hook_unlink(struct cc_hook **p)
{
    struct cc_hook *hook = *p;

    *p = hook->next;
    if (!*p)
        loop.hooks_end = p;
    hook->queued = false;
}

void cc_hook_set(struct cc_hook *hook)
{
    if (hook->queued)
        return;
    hook_append(hook);
    cc_loop_poke();
}

void cc_hook_drop(struct cc_hook *hook)
{
    struct cc_hook **p = &loop.hooks;

    if (!hook->queued)
        return;
    while (*p != hook)
        p = &(*p)->next;
    hook_unlink(p);
}

/* Those set by hooks run next turn, so that a pair of them cannot keep us here. */
static void run_hooks(void)
{
    struct cc_hook end = {0};

    hook_append(&end);
    while (loop.hooks != &end) {
        struct cc_hook *hook = loop.hooks;

        hook_unlink(&loop.hooks);
        hook->fn(hook);
    }
    hook_unlink(&loop.hooks);
}

/* ---- turning ---- */

static bool work_left(void)
{
    return cc_task_any_ready() || loop.hooks;
}

static int wait_ms(int64_t max_ms)
{
    if (max_ms <= 0 || work_left())
        return 0;
    if (loop.timers > 0) {
        int64_t left = loop.heap[1]->at_ms - cc_clock_ms();

        if (left < max_ms)
            max_ms = left > 0 ? left : 0;
    }
    return max_ms > INT32_MAX ? -1 : (int)max_ms;
}

static void tell_host(void)
{
    loop.host_at_ms = CC_NEVER;
    if (work_left())
        host_again(0);
    else if (loop.timers > 0)
        host_again(loop.heap[1]->at_ms);
}

void cc_loop_turn(int64_t max_ms)
{
    assert(!cc_task_running && !loop.turning); /* callbacks must not wait */
    assert(loop.epoll != -1);
    int n = epoll_wait(loop.epoll, loop.events, BATCH, wait_ms(max_ms));
    loop.n = n > 0 ? n : 0;
    loop.now_ms = cc_clock_ms();
    loop.turning = true;
    tell_all();
    run_timers();
    cc_task_run_ready();
    run_hooks();
    loop.turning = false;
    tell_host();
}

void cc_loop_run(const bool *stop)
{
    while (!*stop)
        cc_loop_turn(CC_NEVER);
}
