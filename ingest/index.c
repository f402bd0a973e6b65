#include "ingest/index.h"

#include <string.h>

#include "ingest/passage.h"
#include "ingest/reindex.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/chunk.h"
#include "proto/vec/terms.h"

#define BATCH_BYTES ((size_t)128 << 20)
#define PARTS_WISH  128     /* vectors of one batch, more or less */
#define EMBED_MS    1200000 /* so long a batch waits for a busy service, before it is handed back */
#define OTHER_MS    30000 /* and for the embedding that is on its way out, before it is left out */

/* A batch with one embedding; the passages differ in hash and vectors alone. */
struct layer {
    struct cc_embedder *embedder;
    size_t dim;
    struct cc_chunk chunk[CC_INDEX_BATCH];
};

/* One batch under way; everything lies in mem. */
struct batch {
    struct cc_work *work;
    struct cc_arena *mem;
    size_t n;
    const char *text[CC_INDEX_BATCH]; /* what is embedded and counted: section and text */
    struct layer layer[CC_INDEX_WITH];
    int layers;
};

/* ---- words ---- */

static int count_words(struct batch *b, size_t i, struct cc_chunk *chunk)
{
    struct cc_terms terms;
    int rc = cc_terms(b->text[i], strlen(b->text[i]), NULL, b->mem, &terms);

    if (rc)
        return rc;
    chunk->terms = terms.term;
    chunk->terms_n = (int)terms.n;
    chunk->words = terms.words;
    return 0;
}

static int describe(struct batch *b, const struct cc_slice *slice, size_t i, size_t index)
{
    struct cc_chunk chunk = {.index = (int64_t)index,
                             .text = slice->text,
                             .section = slice->section,
                             .page = slice->page,
                             .row = slice->row,
                             .tokens = (int64_t)slice->tokens,
                             .disabled = slice->disabled,
                             .edit = slice->edit,
                             .text_sha256 = slice->text_sha256};
    int rc;

    b->text[i] = cc_passage_text(slice->section, slice->text, b->mem);
    rc = count_words(b, i, &chunk);
    for (int l = 0; l < b->layers; l++) {
        chunk.sha256 = cc_passage_hash(cc_embedder_name(b->layer[l].embedder), b->text[i], b->mem);
        b->layer[l].chunk[i] = chunk;
    }
    return rc;
}

/* ---- vectors ---- */

static int reuse(struct batch *b, struct layer *layer, int64_t *ret_misses)
{
    struct cc_chunk_vectors *known;
    const char *sha256[CC_INDEX_BATCH];
    const struct cc_chunk_known query = {b->work->hold.tenant, cc_embedder_name(layer->embedder),
                                         (int)layer->dim, (int)b->n, sha256};
    int n, hits = 0, rc;

    for (size_t i = 0; i < b->n; i++)
        sha256[i] = layer->chunk[i].sha256;
    rc = cc_reindex_known(b->work->ingest, &query, b->mem, &known, &n);
    if (rc)
        return rc;
    for (size_t i = 0; i < b->n; i++)
        for (int k = 0; k < n && !layer->chunk[i].vectors; k++)
            if (!strcmp(known[k].sha256, sha256[i])) {
                layer->chunk[i].vectors = known[k].vectors;
                layer->chunk[i].parts = known[k].parts;
                hits++;
            }
    *ret_misses = (int64_t)b->n - hits;
    cc_metric_add(CC_M_EMBED_HITS, NULL, hits);
    cc_metric_add(CC_M_EMBED_MISSES, NULL, (double)*ret_misses);
    return 0;
}

/* All parts of all passages that are new, in as few calls as they fit into. */
static int embed_new(struct batch *b, struct layer *layer, int64_t within_ms)
{
    struct cc_part *parts[CC_INDEX_BATCH], *all;
    size_t n[CC_INDEX_BATCH] = {0}, total = 0, at = 0;
    float *out;
    int rc;

    for (size_t i = 0; i < b->n; i++, total += n[i - 1])
        if (!layer->chunk[i].vectors &&
            (rc = cc_embed_split(layer->embedder, b->text[i], strlen(b->text[i]), b->mem, &parts[i],
                                 &n[i])))
            return rc;
    all = cc_arena_array(b->mem, total, sizeof *all);
    out = cc_arena_array(b->mem, total * layer->dim, sizeof *out);
    for (size_t i = 0; i < b->n; at += n[i++]) {
        if (!n[i])
            continue;
        memcpy(all + at, parts[i], n[i] * sizeof *all);
        layer->chunk[i].vectors = out + at * layer->dim;
        layer->chunk[i].parts = (int)n[i];
    }
    cc_task_deadline(cc_now() + within_ms);
    rc = cc_passage_embed(layer->embedder, all, total, layer->dim, out);
    cc_task_deadline(CC_NEVER);
    return rc;
}

