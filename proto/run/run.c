/*
 *     starting --start ok--> serving --SIGTERM--> draining --drained--> ending
 *         |                                          |
 *         +-- failed, or SIGTERM --> ending          +-- second signal, 30 s --> gone at once
 */
#include "proto/run/run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/run/inside.h"
#include "proto/run/page.h"

#define STORES_MS 10000 /* until every store must have answered */
#define DRAIN_MS  30000
#define TASKS_MS  1000 /* for tasks that were told to stop */
#define SLOW_MS   50   /* a task that computes so long holds up all others: logged */

enum phase { STARTING, SERVING, DRAINING, ENDING };

struct life {
    const struct cc_program *program;
    struct cc_run run;
    struct cc_page *page;
    struct cc_watch signals;
    struct cc_timer last;
    struct cc_task_ref starter;
    enum phase phase;
    bool ending; /* phase == ENDING, for the loop */
    int exit_code;
};

static void go_to(struct life *life, enum phase phase)
{
    life->phase = phase;
    life->ending = phase == ENDING;
    life->run.stopping = phase >= DRAINING;
}

/* ---- stopping ---- */

/* Jobs that are open now are taken over by others after their lease. */
static void end_now(const char *why)
{
    cc_log(CC_WARN, "ended_at_once", cc_s("why", why));
    _exit(1);
}

static void on_last(struct cc_timer *timer)
{
    (void)timer;
    end_now("draining took too long");
}

static void drain(void *arg)
{
    struct life *life = arg;

    if (life->program->drain)
        life->program->drain(&life->run);
    go_to(life, ENDING);
}

static void begin_drain(struct life *life)
{
    go_to(life, DRAINING);
    cc_log(CC_INFO, "draining");
    life->last = (struct cc_timer){.fn = on_last};
    cc_timer_set(&life->last, cc_now() + DRAIN_MS);
    if (cc_task_spawn("drain", drain, life, NULL))
        end_now("no task for draining");
}

static void on_signal(struct cc_watch *watch, unsigned events)
{
    struct life *life = watch->arg;
    struct signalfd_siginfo info;

    (void)events;
    while (read(watch->fd, &info, sizeof info) == sizeof info) {
        switch (life->phase) {
        case STARTING:
            life->run.stopping = true;
            cc_task_cancel(life->starter);
            break;
        case SERVING: begin_drain(life); break;
        default: end_now("told to stop again"); break;
        }
    }
}

/* ---- starting ---- */
static int open_page(struct life *life)
{
    int port = (int)cc_cfg_int(CC_CFG_METRICS_PORT);

    return port > 0 ? cc_page_open(port, &life->page) : 0;
}

static void start(void *arg)
{
    struct life *life = arg;
    int rc = cc_run_open_stores(&life->run, cc_now() + STORES_MS);

    rc = rc ? rc : open_page(life);
    rc = rc ? rc : life->program->start(&life->run);
    if (rc == 0 && !life->run.stopping) {
        go_to(life, SERVING);
        cc_log(CC_INFO, "started", cc_s("instance", life->run.instance));
    } else if (rc == 0) { /* told to stop in the last moment: what was started must end in order */
        begin_drain(life);
    } else {
        if (!life->run.stopping) {
            fprintf(stderr, "%s: %s\n", life->program->name, cc_fail_text());
            life->exit_code = 1;
        }
        go_to(life, ENDING);
    }
}

/* From here on also of every thread: a library's must not get our signals. */
static int catch_signals(struct life *life)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return cc_fail(CC_E_INTERNAL, "no signalfd");
    cc_watch_init(&life->signals, fd, on_signal, life);
    cc_watch_want(&life->signals, CC_READ);
    return 0;
}

static void raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int begin(struct life *life)
{
    cc_log_open(life->program->name, cc_cfg(CC_CFG_LOG_LEVEL));
    raise_files();
    cc_loop_init(NULL);
    cc_task_name_overflows();
    cc_task_slow_ms(SLOW_MS);
    life->run.instance = cc_run_instance();
    int rc = cc_metrics_open(1);
    rc = rc ? rc : catch_signals(life);
    return rc ? rc : cc_task_spawn("start", start, life, &life->starter);
}

/* ---- ending ---- */
static bool tasks_have_ended(void)
{
    int64_t end_ms = cc_clock_ms() + TASKS_MS;

    while (cc_task_live() > 0 && cc_clock_ms() < end_ms)
        cc_loop_turn(10);
    return cc_task_live() == 0;
}

/* With a task left the stores are still in use: then the kernel tidies up. */
static void end(struct life *life)
{
    cc_timer_stop(&life->last);
    cc_page_close(&life->page);
    if (!tasks_have_ended()) {
        cc_log(CC_WARN, "tasks_left", cc_i("tasks", cc_task_live()));
        _exit(life->exit_code);
    }
    cc_run_close_stores(&life->run);
    cc_watch_done(&life->signals);
    close(life->signals.fd);
    cc_log(CC_INFO, "ended");
    cc_metrics_close();
    cc_loop_done();
}

int cc_run_main(int argc, char **argv, const struct cc_program *program)
{
    static struct life life; /* static: a debugger finds it */
    int exit_code = 0;

    int rc = cc_config_load();
    if (rc == 0 && cc_run_options(argc, argv, program, &exit_code))
        return exit_code;
    life.program = program;
    rc = rc ? rc : begin(&life);
    if (rc) {
        fprintf(stderr, "%s: %s\n", program->name, cc_fail_text());
        return 1;
    }
    cc_loop_run(&life.ending);
    end(&life);
    return life.exit_code;
}
