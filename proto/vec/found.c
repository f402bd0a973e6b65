#include "proto/vec/found.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/base/text.h"
#include "proto/task/task.h"

#define DOCUMENT_BYTES 4096 /* of a passage that the reranker reads */
#define SECTION_BYTES  200  /* and of the headings before it */

static const struct cc_fused *find_fused(const struct cc_finding *f, int64_t chunk)
{
    for (int i = 0; i < f->n; i++)
        if (f->fused[i].chunk == chunk)
            return &f->fused[i];
    return NULL;
}

int cc_find_passages(struct cc_finding *f)
{
    struct cc_search_result *result = f->result;
    int64_t began = cc_clock_us(), *id = cc_arena_array(f->mem, (size_t)f->n, sizeof *id);
    struct cc_passage *passage;
    int passages, rc;

    for (int i = 0; i < f->n; i++)
        id[i] = f->fused[i].chunk;
    rc = cc_chunk_load(f->search->pool, &f->query->scope, id, f->n, f->mem, &passage, &passages);
    if (rc)
        return rc;
    result->found = cc_arena_array(f->mem, (size_t)passages + 1, sizeof *result->found);
    for (int i = 0; i < passages; i++) {
        const struct cc_fused *fused = find_fused(f, passage[i].chunk);

        if (fused)
            result->found[result->n++] = (struct cc_found){.passage = passage[i],
                                                           .lexical = fused->lexical,
                                                           .vector = fused->vector,
                                                           .fused = fused->score,
                                                           .rerank = -1};
    }
    result->load_us = cc_clock_us() - began;
    return 0;
}

/* ---- the order of a service ---- */

struct sorted {
    struct cc_found found;
    double score;
    int place; /* as it was */
};

/* What the service said nothing of stays behind the others, in its old order. */
static int by_score(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;

    if (isnan(x->score) != isnan(y->score))
        return isnan(x->score) ? 1 : -1;
    if (!isnan(x->score) && x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->place > y->place) - (x->place < y->place);
}

static void sort_anew(struct cc_finding *f, const double *score)
{
    int n = f->result->n;
    struct sorted *all = cc_arena_array(f->mem, (size_t)n, sizeof *all);

    for (int i = 0; i < n; i++) {
        all[i] = (struct sorted){f->result->found[i], score[i], i};
        all[i].found.rerank = isnan(score[i]) ? -1 : score[i];
    }
    qsort(all, (size_t)n, sizeof *all, by_score);
    for (int i = 0; i < n; i++)
        f->result->found[i] = all[i].found;
    f->result->reranked = true;
}

static const char *document(const struct cc_passage *p, struct cc_arena *mem)
{
    size_t len = cc_utf8_cut(p->text, strlen(p->text), DOCUMENT_BYTES);

    if (!*p->section)
        return cc_arena_dupn(mem, p->text, len);
    size_t head = cc_utf8_cut(p->section, strlen(p->section), SECTION_BYTES);
    return cc_arena_printf(mem, "%.*s\n\n%.*s", (int)head, p->section, (int)len, p->text);
}

/* The answer's own end is passed on, everything else is the service's. */
static bool is_ours(int rc)
{
    return rc == CC_E_CANCELLED || (rc == CC_E_TIMEOUT && cc_now() >= cc_task_deadline_at());
}

int cc_find_rerank(struct cc_finding *f)
{
    int n = f->result->n, rc;
    const char **texts = cc_arena_array(f->mem, (size_t)n + 1, sizeof *texts);
    double *score = cc_arena_array(f->mem, (size_t)n + 1, sizeof *score);
    struct cc_rerank_query query = {f->text, texts, n};
    int64_t began = cc_clock_us();

    if (n == 0)
        return 0;
    for (int i = 0; i < n; i++)
        texts[i] = document(&f->result->found[i].passage, f->mem);
    rc = cc_rerank(f->search->reranker, &query, f->mem, score);
    f->result->rerank_us = cc_clock_us() - began;
    if (rc == 0)
        sort_anew(f, score);
    else if (!is_ours(rc))
        cc_log_failure("rerank_failed", rc, cc_s("tenant", f->query->scope.tenant));
    return rc && is_ours(rc) ? rc : 0;
}

/* ---- the words that matter ---- */

static int part_of(const struct cc_finding *f, int64_t chunk)
{
    const struct cc_fused *fused = find_fused(f, chunk);

    return fused ? fused->part : 0;
}

/* The part whose vector was nearest, cut as ingest cut it (with the section before the text). */
static int nearest_part(const struct cc_finding *f, const struct cc_passage *p, const char **ret)
{
    int part = part_of(f, p->chunk);
    const char *whole =
        *p->section ? cc_arena_printf(f->mem, "%s\n\n%s", p->section, p->text) : p->text;
    struct cc_part *parts;
    size_t n;
    int rc;

    if (part == 0 || !f->embedder)
        return 0;
    rc = cc_embed_split(f->embedder, whole, strlen(whole), f->mem, &parts, &n);
    if (rc == 0 && n > 1 && (size_t)part <= n)
        *ret = parts[part - 1].text;
    return rc;
}

int cc_find_words(struct cc_finding *f)
{
    int rc = 0;

    for (int i = 0; i < f->result->n && rc == 0; i++) {
        struct cc_found *found = &f->result->found[i];

        rc = cc_snippet(found->passage.text, f->text, f->mem, &found->snippet, &found->best);
        if (rc == 0)
            rc = nearest_part(f, &found->passage, &found->best);
    }
    return rc;
}
