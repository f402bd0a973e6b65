#include "ingest/index.h"

#include <string.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/metrics.h"
#include "proto/store/chunk.h"
#include "proto/vec/terms.h"

#define BATCH_BYTES ((size_t)128 << 20)
#define PARTS_WISH  128     /* vectors of one batch, more or less */
#define EMBED_MS    1200000 /* so long a batch waits for a busy service, before it is handed back */

/* One batch under way; everything lies in mem. */
struct batch {
    struct cc_work *work;
    struct cc_arena *mem;
    size_t n, dim;
    const char *text[CC_INDEX_BATCH]; /* what is embedded and counted: section and text */
    const char *sha256[CC_INDEX_BATCH];
    struct cc_chunk chunk[CC_INDEX_BATCH];
};

static int count_words(struct batch *b, size_t i)
{
    struct cc_terms terms;
    int rc = cc_terms(b->text[i], strlen(b->text[i]), NULL, b->mem, &terms);

    if (rc)
        return rc;
    b->chunk[i].terms = terms.term;
    b->chunk[i].terms_n = (int)terms.n;
    b->chunk[i].words = terms.words;
    return 0;
}

static const char *hash_of(struct batch *b, const char *text)
{
    const char *model = cc_embedder_name(b->work->ingest->embedder);
    const char *all = cc_arena_printf(b->mem, "%s\n%s", model, text);

    return cc_sha256_hex(all, strlen(all), cc_arena_get(b->mem, CC_SHA256_HEX));
}

/* A passage in the middle of a section is found by the section's name, too. */
static int describe(struct batch *b, const struct cc_slice *slice, size_t i, size_t index)
{
    b->text[i] = *slice->section ? cc_arena_printf(b->mem, "%s\n\n%s", slice->section, slice->text)
                                 : slice->text;
    b->sha256[i] = hash_of(b, b->text[i]);
    b->chunk[i] = (struct cc_chunk){.index = (int64_t)index,
                                    .text = slice->text,
                                    .section = slice->section,
                                    .page = slice->page,
                                    .tokens = (int64_t)slice->tokens,
                                    .sha256 = b->sha256[i]};
    return count_words(b, i);
}

static int reuse(struct batch *b)
{
    struct cc_chunk_vectors *known;
    struct cc_ingest *ingest = b->work->ingest;
    int n, hits = 0;
    const struct cc_chunk_known query = {b->work->hold.tenant, cc_embedder_name(ingest->embedder),
                                         (int)b->dim, (int)b->n, b->sha256};
    int rc = cc_chunk_known(ingest->run->pg, &query, b->mem, &known, &n);

    if (rc)
        return rc;
    for (size_t i = 0; i < b->n; i++)
        for (int k = 0; k < n && !b->chunk[i].vectors; k++)
            if (!strcmp(known[k].sha256, b->sha256[i])) {
                b->chunk[i].vectors = known[k].vectors;
                b->chunk[i].parts = known[k].parts;
                hits++;
            }
    cc_metric_add(CC_M_EMBED_HITS, NULL, hits);
    cc_metric_add(CC_M_EMBED_MISSES, NULL, (double)b->n - hits);
    return 0;
}

/* Parts beyond what one call takes go in several. */
static int embed_parts(struct batch *b, const struct cc_part *part, size_t n, float *out)
{
    const char *texts[CC_EMBED_TEXTS_MAX];

    for (size_t at = 0; at < n;) {
        size_t some = n - at < CC_EMBED_TEXTS_MAX ? n - at : CC_EMBED_TEXTS_MAX;
        int rc;

        for (size_t i = 0; i < some; i++)
            texts[i] = part[at + i].text;
        rc = cc_embed(b->work->ingest->embedder, texts, some, out + at * b->dim);
        if (rc)
            return rc;
        at += some;
    }
    return 0;
}

/* All parts of all passages that are new, in as few calls as they fit into. */
static int embed_new(struct batch *b)
{
    struct cc_part *parts[CC_INDEX_BATCH], *all;
    size_t n[CC_INDEX_BATCH] = {0}, total = 0, at = 0;
    float *out;
    int rc;

    for (size_t i = 0; i < b->n; i++, total += n[i - 1])
        if (!b->chunk[i].vectors &&
            (rc = cc_embed_split(b->work->ingest->embedder, b->text[i], strlen(b->text[i]), b->mem,
                                 &parts[i], &n[i])))
            return rc;
    all = cc_arena_array(b->mem, total, sizeof *all);
    out = cc_arena_array(b->mem, total * b->dim, sizeof *out);
    for (size_t i = 0; i < b->n; at += n[i++]) {
        if (!n[i])
            continue;
        memcpy(all + at, parts[i], n[i] * sizeof *all);
        b->chunk[i].vectors = out + at * b->dim;
        b->chunk[i].parts = (int)n[i];
    }
    cc_task_deadline(cc_now() + EMBED_MS);
    rc = embed_parts(b, all, total, out);
    cc_task_deadline(CC_NEVER);
    return rc;
}

static int store(struct batch *b)
{
    const struct cc_chunk_batch batch = {b->chunk, (int)b->n, (int)b->dim,
                                         cc_embedder_name(b->work->ingest->embedder)};
    int rc = cc_chunk_put(b->work->ingest->run->pg, &b->work->hold, &batch);

    if (!rc)
        cc_metric_add(CC_M_CHUNKS, NULL, (double)b->n);
    return rc;
}

static int run(struct batch *b, const struct cc_slice *slices, size_t first)
{
    int rc = cc_embedder_dim(b->work->ingest->embedder, &b->dim);

    for (size_t i = 0; i < b->n && !rc; i++) {
        rc = describe(b, &slices[first + i], i, first + i);
        if (!rc)
            rc = cc_yield(); /* each is a millisecond of work */
    }
    if (!rc)
        rc = reuse(b);
    if (!rc)
        rc = embed_new(b);
    return rc ? rc : store(b);
}

static size_t next_batch(const struct batch *b)
{
    size_t parts = 0, n;

    for (size_t i = 0; i < b->n; i++)
        parts += (size_t)b->chunk[i].parts;
    n = PARTS_WISH * b->n / (parts ? parts : 1);
    return n < 1 ? 1 : n > CC_INDEX_BATCH ? CC_INDEX_BATCH : n;
}

int cc_index_batch(struct cc_work *work, const struct cc_slice *slices, size_t first, size_t n,
                   size_t *ret_next)
{
    struct cc_arena *mem = cc_arena_new(BATCH_BYTES);
    struct batch *b = cc_arena_get(mem, sizeof *b);
    int rc;

    b->work = work;
    b->mem = mem;
    b->n = n;
    rc = run(b, slices, first);
    if (!rc)
        *ret_next = next_batch(b);
    cc_arena_free(&mem);
    return rc;
}
