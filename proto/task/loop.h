/*
 * loop.h - one epoll set, one timer heap and one run queue per process.
 *
 * A process either turns the loop itself (cc_loop_run) or lets a host turn it
 * (the gateway: Kore watches cc_loop_fd() and calls cc_loop_turn(0)).  All
 * callbacks run on the process's own stack, never on a task's, and must not wait.
 */
#ifndef CC_TASK_LOOP_H
#define CC_TASK_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_NEVER INT64_MAX

enum { CC_READ = 1, CC_WRITE = 2, CC_HUP = 4 };

/* A file descriptor we want to hear about.  Call cc_watch_done() before close(). */
struct cc_watch {
    int fd;
    unsigned want, armed; /* armed may lag behind: dropped when it annoys */
    void (*fn)(struct cc_watch *watch, unsigned events);
    void *arg;
};
void cc_watch_init(struct cc_watch *watch, int fd, void (*fn)(struct cc_watch *, unsigned),
                   void *arg);
void cc_watch_want(struct cc_watch *watch, unsigned events);
void cc_watch_done(struct cc_watch *watch);

/* One-shot; at_ms is a cc_now() time. */
struct cc_timer {
    int64_t at_ms;
    int slot; /* 0: not armed */
    void (*fn)(struct cc_timer *timer);
    void *arg;
};
void cc_timer_set(struct cc_timer *timer, int64_t at_ms);
void cc_timer_stop(struct cc_timer *timer);

/* Something to do once at the end of this turn, e.g. flush what tasks wrote. */
struct cc_hook {
    struct cc_hook *next;
    bool queued;
    void (*fn)(struct cc_hook *hook);
    void *arg;
};
void cc_hook_set(struct cc_hook *hook);
void cc_hook_drop(struct cc_hook *hook);

/* The host calls cc_loop_turn(0) when cc_loop_fd() is readable, and after in_ms. */
struct cc_loop_host {
    void (*again)(int64_t in_ms);
};
void cc_loop_init(const struct cc_loop_host *host); /* host NULL: we turn it ourselves */
void cc_loop_done(void);
int cc_loop_fd(void);
void cc_loop_turn(int64_t max_ms);
void cc_loop_run(const bool *stop); /* until *stop */
int64_t cc_now(void);               /* monotonic ms, cached per turn */

#endif
