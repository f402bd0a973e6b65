/* The process's own tasks: taking entries while there are free slots, and ending well. */
#include "ingest/ingest.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "ingest/calls.h"
#include "ingest/erase.h"
#include "ingest/ocr.h"
#include "ingest/own_file.h"
#include "ingest/parse/sandbox.h"
#include "ingest/reindex.h"
#include "ingest/web/web.h"
#include "ingest/work.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/fair.h"
#include "proto/run/pacer.h"
#include "proto/task/offload.h"
#include "proto/wire/names.h"

#define TAKE_MS     2000
#define PAUSE_MS    500   /* after Redis failed */
#define FEED_MS     500   /* between two looks at the lines, should nobody take */
#define DRAIN_MS    12000 /* documents may still end */
#define HAND_MS     10000 /* the others may still be handed back */
#define CLAIM_BYTES ((size_t)8 << 20)
#define THREADS     2 /* for what computes: cutting and the built-in embedding */
#define THREAD_JOBS 256

static void count_busy(struct cc_ingest *ingest, int by)
{
    ingest->busy += by;
    cc_metric_set(CC_M_RUNNING, CC_LABELS("ingest"), ingest->busy);
}

static int free_slot(const struct cc_ingest *ingest)
{
    for (int i = 0; i < CC_INGEST_TASKS_MAX; i++)
        if (!ingest->task[i].task)
            return i;
    return -1;
}

static void document_task(void *arg)
{
    struct cc_work *work = arg;
    struct cc_ingest *ingest = work->ingest;
    int slot = work->slot;

    cc_work_run(work);
    ingest->task[slot] = (struct cc_task_ref){0};
    count_busy(ingest, -1);
    if (ingest->freed)
        cc_wait_done(ingest->freed);
}

/* Without a slot or a stack the entry stays pending, and comes back after the lease. */
static void begin(struct cc_ingest *ingest, const struct cc_claim *claim)
{
    int slot = free_slot(ingest);
    struct cc_work *work;
    struct cc_arena *mem;

    if (slot < 0)
        return;
    work = cc_work_new(ingest, claim);
    mem = work->mem;
    work->slot = slot;
    count_busy(ingest, 1);
    if (cc_task_spawn("ingest-document", document_task, work, &ingest->task[slot])) {
        cc_log_failure("document_not_begun", CC_E_BUSY, cc_s("entry", claim->entry));
        ingest->task[slot] = (struct cc_task_ref){0};
        count_busy(ingest, -1);
        cc_arena_free(&mem);
    }
}

/* How one loop gets entries: new ones, or those of the silent. */
typedef int fetch_fn(struct cc_ingest *ingest, int max, struct cc_arena *mem, struct cc_claim *ret,
                     int *ret_n);

static int fetch_new(struct cc_ingest *ingest, int max, struct cc_arena *mem, struct cc_claim *ret,
                     int *ret_n)
{
    cc_fair_feed(ingest->run->queue, CC_STREAM_INGEST, max, NULL); /* if not, take tells */
    return cc_queue_take(ingest->queue, max, TAKE_MS, mem, ret, ret_n);
}

static int fetch_silent(struct cc_ingest *ingest, int max, struct cc_arena *mem,
                        struct cc_claim *ret, int *ret_n)
{
    return cc_queue_reclaim(ingest->queue, max, mem, ret, ret_n);
}

static int fetch(struct cc_ingest *ingest, fetch_fn *how, int max)
{
    struct cc_arena *mem = cc_arena_new(CLAIM_BYTES);
    struct cc_claim claim[CC_INGEST_SLOTS_MAX];
    int n = 0, rc = how(ingest, max, mem, claim, &n);

    for (int i = 0; !rc && i < n; i++)
        begin(ingest, &claim[i]);
    cc_arena_free(&mem);
    return rc;
}

static void take(void *arg)
{
    struct cc_ingest *ingest = arg;
    struct cc_wait freed;

    while (!ingest->run->stopping && !cc_task_is_cancelled()) {
        int rc;

        if (ingest->busy < ingest->slots) {
            rc = fetch(ingest, fetch_new, ingest->slots - ingest->busy);
            if (rc && rc != CC_E_NOTFOUND && rc != CC_E_CANCELLED)
                cc_sleep(PAUSE_MS);
            continue;
        }
        freed = (struct cc_wait){0};
        ingest->freed = &freed;
        cc_wait_for(&freed, CC_NEVER);
        if (ingest->freed == &freed) /* drain's, else */
            ingest->freed = NULL;
    }
}

/* For the taker who waits for the stream while lines were filled by those who could not feed. */
static void feed(void *arg)
{
    struct cc_ingest *ingest = arg;

    while (!ingest->run->stopping && !cc_sleep(FEED_MS))
        if (ingest->busy < ingest->slots)
            cc_fair_feed(ingest->run->queue, CC_STREAM_INGEST, ingest->slots - ingest->busy, NULL);
}

static void reclaim(void *arg)
{
    struct cc_ingest *ingest = arg;
    int64_t pause_ms = cc_cfg_int(CC_CFG_RECLAIM_MS);

    while (!ingest->run->stopping && !cc_sleep(pause_ms))
        if (ingest->busy < ingest->slots)
            fetch(ingest, fetch_silent, ingest->slots - ingest->busy);
}

static int check_programs(struct cc_ingest *ingest)
{
    int rc = cc_jail_check(&ingest->jail);

    if (!rc)
        rc = cc_ocr_check(&ingest->jail);
    if (rc)
        return rc;
    if (!cc_sandbox_has_landlock())
        cc_log(CC_WARN, "no_landlock",
               cc_s("means", "parsers are held by limits and seccomp alone"));
    return cc_tokens_open(cc_cfg(CC_CFG_TOKENS_DIR), CC_TOKENS_ENCODING, &ingest->tokens);
}

