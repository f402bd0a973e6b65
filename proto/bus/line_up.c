#include "proto/bus/line_up.h"

#include "proto/bus/fair.h"
#include "proto/wire/job.h"
#include "proto/wire/names.h"

int cc_ingest_enqueue(struct cc_redis *queue, const char *tenant, const char *document,
                      int64_t generation)
{
    const struct cc_ingest_job job = {
        .document = document, .tenant = tenant, .trace = document, .generation = generation};
    struct cc_buf body;
    int rc;

    cc_buf_init(&body, CC_JOB_MAX);
    cc_ingest_job_encode(&job, &body);
    rc = cc_fair_put(queue, CC_STREAM_INGEST, tenant, body.bytes, body.len);
    cc_buf_done(&body);
    return rc;
}
