/*
 * run.h - a process's life: start, serve, drain, end; the same for workers and ingest.
 *
 *     cc_run_main(argc, argv, &program):
 *       options (--config, --config-markdown, --version, --help) -> settings -> log -> loop ->
 *       stores open -> program->start -> turn until SIGTERM/SIGINT -> program->drain -> end
 *
 * A second SIGTERM, or 30 s of draining, ends it at once.  A loopback page (CC_METRICS_PORT) serves
 * /metrics and /health/live.
 *
 * SIGTERM and SIGINT are blocked (the loop reads them): a child unblocks them before it execs.
 * drain() also ends the tasks that start() began: those left a second later keep the stores from
 * being closed in order.
 */
#ifndef CC_RUN_RUN_H
#define CC_RUN_RUN_H

#include <stdbool.h>

#include "proto/bus/redis.h"
#include "proto/http/http.h"
#include "proto/store/pg.h"

struct cc_run {
    const char *instance;                     /* unique name: host-pid-start, or CC_INSTANCE */
    struct cc_redis *queue, *live, *blocking; /* blocking: a second link to the queue server */
    struct cc_pg *pg, *sweep;                 /* sweep NULL when CC_PG_SWEEP is empty */
    struct cc_http *http;
    bool stopping; /* take no new work */
};
struct cc_program {
    const char *name;
    /* On a task.  Failing ends the process with words on standard error. */
    int (*start)(struct cc_run *run);
    /* On a task, after stopping is set: returns when nothing is open any more.  Waits. */
    void (*drain)(struct cc_run *run);
};
int cc_run_main(int argc, char **argv, const struct cc_program *program);

/* host-pid-start: for the gateway, too. */
const char *cc_run_instance(void);

/* Sets the gauges of the process itself (memory, files, tasks): before metrics are rendered. */
void cc_run_measure(void);

#define CC_VERSION "0.1.0"

#endif
