/* Rows are the truth: what waits and is in no line gets into one; what is in one stays there. */
#include "ingest/ingest.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/line_up.h"
#include "proto/store/bot.h"
#include "proto/store/document.h"

#define SWEEP_ROWS    500
#define DELETING_ROWS 200
#define SWEEP_BYTES   ((size_t)1 << 20)

/* Of all processes that see the same row, one moves its time on and puts the entry. */
static int sweep(struct cc_ingest *ingest, int64_t older_ms, struct cc_arena *mem, int *ret_put)
{
    struct cc_document_waiting *row;
    int n, rc = cc_document_sweep(ingest->run->sweep, older_ms, SWEEP_ROWS, mem, &row, &n);

    for (int i = 0; !rc && i < n; i++) {
        bool ours;

        rc = cc_document_revive(ingest->run->pg, row[i].tenant, row[i].id, older_ms, &ours);
        if (!rc && ours)
            rc = cc_ingest_enqueue(ingest->run->queue, row[i].tenant, row[i].id, row[i].generation);
        if (!rc && ours)
            ++*ret_put;
    }
    return rc;
}

/* Until nothing is left that a deleted bot had. */
static int clear_away(struct cc_ingest *ingest, int *ret_done)
{
    int done, rc;

    do {
        rc = cc_sweep_deleting(ingest->run->sweep, ingest->run->pg, DELETING_ROWS, &done);
        *ret_done += done;
    } while (rc == 0 && done >= DELETING_ROWS && !ingest->run->stopping);
    return rc;
}

static void measure(struct cc_ingest *ingest)
{
    int64_t oldest_s;

    if (!cc_document_oldest(ingest->run->sweep, &oldest_s))
        cc_metric_set(CC_M_INGEST_OLDEST, NULL, (double)oldest_s);
}

static void sweep_once(struct cc_ingest *ingest, int64_t older_ms)
{
    struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);
    int put = 0, gone = 0, rc = sweep(ingest, older_ms, mem, &put);

    if (!rc)
        rc = clear_away(ingest, &gone);
    if (rc && rc != CC_E_CANCELLED)
        cc_log_failure("sweep_failed", rc);
    if (gone)
        cc_log(CC_INFO, "swept_deleted", cc_i("rows", gone));
    if (put)
        cc_log(CC_INFO, "swept", cc_i("documents", put));
    measure(ingest);
    cc_arena_free(&mem);
}

/* At once, too: processes that die before their first turn would leave lost documents lost. */
void cc_ingest_sweep(void *arg)
{
    struct cc_ingest *ingest = arg;
    int64_t every_ms = cc_cfg_int(CC_CFG_SWEEP_MS);

    if (!ingest->run->sweep)
        return;
    do
        sweep_once(ingest, every_ms);
    while (!ingest->run->stopping && !cc_sleep(every_ms));
}
