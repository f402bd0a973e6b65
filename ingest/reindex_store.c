/* Vectors on their way to where they lie: of new passages, and of those that lack them. */
#include <string.h>

#include "ingest/passage.h"
#include "ingest/reindex_inside.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/store/embedding.h"

#define BATCH       32 /* passages */
#define BATCH_BYTES ((size_t)128 << 20)
#define STORE_BYTES ((size_t)4 << 20)
#define EMBED_MS    600000 /* so long a batch waits for a busy service */

struct cc_embedding_goal cc_reindex_goal(const struct cc_ingest *ingest)
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

/* ---- what is there already ---- */

static int known_outside(struct cc_ingest *ingest, const struct cc_chunk_known *query,
                         struct cc_arena *mem, struct cc_chunk_vectors *out, int *ret_n)
{
    struct cc_embedding_place *place;
    struct cc_points_parts *parts;
    int places, n, rc = cc_embedding_places(ingest->run->pg, query, mem, &place, &places);

    *ret_n = 0;
    if (rc || places == 0)
        return rc;
    int64_t *chunk = cc_arena_array(mem, (size_t)places, sizeof *chunk);
    for (int i = 0; i < places; i++)
        chunk[i] = place[i].chunk;
    const struct cc_points_wanted wanted = {query->tenant, query->model, query->dimension, places,
                                            chunk};
    rc = cc_points_vectors(ingest->points, &wanted, mem, &parts, &n);
    for (int i = 0, k = 0; !rc && i < places && k < n; i++) /* in the same order */
        if (parts[k].chunk == place[i].chunk) {
            out[(*ret_n)++] =
                (struct cc_chunk_vectors){place[i].sha256, parts[k].vectors, parts[k].parts};
            k++;
        }
    return rc;
}

int cc_reindex_known(struct cc_ingest *ingest, const struct cc_chunk_known *query,
                     struct cc_arena *mem, struct cc_chunk_vectors **ret, int *ret_n)
{
    struct cc_chunk_vectors *inside, *all;
    int n, outside = 0, rc = cc_chunk_known(ingest->run->pg, query, mem, &inside, &n);

    if (rc)
        return rc;
    all = cc_arena_array(mem, (size_t)(n + query->n), sizeof *all);
    memcpy(all, inside, (size_t)n * sizeof *all);
    if (ingest->points)
        rc = known_outside(ingest, query, mem, all + n, &outside);
    if (rc)
        return rc;
    *ret = all;
    *ret_n = n + outside;
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
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(STORE_BYTES);
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
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(STORE_BYTES);
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

/* Those of another passage with the same text: of one that was moved, or taken in meanwhile. */
static int reuse(struct lacking *l, size_t dim)
{
    const char *sha256[BATCH];
    const struct cc_chunk_known query = {l->tenant, cc_embedder_name(l->ingest->embedder), (int)dim,
                                         l->n, sha256};
    struct cc_chunk_vectors *known;
    int n, rc;

    for (int i = 0; i < l->n; i++)
        sha256[i] = l->add[i].sha256;
    rc = cc_reindex_known(l->ingest, &query, l->mem, &known, &n);
    for (int i = 0; !rc && i < l->n; i++)
        for (int k = 0; k < n && !l->add[i].vectors; k++)
            if (!strcmp(known[k].sha256, sha256[i])) {
                l->add[i].vectors = l->point[i].vectors = known[k].vectors;
                l->add[i].parts = l->point[i].parts = known[k].parts;
            }
    return rc;
}

static int embed_lacking(struct lacking *l, size_t dim)
{
    struct cc_embedder *embedder = l->ingest->embedder;
    struct cc_part *part[BATCH], *all;
    size_t n[BATCH] = {0}, total = 0, at = 0;
    int rc = reuse(l, dim);

    for (int i = 0; i < l->n && !rc; i++) {
        if (!l->add[i].vectors)
            rc = cc_embed_split(embedder, l->text[i], strlen(l->text[i]), l->mem, &part[i], &n[i]);
        total += n[i];
    }
    if (rc)
        return rc;
    all = cc_arena_array(l->mem, total, sizeof *all);
    float *out = cc_arena_array(l->mem, total * dim, sizeof *out);
    for (int i = 0; i < l->n; at += n[i++]) {
        if (!n[i])
            continue;
        memcpy(all + at, part[i], n[i] * sizeof *all);
        l->add[i].vectors = l->point[i].vectors = out + at * dim;
        l->add[i].parts = l->point[i].parts = (int)n[i];
    }
    return cc_passage_embed(embedder, all, total, dim, out);
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

int cc_reindex_add(struct cc_ingest *ingest, const char *tenant, int max,
                   struct cc_reindex_added *at)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(BATCH_BYTES);
    const struct cc_embedding_goal goal = cc_reindex_goal(ingest);
    struct lacking *l = cc_arena_get(mem, sizeof *l);
    struct cc_embedding_lack *lack;
    int n, rc;

    if (max > BATCH)
        max = BATCH;
    rc = cc_embedding_lacking(ingest->run->pg, tenant, &goal, at->last, max, mem, &lack, &n);
    if (rc)
        return rc;
    l->ingest = ingest;
    l->tenant = tenant;
    l->mem = mem;
    l->lack = lack;
    l->n = n;
    rc = n > 0 ? add_vectors(l) : 0;
    if (rc)
        return rc;
    at->n = n;
    if (n > 0)
        at->last = lack[n - 1].chunk;
    return 0;
}

int cc_reindex_passage(struct cc_ingest *ingest, const char *tenant, int64_t chunk)
{
    struct cc_reindex_added at = {.last = chunk - 1};

    return ingest->points ? cc_reindex_add(ingest, tenant, 1, &at) : 0;
}
