/*
 * task.h - straight-line code that waits without blocking its process.
 *
 * A task is a function on its own stack (256 KiB, guard page, recycled).  It runs until it
 * waits; meanwhile the loop runs other tasks.  Only cc_wait_*, cc_sleep and calls built on them
 * (their headers say "Waits.") give the processor away: between two waits no
 * other task runs, so no locks are needed, and nothing shared may be assumed
 * unchanged across one.
 *
 * Called without a task (tools, unit tests) the same calls turn the loop until
 * they are done: they simply block.
 *
 * Each task has its own words of cc_fail(), its own log trace and its own actor (base/actor.h).
 */
#ifndef CC_TASK_TASK_H
#define CC_TASK_TASK_H

#include "proto/base/error.h"
#include "proto/task/loop.h"

struct cc_task;

/* Names a task even after its end: cancelling a finished one does nothing. */
struct cc_task_ref {
    struct cc_task *task;
    unsigned life;
};

/*
 * Starts fn(arg) at once, on the caller's time, until its first wait (called
 * from a task: in the next turn).  *ret (may be NULL) is set before fn starts.
 * BUSY when no stack can be had.  name must outlive the task.
 */
int cc_task_spawn(const char *name, void (*fn)(void *arg), void *arg, struct cc_task_ref *ret);
struct cc_task *cc_task_current(void); /* NULL outside of tasks */
const char *cc_task_name(void);
int cc_task_live(void); /* how many there are */

/* Its waits return CC_E_CANCELLED from now on, the present one included. */
void cc_task_cancel(struct cc_task_ref ref);
bool cc_task_is_cancelled(void);

/* The latest moment any wait of the current task may last to; CC_NEVER lifts it. */
void cc_task_deadline(int64_t at_ms);
int64_t cc_task_deadline_at(void); /* CC_NEVER outside of tasks */

/* Masked, a cancelled task may still wait: only to see its own children or a commit end. */
bool cc_task_mask(bool masked); /* returns what it was */

/* One waiter, one completion; lives where both can see it. */
struct cc_wait {
    struct cc_task *task;
    bool done;
};
int cc_wait_for(struct cc_wait *wait, int64_t deadline_ms); /* Waits.  0, TIMEOUT, CANCELLED. */
void cc_wait_done(struct cc_wait *wait);                    /* from any callback or task */

/* Waits until fd is readable/writable.  The watch may be reused for many waits. */
struct cc_fdwait {
    struct cc_watch watch;
    struct cc_wait wait;
    unsigned got;
};
void cc_fdwait_init(struct cc_fdwait *f, int fd);
int cc_fdwait(struct cc_fdwait *f, unsigned events, int64_t deadline_ms); /* Waits. */
void cc_fdwait_done(struct cc_fdwait *f);
int cc_wait_fd(int fd, unsigned events, int64_t deadline_ms); /* Waits; one-off. */
int cc_sleep(int64_t ms); /* Waits.  0 when it slept that long: cc_fail_text() is as before. */
int cc_yield(void);       /* Waits one turn. */

/* Between these nothing may wait (asserted): around loops over shared lists. */
void cc_nowait_begin(void);
void cc_nowait_end(void);

void cc_task_slow_ms(int ms);      /* log a task that computes that long; 0: never */
void cc_task_name_overflows(void); /* a SIGSEGV handler that names the task */
void cc_task_opts(size_t stack_bytes, int spare, bool paint);
/* From now on a stack is zeroed when its task has ended: what lay there is in no core file. */
void cc_task_scrub(bool on);

/*
 * Gives back the memory of the current task's stack that lies unused below the caller: worth a
 * system call before a task parks for seconds, among thousands of others.
 */
void cc_task_trim(void);

struct cc_task_stat {
    int live, peak, spare;
    uint64_t switches, spawned;
    size_t deepest; /* bytes; only when painted */
};
const struct cc_task_stat *cc_task_stat(void);

#endif
