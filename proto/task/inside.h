/*
 * inside.h - what the files of proto/task share; nobody else includes it.
 *
 *   stack.c  stacks and the switch between them      task.c  life of a task, run queue
 *   wait.c   parking and waking                      loop.c  descriptors, timers, hooks
 *
 *              spawn                    waits
 *     (none) ---------> RUNNING <------------------> PARKED
 *                         |  ^                         |
 *                 returns |  | its turn in the queue   | woken: cc_task_make_ready()
 *                         v  |                         v
 *                       DEAD +---------------------- READY
 *
 * tests/support/gdb/tasks.py reads struct cc_task by the names of its members.
 */
#ifndef CC_TASK_INSIDE_H
#define CC_TASK_INSIDE_H

#include <ucontext.h>

#include "proto/base/actor.h"
#include "proto/base/log.h"
#include "proto/task/task.h"
#include "proto/task/task_san.h"

enum cc_task_state { CC_TASK_DEAD, CC_TASK_RUNNING, CC_TASK_PARKED, CC_TASK_READY };

struct cc_context {
    ucontext_t uc;
    struct cc_san san;
};

/* Recycled with its stack, and never freed: references may name it for ever. */
struct cc_task {
    struct cc_context context;
    char *stack; /* lowest usable byte; a guard page lies below */
    size_t size;
    enum cc_task_state state;
    bool cancelled, masked;
    int nowait; /* depth of sections that must not wait */
    int64_t deadline;
    struct cc_timer timer;
    struct cc_task *next_ready, *next_spare;
    struct cc_task *prev_live, *next_live;
    unsigned life; /* grows at each end */
    const char *name;
    void (*fn)(void *arg); /* NULL: leave the stack for good */
    void *arg;
    char fail[CC_FAIL_TEXT], trace[CC_TRACE_TEXT], actor[CC_ACTOR_TEXT];
};

/* The one that runs now; NULL on the process's own stack. */
extern struct cc_task *cc_task_running;

/* All live ones, for the debugger. */
extern struct cc_task *cc_task_list;

extern struct cc_task_stat cc_task_counts;

/* stack.c */
struct cc_task *cc_stack_take(void); /* NULL when no more can be had */
void cc_stack_give(struct cc_task *task);
void cc_stack_enter(struct cc_task *task); /* from the process's stack; until it leaves */
void cc_stack_leave(void);                 /* from the running task's */

/* task.c */
void cc_task_make_ready(struct cc_task *task); /* nothing happens unless it is parked */
bool cc_task_any_ready(void);
void cc_task_run_ready(void);
void cc_task_inherit_deadline(struct cc_task_ref child);

/* loop.c: asks the host to turn the loop soon */
void cc_loop_poke(void);

#endif
