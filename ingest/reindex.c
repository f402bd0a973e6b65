/* The exchange: a loop of the process, a lap for each tenant. */
#include <limits.h>
#include <string.h>

#include "ingest/reindex_inside.h"
#include "proto/base/clean.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/bus/cache.h"
#include "proto/task/group.h"

#define TENANTS     100 /* of one sweep */
#define NOTES       500 /* of garbage */
#define SWEEP_BYTES ((size_t)4 << 20)
#define ROUNDS      5    /* of one lap: passages are published while it runs */
#define STEP_BACK   1000 /* ms that a batch waits for documents at work to end */
#define LOOK_MS     100
#define WISH_S      (24 * 3600)

/* ---- a tenant ---- */

/*
 *     take > clear the others, if it has flipped before > remove what was noted
 *          > add vectors, batch after batch > flip
 *
 * Beside it a heart that renews the lease, and stops the lap when another has the tenant.
 */
struct lap {
    struct cc_ingest *ingest;
    struct cc_embedding_lease lease;
    struct cc_embedding_goal goal;
    struct cc_wait over;
    int64_t passages;
    bool flipped;
};

static int beat(void *arg)
{
    struct lap *lap = arg;
    bool ours = true;
    int rc;

    while ((rc = cc_wait_for(&lap->over, cc_now() + lap->lease.lease_ms / 3)) == CC_E_TIMEOUT) {
        if (lap->flipped) /* what is left can be done again */
            continue;
        rc = cc_embedding_take(lap->ingest->run->pg, &lap->lease, &ours);
        if (!rc && !ours && !lap->flipped)
            return cc_fail(CC_E_FENCED, "another process has taken the tenant");
    }
    return rc;
}

/* Documents that are handed in come first, but not for ever. */
static int step_back(const struct cc_ingest *ingest)
{
    int64_t end = cc_now() + STEP_BACK;
    int rc = 0;

    while (!rc && ingest->busy > 0 && cc_now() < end)
        rc = cc_sleep(LOOK_MS);
    return rc;
}

static int add_lacking(struct lap *lap)
{
    struct cc_reindex_added at = {.n = 1};
    int rc = 0;

    while (!rc && at.n > 0) {
        if (lap->ingest->run->stopping)
            return cc_fail(CC_E_CANCELLED, "the process ends");
        rc = step_back(lap->ingest);
        if (!rc)
            rc = cc_reindex_add(lap->ingest, lap->lease.tenant, INT_MAX, &at);
        if (!rc)
            lap->passages += at.n;
    }
    return rc;
}

static int clear_others(struct lap *lap)
{
    int64_t at = 0;
    int rc;

    do
        rc = cc_embedding_clear(lap->ingest->run->pg, lap->lease.tenant, &lap->goal, at, &at);
    while (!rc && at > 0);
    return rc;
}

static int remove_garbage(struct cc_ingest *ingest, const struct cc_garbage *garbage)
{
    int rc = 0;

    if (ingest->points)
        rc = cc_points_drop(ingest->points, garbage->tenant, garbage->generation,
                            *garbage->model ? garbage->model : NULL);
    return rc ? rc : cc_garbage_gone(ingest->run->pg, garbage);
}

/* Of single embeddings: only whoever has the tenant knows that they are not just coming back. */
static int remove_noted(struct lap *lap)
{
    struct cc_garbage *garbage;
    int n = NOTES, rc = 0;

    while (!rc && n == NOTES) {
        struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);

        rc =
            cc_embedding_garbage(lap->ingest->run->pg, lap->lease.tenant, NOTES, mem, &garbage, &n);
        for (int i = 0; i < n && !rc; i++)
            rc = remove_garbage(lap->ingest, &garbage[i]);
        cc_arena_free(&mem);
    }
    return rc;
}

static int exchange(struct lap *lap)
{
    int rc = clear_others(lap);

    if (!rc)
        rc = remove_noted(lap);
    for (int i = 0; i < ROUNDS && !rc && !lap->flipped; i++) {
        rc = add_lacking(lap);
        if (!rc)
            rc = cc_embedding_flip(lap->ingest->run->pg, &lap->lease, &lap->goal, &lap->flipped);
    }
    return rc;
}

