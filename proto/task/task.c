/* The life of a task, and the queue of those that can go on. */
#include "proto/task/task.h"

#include <string.h>

#include "proto/base/actor.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/task/inside.h"

struct cc_task *cc_task_list;
struct cc_task_stat cc_task_counts;

static struct {
    struct cc_task *first, **end;
} ready = {.end = &ready.first};

static int slow_ms;

struct cc_task *cc_task_current(void)
{
    return cc_task_running;
}

const char *cc_task_name(void)
{
    return cc_task_running ? cc_task_running->name : "-";
}

int cc_task_live(void)
{
    return cc_task_counts.live;
}

const struct cc_task_stat *cc_task_stat(void)
{
    return &cc_task_counts;
}

bool cc_task_is_cancelled(void)
{
    return cc_task_running && cc_task_running->cancelled;
}

void cc_task_slow_ms(int ms)
{
    slow_ms = ms;
}

void cc_task_deadline(int64_t at_ms)
{
    if (cc_task_running)
        cc_task_running->deadline = at_ms;
}

int64_t cc_task_deadline_at(void)
{
    return cc_task_running ? cc_task_running->deadline : CC_NEVER;
}

bool cc_task_mask(bool masked)
{
    bool was = cc_task_running && cc_task_running->masked;

    if (cc_task_running)
        cc_task_running->masked = masked;
    return was;
}

static void live_add(struct cc_task *task)
{
    task->prev_live = NULL;
    task->next_live = cc_task_list;
    if (cc_task_list)
        cc_task_list->prev_live = task;
    cc_task_list = task;
    cc_task_counts.spawned++;
    if (++cc_task_counts.live > cc_task_counts.peak)
        cc_task_counts.peak = cc_task_counts.live;
}

static void live_remove(struct cc_task *task)
{
    if (task->next_live)
        task->next_live->prev_live = task->prev_live;
    if (task->prev_live)
        task->prev_live->next_live = task->next_live;
    else
        cc_task_list = task->next_live;
    cc_task_counts.live--;
}

static void retire(struct cc_task *task)
{
    cc_timer_stop(&task->timer);
    task->life++;
    live_remove(task);
    cc_stack_give(task);
}

static void note_slow(const struct cc_task *task, int64_t began)
{
    int64_t took = cc_clock_ms() - began;

    if (took >= slow_ms)
        cc_log(CC_WARN, "task_slow", cc_s("task", task->name), cc_i("ms", took));
}

/* Words of cc_fail(), log trace and actor change hands with the stack. */
static void resume(struct cc_task *task)
{
    int64_t began = slow_ms ? cc_clock_ms() : 0;

    task->state = CC_TASK_RUNNING;
    cc_fail_buffer(task->fail);
    cc_log_trace_buffer(task->trace);
    cc_actor_buffer(task->actor);
    cc_stack_enter(task);
    if (slow_ms)
        note_slow(task, began);
    cc_fail_buffer(NULL);
    cc_log_trace_buffer(NULL);
    cc_actor_buffer(NULL);
    if (task->state == CC_TASK_DEAD)
        retire(task);
}

void cc_task_make_ready(struct cc_task *task)
{
    if (task->state != CC_TASK_PARKED)
        return;
    task->state = CC_TASK_READY;
    task->next_ready = NULL;
    *ready.end = task;
    ready.end = &task->next_ready;
    cc_loop_poke();
}

bool cc_task_any_ready(void)
{
    return ready.first != NULL;
}

/* Those ready now; what they make ready runs next turn, after descriptors had their say. */
void cc_task_run_ready(void)
{
    struct cc_task *list = ready.first;

    ready.first = NULL;
    ready.end = &ready.first;
    while (list) {
        struct cc_task *task = list;

        list = task->next_ready;
        resume(task);
    }
}

static void on_deadline(struct cc_timer *timer)
{
    cc_task_make_ready(timer->arg);
}

static void prepare(struct cc_task *task, const char *name, void (*fn)(void *arg), void *arg)
{
    task->name = name;
    task->fn = fn;
    task->arg = arg;
    task->cancelled = task->masked = false;
    task->nowait = 0;
    task->deadline = CC_NEVER;
    task->timer = (struct cc_timer){.fn = on_deadline, .arg = task};
    task->fail[0] = task->actor[0] = '\0';
    memccpy(task->trace, cc_log_trace_get(), '\0', sizeof(task->trace));
}

int cc_task_spawn(const char *name, void (*fn)(void *arg), void *arg, struct cc_task_ref *ret)
{
    struct cc_task *task = cc_stack_take();

    if (!task)
        return cc_fail(CC_E_BUSY, "%s: no stack for one more task", name);
    prepare(task, name, fn, arg);
    live_add(task);
    if (ret)
        *ret = (struct cc_task_ref){task, task->life};
    if (!cc_task_running) {
        resume(task);
    } else { /* one task never runs on top of another */
        task->state = CC_TASK_PARKED;
        cc_task_make_ready(task);
    }
    return 0;
}

static struct cc_task *living(struct cc_task_ref ref)
{
    return ref.task && ref.task->life == ref.life ? ref.task : NULL;
}

void cc_task_cancel(struct cc_task_ref ref)
{
    struct cc_task *task = living(ref);

    if (!task)
        return;
    task->cancelled = true;
    cc_task_make_ready(task);
}

/* Called right after the spawn by a task, so before the child first ran. */
void cc_task_inherit_deadline(struct cc_task_ref ref)
{
    struct cc_task *child = living(ref);

    if (child && cc_task_running)
        child->deadline = cc_task_running->deadline;
}
