/*
 * calls.h - what other processes ask a worker for: a search as the owner would try it out, vectors
 * of texts, a pinned answer with the vectors of its questions.
 */
#ifndef CC_WORKER_CALLS_H
#define CC_WORKER_CALLS_H

#include "worker/worker.h"

/* Sets worker->calls; cc_call_stop() ends it. */
int cc_calls_serve(struct cc_worker *worker);

#endif
