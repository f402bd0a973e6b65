/*
 * offload.h - lets a thread do what can only block or compute: passwords,
 * libraries without an asynchronous interface.
 *
 * The job owns its memory, in and out: when the waiting task is cancelled or
 * too late, the thread goes on and the job is freed when it is through.
 */
#ifndef CC_TASK_OFFLOAD_H
#define CC_TASK_OFFLOAD_H

#include "proto/task/task.h"

struct cc_offload {
    void (*run)(struct cc_offload *job);  /* on a thread: may touch nothing but the job */
    void (*free)(struct cc_offload *job); /* on the loop's thread */
    /* below: ours */
    struct cc_offload *next;
    struct cc_wait wait;
    bool abandoned;
};
int cc_offload_open(int threads, int queue);
void cc_offload_close(void); /* Waits for the threads. */

/* Waits.  0: job->run is through and the job is the caller's again.  Else it is gone. */
int cc_offload_run(struct cc_offload *job, int64_t deadline_ms);

#endif