static int open_queue(struct cc_ingest *ingest)
{
    const struct cc_queue_opts opts = {.commands = ingest->run->queue,
                                       .blocking = ingest->run->blocking,
                                       .stream = CC_STREAM_INGEST,
                                       .consumer = ingest->run->instance,
                                       .lease_ms = ingest->lease_ms};

    return cc_queue_open(&opts, &ingest->queue);
}

/* Chat comes first: the children, and the threads made later, inherit it. */
static int step_back(void)
{
    int64_t by = cc_cfg_int(CC_CFG_INGEST_NICE);

    if (by < 0 || by > 19)
        return cc_fail(CC_E_INVALID, "CC_INGEST_NICE: 0 to 19");
    if (getpriority(PRIO_PROCESS, 0) < by && setpriority(PRIO_PROCESS, 0, (int)by))
        cc_log(CC_WARN, "not_nice", cc_s("why", strerror(errno)));
    return 0;
}

static int read_settings(struct cc_ingest *ingest)
{
    int64_t slots = cc_cfg_int(CC_CFG_INGEST_SLOTS);

    if (slots < 1 || slots > CC_INGEST_SLOTS_MAX)
        return cc_fail(CC_E_INVALID, "CC_INGEST_SLOTS: 1 to %d", CC_INGEST_SLOTS_MAX);
    ingest->slots = (int)slots;
    ingest->lease_ms = (int)cc_cfg_int(CC_CFG_LEASE_MS);
    ingest->attempts_max = cc_cfg_int(CC_CFG_ATTEMPTS);
    ingest->jail.wall_ms = (int)cc_cfg_int(CC_CFG_PARSE_MS);
    return step_back();
}

static int open_embedders(struct cc_ingest *ingest)
{
    const struct cc_embed_opts embed = {.http = ingest->run->http,
                                        .pacer = cc_run_pacer(ingest->run)};
    int rc = cc_embedders_open(&embed, &ingest->embedders);

    if (rc)
        return rc;
    ingest->embedder = cc_embedders_own(ingest->embedders);
    return cc_points_open(ingest->run->http, &ingest->points);
}

static const struct cc_ingest_loop_fn {
    const char *name;
    void (*run)(void *ingest);
} loops[] = {
    {"ingest-take", take},       {"ingest-feed", feed},
    {"ingest-reclaim", reclaim}, {"ingest-sweep", cc_ingest_sweep},
    {"ingest-web", cc_web},      {"ingest-reindex", cc_reindex},
    {"ingest-erase", cc_erase},
};
_Static_assert(sizeof loops / sizeof *loops <= CC_INGEST_LOOPS_MAX, "room for their tasks");

static void loop_task(void *arg)
{
    struct cc_ingest_loop *loop = arg;
    struct cc_ingest *ingest = loop->ingest;

    loop->what->run(ingest);
    ingest->loops--;
    if (ingest->freed)
        cc_wait_done(ingest->freed);
}

static int start_loops(struct cc_ingest *ingest)
{
    int rc = 0;

    for (size_t i = 0; i < sizeof loops / sizeof *loops && !rc; i++) {
        ingest->loop[i] = (struct cc_ingest_loop){.ingest = ingest, .what = &loops[i]};
        rc = cc_task_spawn(loops[i].name, loop_task, &ingest->loop[i], &ingest->loop[i].task);
        ingest->loops += !rc;
    }
    return rc;
}

int cc_ingest_start(struct cc_ingest *ingest, struct cc_run *run)
{
    int rc;

    *ingest = (struct cc_ingest){.run = run};
    if ((rc = read_settings(ingest)) || (rc = check_programs(ingest)) ||
        (rc = cc_offload_open(THREADS, THREAD_JOBS)) || (rc = open_embedders(ingest)) ||
        (rc = open_queue(ingest)))
        return rc;
    rc = start_loops(ingest);
    if (!rc)
        rc = cc_ingest_calls_start(ingest);
    if (!rc)
        rc = cc_own_files_start(ingest);
    cc_log(CC_INFO, "ingest_ready", cc_s("embedding", cc_embedder_name(ingest->embedder)),
           cc_i("slots", ingest->slots));
    return rc;
}

static void until_idle(struct cc_ingest *ingest, int64_t deadline_ms)
{
    while ((ingest->busy || ingest->loops) && cc_now() < deadline_ms) {
        struct cc_wait freed = {0};

        ingest->freed = &freed;
        cc_wait_for(&freed, deadline_ms);
        ingest->freed = NULL;
    }
}

void cc_ingest_drain(struct cc_ingest *ingest)
{
    cc_ingest_calls_stop(ingest);
    cc_own_files_stop();
    for (size_t i = 0; i < sizeof ingest->loop / sizeof *ingest->loop; i++)
        cc_task_cancel(ingest->loop[i].task);
    until_idle(ingest, cc_now() + DRAIN_MS);
    for (int i = 0; i < CC_INGEST_TASKS_MAX; i++)
        cc_task_cancel(ingest->task[i]);
    until_idle(ingest, cc_now() + HAND_MS);
    cc_offload_close(); /* first: its threads read what follows */
    cc_queue_free(&ingest->queue);
    cc_points_free(&ingest->points);
    cc_embedders_free(&ingest->embedders);
    cc_tokens_free(&ingest->tokens);
}
