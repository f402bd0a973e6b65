/*
 * ingest.h - documents become passages that can be found.
 *
 *     lines of the tenants --feeder--> stream
 *     taker, reclaimer --entry--> document task: claim > load > parse > chunk > embed > publish
 *     sweeper: rows that nobody holds --> lines
 *
 * PostgreSQL's row is the truth and its attempt number the fence; an entry of the stream is only
 * a hint: it may be missing (the sweeper puts it again) or be there twice (the claim tells).
 */
#ifndef CC_INGEST_INGEST_H
#define CC_INGEST_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/jail.h"
#include "ingest/tokens.h"
#include "proto/bus/queue.h"
#include "proto/run/run.h"
#include "proto/vec/embedders.h"
#include "proto/vec/points.h"

#define CC_INGEST_SLOTS_MAX 32
/* A reclaimed entry may come while the taker waits for as many as there were slots. */
#define CC_INGEST_TASKS_MAX (2 * CC_INGEST_SLOTS_MAX)
#define CC_INGEST_LOOPS_MAX 12

/* One per process. */
struct cc_ingest {
    struct cc_run *run;
    struct cc_queue *queue;
    struct cc_tokens *tokens;
    struct cc_embedder *embedder;   /* the one of the settings */
    struct cc_embedders *embedders; /* it, and those that tenants still use */
    struct cc_points *points;       /* where vectors lie instead of in PostgreSQL; NULL: nowhere */
    struct cc_jail jail;
    int lease_ms, slots, busy;
    int64_t attempts_max;
    struct cc_ingest_loop {
        struct cc_ingest *ingest;
        const struct cc_ingest_loop_fn *what; /* row of intake.c's table */
        struct cc_task_ref task;
    } loop[CC_INGEST_LOOPS_MAX];
    int loops;                                    /* that have not ended */
    struct cc_task_ref task[CC_INGEST_TASKS_MAX]; /* of the documents at work */
    struct cc_wait *freed;                        /* who waits for a slot, or for all to end */
};

/* Waits.  Opens what is needed and starts the tasks.  NOTFOUND when a program or a rank file is
 * missing. */
int cc_ingest_start(struct cc_ingest *ingest, struct cc_run *run);

/* Waits.  Takes nothing more, lets documents end for a while, hands the others back. */
void cc_ingest_drain(struct cc_ingest *ingest);

/* Puts lost documents in their lines again, once per CC_SWEEP_MS, until stopping.  Waits. */
void cc_ingest_sweep(void *ingest);

#endif
