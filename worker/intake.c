#include "worker/intake.h"

#include <string.h>

#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/admit.h"
#include "worker/hold.h"

#define TAKE_MAX    64    /* at once */
#define RECLAIM_MAX 16    /* at once */
#define TAKE_MS     1000  /* longest wait for a new one: also what a stop has to wait */
#define DOWN_MS     200   /* pause after a failure */
#define RECOUNT_MS  60000 /* how long a wrong count of open answers stays at most, about */
#define SCRATCH     (TAKE_MAX * (CC_JOB_MAX + 1024))

/* ---- one question ---- */

static void chat_main(void *arg)
{
    struct cc_chat *chat = arg;
    struct cc_worker *worker = chat->worker;

    cc_log_trace(chat->job.trace);
    cc_chat_run(chat);
    cc_hold_remove(worker, chat);
    cc_chat_free(&chat);
}

/* What is no job at all goes to the dead list; what a newer worker may understand stays. */
static void on_unreadable(struct cc_worker *worker, const struct cc_claim *claim, int rc)
{
    cc_log_failure("job_unreadable", rc, cc_s("entry", claim->entry));
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "unreadable"), 1);
    if (!cc_msgpack_sane(claim->body, claim->len))
        cc_queue_bury(worker->queue, claim, "", "", "not a job");
}

static void begin(struct cc_worker *worker, const struct cc_claim *claim)
{
    struct cc_chat *chat = cc_chat_new(worker, claim);
    int rc = cc_chat_job_decode(chat->claim.body, chat->claim.len, chat->mem, &chat->job);

    if (rc)
        on_unreadable(worker, claim, rc);
    else if ((rc = cc_hold_add(worker, chat)) == 0) {
        rc = cc_task_spawn("chat", chat_main, chat, &chat->task);
        if (rc == 0)
            return;
        cc_log_failure("chat_spawn", rc); /* stays pending, and comes back after the lease */
        cc_hold_remove(worker, chat);
    }
    cc_chat_free(&chat);
}

/* ---- the two ways a question comes ---- */

typedef int take_fn(struct cc_worker *worker, int max, struct cc_arena *mem, struct cc_claim *ret,
                    int *ret_n);

static int take_new(struct cc_worker *worker, int max, struct cc_arena *mem, struct cc_claim *ret,
                    int *ret_n)
{
    return cc_queue_take(worker->queue, max, TAKE_MS, mem, ret, ret_n);
}

static int take_silent(struct cc_worker *worker, int max, struct cc_arena *mem,
                       struct cc_claim *ret, int *ret_n)
{
    return cc_queue_reclaim(worker->queue, max < RECLAIM_MAX ? max : RECLAIM_MAX, mem, ret, ret_n);
}

static int take(struct cc_worker *worker, take_fn *fn)
{
    struct cc_arena *mem = cc_arena_new(SCRATCH);
    struct cc_claim *claims = cc_arena_array(mem, TAKE_MAX, sizeof *claims);
    int slots = worker->slots - worker->held_n, n = 0;
    int rc = fn(worker, slots < TAKE_MAX ? slots : TAKE_MAX, mem, claims, &n);

    for (int i = 0; rc == 0 && i < n; i++)
        begin(worker, &claims[i]);
    cc_arena_free(&mem);
    return rc;
}

static void after_failure(const char *event, int rc)
{
    if (rc != CC_E_DOWN) /* the link itself says when it is lost and made again */
        cc_log_failure(event, rc);
    cc_sleep(DOWN_MS);
}

static void take_main(void *arg)
{
    struct cc_worker *worker = arg;

    while (!worker->run->stopping) {
        if (worker->held_n >= worker->slots) {
            worker->freed.done = false;
            cc_wait_for(&worker->freed, cc_now() + TAKE_MS);
            continue;
        }
        int rc = take(worker, take_new);
        if (rc && rc != CC_E_NOTFOUND)
            after_failure("take_failed", rc);
    }
    worker->tasks--;
}

/* The token lives for less than our pause: a worker alone does it every time. */
static int recount(struct cc_worker *worker)
{
    int64_t wrong = 0;
    int rc;

    if (cc_now() < worker->recount_ms)
        return 0;
    rc = cc_admit_recount(worker->run->queue, RECOUNT_MS / 4 * 3, &wrong);
    if (rc)
        return rc;
    worker->recount_ms = cc_now() + RECOUNT_MS;
    if (wrong > 0)
        cc_log(CC_WARN, "inflight_mended", cc_i("tenants", wrong));
    return 0;
}

static void reclaim_main(void *arg)
{
    struct cc_worker *worker = arg;

    while (!worker->run->stopping) {
        cc_sleep(cc_cfg_int(CC_CFG_RECLAIM_MS));
        int rc = 0;
        if (worker->held_n < worker->slots && !worker->run->stopping)
            rc = take(worker, take_silent);
        if (rc)
            after_failure("reclaim_failed", rc);
        rc = worker->run->stopping ? 0 : recount(worker);
        if (rc)
            after_failure("recount_failed", rc);
    }
    worker->tasks--;
}

int cc_intake_start(struct cc_worker *worker)
{
    worker->tasks++;
    int rc = cc_task_spawn("take", take_main, worker, NULL);

    if (rc == 0) {
        worker->tasks++;
        rc = cc_task_spawn("reclaim", reclaim_main, worker, NULL);
    }
    return rc;
}

/* ---- the end ---- */

static void wait_empty(struct cc_worker *worker, int64_t deadline_ms)
{
    while (worker->held_n > 0 && cc_now() < deadline_ms) {
        worker->freed.done = false;
        cc_wait_for(&worker->freed, deadline_ms);
    }
}

void cc_intake_drain(struct cc_worker *worker, int64_t finish_ms)
{
    cc_log(CC_INFO, "drain", cc_i("held", worker->held_n));
    /* what intake is just being handed is held, too: it ends first */
    while (worker->tasks > 2)
        cc_sleep(20);
    wait_empty(worker, cc_now() + finish_ms);
    cc_hold_stop_all(worker, CC_STOP_DRAIN);
    wait_empty(worker, CC_NEVER);
    worker->over = true;
    while (worker->tasks > 0)
        cc_sleep(20);
}