static int run_exchange(void *arg)
{
    struct lap *lap = arg;
    int rc = exchange(lap);

    cc_wait_done(&lap->over);
    return rc;
}

static int exchange_and_beat(struct lap *lap)
{
    struct cc_group group;
    int rc, joined;

    cc_group_init(&group);
    rc = cc_group_add(&group, "reindex-lap", run_exchange, lap);
    if (!rc)
        rc = cc_group_add(&group, "reindex-heart", beat, lap);
    if (rc)
        cc_group_cancel(&group);
    joined = cc_group_join(&group);
    return rc ? rc : joined;
}

static int run_lap(struct cc_ingest *ingest, const char *tenant)
{
    struct lap lap = {.ingest = ingest,
                      .lease = {tenant, ingest->run->instance, ingest->lease_ms},
                      .goal = cc_reindex_goal(ingest)};
    bool ours;
    int rc = cc_embedding_take(ingest->run->pg, &lap.lease, &ours);

    if (rc || !ours)
        return rc;
    rc = exchange_and_beat(&lap);
    if (!rc && lap.passages)
        cc_log(CC_INFO, "embedding_exchanged", cc_s("tenant", tenant),
               cc_s("embedding", lap.goal.model), cc_i("passages", lap.passages),
               cc_b("in_use", lap.flipped));
    return rc;
}

/* ---- all ---- */

/*
 * While processes are set to different embeddings, one after another being started anew, the one
 * that was started last decides; else each would undo what the other does.
 */
static const struct cc_cache_key WISH = {"setting", "all", "embedding"};

static void wish(const struct cc_ingest *ingest)
{
    const char *name = cc_embedder_name(ingest->embedder);

    cc_cache_put(ingest->run->live, &WISH, name, strlen(name), WISH_S);
}

static bool is_wanted(const struct cc_ingest *ingest)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(65536);
    const void *name;
    size_t len;
    int rc = cc_cache_get(ingest->run->live, &WISH, mem, &name, &len);

    if (rc && rc != CC_E_NOTFOUND)
        return false;
    if (!rc && strcmp(name, cc_embedder_name(ingest->embedder)) != 0)
        return false;
    wish(ingest);
    return true;
}

static void exchange_all(struct cc_ingest *ingest)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);
    const struct cc_embedding_goal goal = cc_reindex_goal(ingest);
    const char *const *tenant;
    int n = 0, rc = cc_embedding_sweep(ingest->run->sweep, &goal, TENANTS, mem, &tenant, &n);

    if (rc && rc != CC_E_CANCELLED)
        cc_log_failure("reindex_sweep_failed", rc);
    for (int i = 0; !rc && i < n && !ingest->run->stopping && !cc_task_is_cancelled(); i++) {
        int failed = run_lap(ingest, tenant[i]);

        if (failed && failed != CC_E_CANCELLED)
            cc_log_failure("reindex_failed", failed, cc_s("tenant", tenant[i]));
    }
}

static void forget_all(struct cc_ingest *ingest)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);
    struct cc_garbage *garbage;
    int n = 0, rc = cc_garbage_sweep(ingest->run->sweep, NOTES, mem, &garbage, &n);

    for (int i = 0; i < n && !rc; i++)
        if (!*garbage[i].model || !ingest->points)
            rc = remove_garbage(ingest, &garbage[i]);
    if (rc && rc != CC_E_CANCELLED)
        cc_log_failure("garbage_not_removed", rc);
}

void cc_reindex(void *arg)
{
    struct cc_ingest *ingest = arg;
    int64_t every_ms = cc_cfg_int(CC_CFG_SWEEP_MS);

    wish(ingest);
    while (ingest->run->sweep && !ingest->run->stopping && !cc_sleep(every_ms)) {
        forget_all(ingest);
        if (is_wanted(ingest))
            exchange_all(ingest);
    }
}
