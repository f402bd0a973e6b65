/*
 * intake.h - takes questions off the work stream while there are free slots, and looks for those
 * whose worker has fallen silent on a timer, whatever the load.
 */
#ifndef CC_WORKER_INTAKE_H
#define CC_WORKER_INTAKE_H

#include "worker/worker.h"

int cc_intake_start(struct cc_worker *worker); /* until run->stopping */

/* Waits until every question held is given back, done or not; not longer than finish_ms for those
 * that go on by themselves. */
void cc_intake_drain(struct cc_worker *worker, int64_t finish_ms);

#endif
