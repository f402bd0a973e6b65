#include "ingest/reindex.h"

#include <string.h>

#include "ingest/passage.h"
#include "proto/base/clean.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/bus/cache.h"
#include "proto/store/embedding.h"
#include "proto/task/group.h"

#define TENANTS     100 /* of one sweep */
#define NOTES       500 /* of garbage */
#define BATCH       32  /* passages */
#define BATCH_BYTES ((size_t)128 << 20)
#define SWEEP_BYTES ((size_t)4 << 20)
#define ROUNDS      5      /* of one lap: passages are published while it runs */
#define EMBED_MS    600000 /* so long a batch waits for a busy service */
#define STEP_BACK   1000   /* ms that a batch waits for documents at work to end */
#define LOOK_MS     100
#define WISH_S      (24 * 3600)

static struct cc_embedding_goal goal_of(const struct cc_ingest *ingest)
{
    return (struct cc_embedding_goal){cc_embedder_name(ingest->embedder), ingest->points != NULL};
}

/* ---- what new passages get ---- */

int cc_embedders_for(struct cc_ingest *ingest, const char *tenant, struct cc_reindex_with *ret)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(65536);
    struct cc_embedder *other;
    const char *name;
    int rc = cc_embedding_of(ingest->run->pg, tenant, mem, &name);

    if (rc)
        return rc;
    *ret = (struct cc_reindex_with){.of = {ingest->embedder}, .n = 1};
    if (cc_embedders_get(ingest->embedders, name, &other) == 0 && other != ingest->embedder)
        ret->of[ret->n++] = other;
    return 0;
}

/* ---- storing ---- */

/* Their vectors go to Qdrant, then the rows say so: in between they are lacking, and made again. */
static int store_outside(struct cc_ingest *ingest, const struct cc_embedding_batch *batch,
                         const struct cc_point *point)
{
    int rc = cc_points_put(ingest->points, batch->tenant, batch->model, batch->dimension, point,
                           batch->n);

    return rc ? rc : cc_embedding_outside(ingest->run->pg, batch);
}

static int store_parts(struct cc_ingest *ingest, const struct cc_document_hold *hold,
                       const struct cc_chunk_batch *batch, const int64_t *id, bool while_asked)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);
    struct cc_embedding_add *add = cc_arena_array(mem, (size_t)batch->n, sizeof *add);
    struct cc_point *point = cc_arena_array(mem, (size_t)batch->n, sizeof *point);
    const struct cc_embedding_batch all = {.tenant = hold->tenant,
                                           .model = batch->model,
                                           .dimension = batch->dimension,
                                           .n = batch->n,
                                           .add = add,
                                           .while_asked = while_asked};

    for (int i = 0; i < batch->n; i++) {
        const struct cc_chunk *c = &batch->chunks[i];

        add[i] = (struct cc_embedding_add){
            .chunk = id[i], .generation = hold->generation, .was = c->sha256, .sha256 = c->sha256};
        point[i] = (struct cc_point){.chunk = id[i],
                                     .index = c->index,
                                     .generation = hold->generation,
                                     .document = hold->id,
                                     .content = c->text,
                                     .vectors = c->vectors,
                                     .parts = c->parts};
    }
    return store_outside(ingest, &all, point);
}

/* The rows' hash is the first embedding's; the second one's vectors are found by the row alone. */
static struct cc_chunk_batch with_hashes_of(const struct cc_chunk_batch *more,
                                            const struct cc_chunk_batch *first,
                                            struct cc_arena *mem)
{
    struct cc_chunk *chunk = cc_arena_array(mem, (size_t)more->n, sizeof *chunk);
    struct cc_chunk_batch out = *more;

    for (int i = 0; i < more->n; i++) {
        chunk[i] = more->chunks[i];
        chunk[i].sha256 = first->chunks[i].sha256;
    }
    out.chunks = chunk;
    return out;
}

/* The rows, with vectors only where questions look for these. */
static int put_rows(struct cc_ingest *ingest, const struct cc_document_hold *hold,
                    const struct cc_chunk_batch *batch, const struct cc_embedding_goal *asked,
                    struct cc_arena *mem)
{
    struct cc_chunk *chunk = cc_arena_array(mem, (size_t)batch->n, sizeof *chunk);
    struct cc_chunk_batch bare = *batch;

    if (!asked->outside && !strcmp(asked->model, batch->model))
        return cc_chunk_put(ingest->run->pg, hold, batch);
    for (int i = 0; i < batch->n; i++) {
        chunk[i] = batch->chunks[i];
        chunk[i].vectors = NULL;
        chunk[i].parts = 0;
    }
    bare.chunks = chunk;
    return cc_chunk_put(ingest->run->pg, hold, &bare);
}

static int store_in_points(struct cc_ingest *ingest, const struct cc_document_hold *hold,
                           const struct cc_chunk_batch *batch, const struct cc_chunk_batch *more)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);
    struct cc_embedding_goal asked;
    struct cc_chunk_batch second;
    int64_t *id;
    int rc = cc_embedding_asked(ingest->run->pg, hold->tenant, mem, &asked);

    if (!rc)
        rc = put_rows(ingest, hold, batch, &asked, mem);
    if (!rc)
        rc = cc_embedding_ids(ingest->run->pg, hold, batch, mem, &id);
    if (!rc)
        rc = store_parts(ingest, hold, batch, id, false);
    if (rc || !more)
        return rc;
    if (!asked.outside)
        return cc_embedding_put_more(ingest->run->pg, hold, more);
    second = with_hashes_of(more, batch, mem);
    return store_parts(ingest, hold, &second, id, true);
}

