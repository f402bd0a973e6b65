/* Rows are the truth: what waits without an entry gets one. */
#include "ingest/ingest.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/store/document.h"
#include "proto/wire/job.h"
#include "proto/wire/names.h"

#define SWEEP_ROWS  500
#define SWEEP_BYTES ((size_t)1 << 20)

static int put_again(struct cc_ingest *ingest, const struct cc_document_waiting *row)
{
    const struct cc_ingest_job job = {.document = row->id,
                                      .tenant = row->tenant,
                                      .trace = row->id,
                                      .generation = row->generation};
    struct cc_buf body;
    int rc;

    cc_buf_init(&body, CC_JOB_MAX);
    cc_ingest_job_encode(&job, &body);
    rc = cc_queue_put(ingest->run->queue, CC_STREAM_INGEST, body.bytes, body.len, NULL);
    cc_buf_done(&body);
    return rc;
}

/* Of all processes that see the same row, one moves its time on and puts the entry. */
static int sweep(struct cc_ingest *ingest, int64_t older_ms, struct cc_arena *mem, int *ret_put)
{
    struct cc_document_waiting *row;
    int n, rc = cc_document_sweep(ingest->run->sweep, older_ms, SWEEP_ROWS, mem, &row, &n);

    for (int i = 0; !rc && i < n; i++) {
        bool ours;

        rc = cc_document_revive(ingest->run->pg, row[i].tenant, row[i].id, older_ms, &ours);
        if (!rc && ours && !(rc = put_again(ingest, &row[i])))
            ++*ret_put;
    }
    return rc;
}

void cc_ingest_sweep(void *arg)
{
    struct cc_ingest *ingest = arg;
    int64_t every_ms = cc_cfg_int(CC_CFG_SWEEP_MS);

    while (ingest->run->sweep && !ingest->run->stopping && !cc_sleep(every_ms)) {
        struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);
        int put = 0, rc = sweep(ingest, every_ms, mem, &put);

        if (rc && rc != CC_E_CANCELLED)
            cc_log_failure("sweep_failed", rc);
        if (put)
            cc_log(CC_INFO, "swept", cc_i("documents", put));
        cc_arena_free(&mem);
    }
}
