/* cc-worker: questions in, events and records out. */
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/run/pacer.h"
#include "proto/store/prices.h"
#include "proto/task/offload.h"
#include "proto/wire/names.h"
#include "worker/calls.h"
#include "worker/credentials.h"
#include "worker/hold.h"
#include "worker/intake.h"

#define THREADS 2 /* for what computes: the built-in embedding of questions */
static struct cc_worker worker;

static int open_queue(struct cc_run *run)
{
    struct cc_queue_opts opts = {
        .commands = run->queue,
        .blocking = run->blocking,
        .stream = CC_STREAM_CHAT,
        .consumer = run->instance,
        .inflight = CC_INFLIGHT_CHAT,
        .lease_ms = worker.lease_ms,
    };
    return cc_queue_open(&opts, &worker.queue);
}

static int open_search(struct cc_run *run)
{
    struct cc_embed_opts opts = {.http = run->http, .pacer = cc_run_pacer(run)};
    int rc = cc_embedders_open(&opts, &worker.embedders);

    if (rc == 0)
        rc = cc_reranker_open(run->http, &worker.reranker);
    return rc ? rc : cc_points_open(run->http, &worker.points);
}

static int start(struct cc_run *run)
{
    worker.run = run;
    worker.slots = (int)cc_cfg_int(CC_CFG_WORKER_SLOTS);
    worker.lease_ms = (int)cc_cfg_int(CC_CFG_LEASE_MS);
    int rc = cc_prices_open();

    if (rc == 0)
        rc = cc_offload_open(THREADS, worker.slots);
    if (rc == 0)
        rc = open_search(run);
    if (rc == 0)
        rc = cc_credentials_open(run, &worker.credentials);
    if (rc == 0)
        rc = open_queue(run);
    if (rc == 0)
        rc = cc_hold_start(&worker);
    if (rc == 0)
        rc = cc_calls_serve(&worker);
    if (rc == 0)
        rc = cc_intake_start(&worker);
    if (rc == 0)
        cc_log(CC_INFO, "worker_ready", cc_s("instance", run->instance),
               cc_i("slots", worker.slots),
               cc_s("embedder", cc_embedder_name(cc_embedders_own(worker.embedders))));
    return rc;
}

static void drain(struct cc_run *run)
{
    (void)run;
    cc_call_stop(&worker.calls);
    cc_intake_drain(&worker, cc_cfg_int(CC_CFG_DRAIN_MS));
    cc_queue_free(&worker.queue);
    cc_credentials_close(&worker.credentials);
    cc_offload_close();
    cc_points_free(&worker.points);
    cc_reranker_free(&worker.reranker);
    cc_embedders_free(&worker.embedders);
}

int main(int argc, char **argv)
{
    static const struct cc_program program = {.name = "worker", .start = start, .drain = drain};

    return cc_run_main(argc, argv, &program);
}
