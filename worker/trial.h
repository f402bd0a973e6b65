/*
 * trial.h - asks a tenant's model service for a word, so that its owner sees whether it works.
 */
#ifndef CC_WORKER_TRIAL_H
#define CC_WORKER_TRIAL_H

#include "proto/bus/call.h"

/* Waits.  The call "llm_test": {provider, model?} -> {ok: true, model, latencyMs, usage}, or
 * {ok: false, model?, latencyMs, code, detail}: a service that fails is no failure of the call.
 * What it uses is booked as of no bot, and must fit under the tenant's caps (code quota_exceeded).
 * self: the struct cc_worker. */
int cc_llm_trial(void *self, const struct cc_call_request *request, json_t **ret);

#endif
