#include "gateway/calls.h"

#include "gateway/gateway.h"

#define REST_MS 5000 /* for what a handler does before and after */

const struct cc_callee CC_CALLEE_SEARCH = {CC_CALL_WORKER, "search", 20000};
const struct cc_callee CC_CALLEE_EMBED = {CC_CALL_WORKER, "embed", 30000};
const struct cc_callee CC_CALLEE_PIN_PUT = {CC_CALL_WORKER, "pin_put", 30000};
const struct cc_callee CC_CALLEE_LLM_TEST = {CC_CALL_WORKER, "llm_test", 25000};
const struct cc_callee CC_CALLEE_PREVIEW = {CC_CALL_INGEST, "preview", 75000}; /* parses */
const struct cc_callee CC_CALLEE_CHUNK_PUT = {CC_CALL_INGEST, "chunk_put", 30000};

int cc_call_for(struct cc_rq *rq, const struct cc_callee *callee, json_t *request, json_t **ret)
{
    const struct cc_call call = {.kind = callee->kind,
                                 .method = callee->method,
                                 .tenant = rq->guest.tenant,
                                 .trace = rq->id,
                                 .request = request,
                                 .timeout_ms = callee->timeout_ms};
    int rc;

    cc_task_deadline(cc_now() + callee->timeout_ms + REST_MS);
    rc = cc_call(cc_gateway()->calls, &call, ret);
    json_decref(request);
    return rc;
}