/*
 * The embedding that is on its way out may be so because its service is gone: then passages do
 * without it, and are found by meaning when the exchange is through.
 */
static bool may_do_without(int l, int rc)
{
    return l > 0 && rc != CC_E_CANCELLED && rc != CC_E_DOWN;
}

/* What is counted is the embedding of the settings. */
static int add_vectors(struct batch *b)
{
    int64_t misses[CC_INDEX_WITH] = {0};

    for (int l = 0; l < b->layers; l++) {
        int rc = reuse(b, &b->layer[l], &misses[l]);

        if (!rc)
            rc = embed_new(b, &b->layer[l], l ? OTHER_MS : EMBED_MS);
        if (rc && !may_do_without(l, rc))
            return rc;
        if (rc) {
            cc_log_failure("embedding_left_out", rc,
                           cc_s("embedding", cc_embedder_name(b->layer[l].embedder)));
            b->layers = l;
        }
    }
    b->work->embedded += misses[0];
    return 0;
}

/* ---- batches ---- */

static int store(struct batch *b)
{
    struct cc_chunk_batch batch[CC_INDEX_WITH];
    int rc;

    for (int l = 0; l < b->layers; l++)
        batch[l] = (struct cc_chunk_batch){b->layer[l].chunk, (int)b->n, (int)b->layer[l].dim,
                                           cc_embedder_name(b->layer[l].embedder)};
    rc = cc_reindex_store(b->work->ingest, &b->work->hold, &batch[0],
                          b->layers > 1 ? &batch[1] : NULL);
    if (!rc)
        cc_metric_add(CC_M_CHUNKS, NULL, (double)b->n);
    return rc;
}

static int run(struct batch *b, const struct cc_index *index)
{
    int rc = 0;

    for (size_t i = 0; i < b->n && !rc; i++) {
        rc = describe(b, &index->slice[index->at + i], i, index->at + i);
        if (!rc)
            rc = cc_yield(); /* each is a millisecond of work */
    }
    if (!rc)
        rc = add_vectors(b);
    return rc ? rc : store(b);
}

static size_t next_batch(const struct batch *b)
{
    size_t parts = 0, n;

    for (size_t i = 0; i < b->n; i++)
        parts += (size_t)b->layer[0].chunk[i].parts;
    n = PARTS_WISH * b->n / (parts ? parts : 1);
    return n < 1 ? 1 : n > CC_INDEX_BATCH ? CC_INDEX_BATCH : n;
}

static void begin_batch(struct batch *b, const struct cc_index *index, struct cc_arena *mem)
{
    size_t left = index->n - index->at;

    b->work = index->work;
    b->mem = mem;
    b->n = left < index->next ? left : index->next;
    b->layers = index->with_n;
    for (int l = 0; l < b->layers; l++) {
        b->layer[l].embedder = index->with[l];
        b->layer[l].dim = index->dim[l];
    }
}

int cc_index_batch(struct cc_index *index)
{
    struct cc_arena *mem = cc_arena_new(BATCH_BYTES);
    struct batch *b = cc_arena_get(mem, sizeof *b);
    int rc;

    begin_batch(b, index, mem);
    rc = run(b, index);
    if (!rc) {
        index->with_n = b->layers;
        index->at += b->n;
        index->next = next_batch(b);
    }
    cc_arena_free(&mem);
    return rc;
}

static int learn_dimensions(struct cc_index *index)
{
    int rc = 0;

    for (int i = 0; i < index->with_n && !rc; i++) {
        cc_task_deadline(cc_now() + (i ? OTHER_MS : EMBED_MS));
        rc = cc_embedder_dim(index->with[i], &index->dim[i]);
        if (rc && may_do_without(i, rc)) {
            index->with_n = i;
            rc = 0;
        }
    }
    cc_task_deadline(CC_NEVER);
    return rc;
}

int cc_index_begin(struct cc_index *index, struct cc_work *work, const struct cc_slice *slice,
                   size_t n)
{
    struct cc_reindex_with with;
    int rc;

    if (index->work)
        return 0;
    rc = cc_embedders_for(work->ingest, work->hold.tenant, &with);
    if (rc)
        return rc;
    *index = (struct cc_index){.slice = slice, .n = n, .next = CC_INDEX_FIRST, .with_n = with.n};
    memcpy(index->with, with.of, sizeof with.of);
    rc = learn_dimensions(index);
    if (!rc)
        index->work = work;
    return rc;
}