int cc_reindex_store(struct cc_ingest *ingest, const struct cc_document_hold *hold,
                     const struct cc_chunk_batch *batch, const struct cc_chunk_batch *more)
{
    if (ingest->points)
        return store_in_points(ingest, hold, batch, more);
    int rc = cc_chunk_put(ingest->run->pg, hold, batch);

    return rc || !more ? rc : cc_embedding_put_more(ingest->run->pg, hold, more);
}

/* ---- a batch of passages that are there ---- */

struct lacking {
    struct cc_ingest *ingest;
    const char *tenant;
    struct cc_arena *mem;
    const struct cc_embedding_lack *lack;
    int n;
    const char *text[BATCH];
    struct cc_embedding_add add[BATCH];
    struct cc_point point[BATCH];
};

static int embed_all(struct cc_embedder *embedder, const struct cc_part *part, size_t n, size_t dim,
                     float *out)
{
    const char *text[CC_EMBED_TEXTS_MAX];
    int rc = 0;

    for (size_t at = 0, some; at < n && !rc; at += some) {
        some = n - at < CC_EMBED_TEXTS_MAX ? n - at : CC_EMBED_TEXTS_MAX;
        for (size_t i = 0; i < some; i++)
            text[i] = part[at + i].text;
        rc = cc_embed(embedder, text, some, out + at * dim);
    }
    return rc;
}

static int embed_lacking(struct lacking *l, size_t dim)
{
    struct cc_embedder *embedder = l->ingest->embedder;
    struct cc_part *part[BATCH], *all;
    size_t n[BATCH], total = 0, at = 0;
    int rc = 0;

    for (int i = 0; i < l->n && !rc; i++) {
        rc = cc_embed_split(embedder, l->text[i], strlen(l->text[i]), l->mem, &part[i], &n[i]);
        if (!rc)
            total += n[i];
    }
    if (rc)
        return rc;
    all = cc_arena_array(l->mem, total, sizeof *all);
    float *out = cc_arena_array(l->mem, total * dim, sizeof *out);
    for (int i = 0; i < l->n; at += n[i++]) {
        memcpy(all + at, part[i], n[i] * sizeof *all);
        l->add[i].vectors = l->point[i].vectors = out + at * dim;
        l->add[i].parts = l->point[i].parts = (int)n[i];
    }
    return embed_all(embedder, all, total, dim, out);
}

static void describe(struct lacking *l, int i)
{
    const struct cc_embedding_lack *lack = &l->lack[i];

    l->text[i] = cc_passage_text(lack->section, lack->text, l->mem);
    l->add[i] = (struct cc_embedding_add){
        .chunk = lack->chunk,
        .generation = lack->generation,
        .was = lack->sha256,
        .sha256 = cc_passage_hash(cc_embedder_name(l->ingest->embedder), l->text[i], l->mem)};
    l->point[i] = (struct cc_point){.chunk = lack->chunk,
                                    .index = lack->index,
                                    .generation = lack->generation,
                                    .document = lack->document,
                                    .content = lack->text};
}

static int add_vectors(struct lacking *l)
{
    struct cc_embedding_batch batch = {.tenant = l->tenant,
                                       .model = cc_embedder_name(l->ingest->embedder),
                                       .n = l->n,
                                       .add = l->add};
    int64_t end = cc_task_deadline_at();
    size_t dim;

    for (int i = 0; i < l->n; i++)
        describe(l, i);
    cc_task_deadline(cc_now() + EMBED_MS < end ? cc_now() + EMBED_MS : end);
    int rc = cc_embedder_dim(l->ingest->embedder, &dim);
    if (!rc)
        rc = embed_lacking(l, dim);
    cc_task_deadline(end);
    if (rc)
        return rc;
    batch.dimension = (int)dim;
    return l->ingest->points ? store_outside(l->ingest, &batch, l->point)
                             : cc_embedding_put(l->ingest->run->pg, &batch);
}

/* Those behind `after`; *ret_n of them, the last of them *ret_last. */
static int add_some(struct cc_ingest *ingest, const char *tenant, int64_t after, int max,
                    int64_t *ret_last, int *ret_n)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(BATCH_BYTES);
    const struct cc_embedding_goal goal = goal_of(ingest);
    struct lacking *l = cc_arena_get(mem, sizeof *l);
    struct cc_embedding_lack *lack;
    int n, rc = cc_embedding_lacking(ingest->run->pg, tenant, &goal, after, max, mem, &lack, &n);

    if (rc)
        return rc;
    l->ingest = ingest;
    l->tenant = tenant;
    l->mem = mem;
    l->lack = lack;
    l->n = n;
    if (n > 0) {
        *ret_last = lack[n - 1].chunk;
        rc = add_vectors(l);
    }
    *ret_n = n;
    return rc;
}

int cc_reindex_passage(struct cc_ingest *ingest, const char *tenant, int64_t chunk)
{
    int64_t last;
    int n;

    return ingest->points ? add_some(ingest, tenant, chunk - 1, 1, &last, &n) : 0;
}

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
    int64_t after = 0;
    int n = 1, rc = 0;

    while (!rc && n > 0) {
        if (lap->ingest->run->stopping)
            return cc_fail(CC_E_CANCELLED, "the process ends");
        rc = step_back(lap->ingest);
        if (!rc)
            rc = add_some(lap->ingest, lap->lease.tenant, after, BATCH, &after, &n);
        if (!rc)
            lap->passages += n;
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
                      .goal = goal_of(ingest)};
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
    const struct cc_embedding_goal goal = goal_of(ingest);
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
