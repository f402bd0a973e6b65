/*
 * calls.h - what a worker or an ingest process is asked on behalf of a request (proto/bus/call.h).
 */
#ifndef CC_GATEWAY_CALLS_H
#define CC_GATEWAY_CALLS_H

#include "gateway/request.h"
#include "proto/bus/call.h"

struct cc_callee {
    const char *kind, *method;
    int timeout_ms;
};
extern const struct cc_callee CC_CALLEE_SEARCH, CC_CALLEE_EMBED, CC_CALLEE_PIN_PUT,
    CC_CALLEE_LLM_TEST;
extern const struct cc_callee CC_CALLEE_PREVIEW, CC_CALLEE_CHUNK_PUT;

/* Waits, as long as the callee may take.  Takes request.  *ret is the caller's to json_decref. */
int cc_call_for(struct cc_rq *rq, const struct cc_callee *callee, json_t *request, json_t **ret);

#endif
