#include "proto/vec/search.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/base/text.h"
#include "proto/task/group.h"
#include "proto/vec/found.h"
#include "proto/vec/fuse.h"
#include "proto/vec/language.h"
#include "proto/vec/points.h"
#include "proto/vec/terms.h"

#define DEPTH_MIN 50 /* hits of each leg that are fused */
#define DEPTH     4  /* times the passages wanted */
#define TERMS_MAX 64 /* words of a question that are looked for */
#define BY_WORDS  1.0
#define FOREIGN   0.1 /* of the embedder's weight, where it does not know the language */

/* One search under way; the two legs fill their own parts. */
struct course {
    const struct cc_search *search;
    const struct cc_search_query *query;
    struct cc_arena *mem;
    struct cc_search_result result;
    const char *text; /* trimmed */
    size_t len;
    int depth;
    struct cc_embedder *embedder; /* NULL: this process cannot make the tenant's */
    bool foreign;                 /* it does not know the question's language */
    struct cc_ranked lexical, vector;
};

/* ---- by words ---- */

static int run_lexical(void *arg)
{
    struct course *c = arg;
    int64_t began = cc_clock_us();
    struct cc_terms terms;
    struct cc_chunk_hit *hit;
    const char *term[TERMS_MAX];
    int rc = cc_terms_of_question(c->text, c->len, NULL, c->mem, &terms), n, hits;

    if (rc || terms.n == 0)
        return rc;
    for (n = 0; n < TERMS_MAX && (size_t)n < terms.n; n++)
        term[n] = terms.term[n].text;
    rc =
        cc_chunk_lexical(c->search->pool, &c->query->scope, term, n, c->depth, c->mem, &hit, &hits);
    if (!rc) {
        c->lexical.hit = hit;
        c->lexical.n = hits;
    }
    c->result.lexical_us = cc_clock_us() - began;
    return rc;
}

/* ---- by meaning ---- */

/* Best first, so those below the threshold are at the end. */
static int count_above(const struct cc_chunk_hit *hit, int n, double threshold)
{
    while (n > 0 && hit[n - 1].score < threshold)
        n--;
    return n;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int drop_off(const struct cc_chunk_live *live, struct cc_chunk_hit *hit, int n)
{
    int out = 0;

    for (int i = 0; i < n; i++)
        if (live->off_n == 0 ||
            !bsearch(&hit[i].chunk, live->off, (size_t)live->off_n, sizeof *live->off, by_value))
            hit[out++] = hit[i];
    return out;
}

/* What may be seen is PostgreSQL's to say. */
static int nearest_points(struct course *c, const struct cc_query_vector *vector,
                          struct cc_chunk_hit **ret, int *ret_n)
{
    struct cc_points_query query = {
        .tenant = c->query->scope.tenant, .vector = *vector, .max = c->depth};
    struct cc_chunk_live live;
    int rc = cc_chunk_live(c->search->pool, &c->query->scope, c->mem, &live);

    if (rc)
        return rc;
    query.generations = live.generations;
    query.generations_n = live.generations_n;
    *ret_n = 0;
    if (live.generations_n > 0)
        rc = cc_points_nearest(c->search->points, &query, c->mem, ret, ret_n);
    if (rc == 0)
        *ret_n = drop_off(&live, *ret, *ret_n);
    return rc;
}

static int search_vectors(struct course *c, const struct cc_query_vector *vector)
{
    int64_t began = cc_clock_us();
    struct cc_chunk_hit *hit = NULL;
    int n, rc;

    rc = c->search->points && !c->query->inside
             ? nearest_points(c, vector, &hit, &n)
             : cc_chunk_nearest(c->search->pool, &c->query->scope, vector, c->depth, c->mem, &hit,
                                &n);
    if (rc)
        return rc;
    c->vector.hit = hit;
    c->vector.n = c->foreign ? n : count_above(hit, n, c->query->threshold);
    c->result.vector_us = cc_clock_us() - began;
    cc_metric_observe(CC_M_VECTOR_SEARCH, NULL, (double)c->result.vector_us / 1e6);
    return 0;
}

/* The service's failures only: the search by words goes on without it. */
static bool may_go_without(int rc)
{
    if (rc == CC_E_TIMEOUT) /* its own, not the task's */
        return cc_now() < cc_task_deadline_at();
    return rc == CC_E_UPSTREAM || rc == CC_E_REFUSED || rc == CC_E_BUSY;
}

static int embed(struct course *c, struct cc_query_vector *ret)
{
    int64_t began = cc_clock_us();
    int rc;

    if (c->query->v) {
        *ret = *c->query->v;
        return 0;
    }
    if (c->query->by_words_only)
        return cc_fail(CC_E_UPSTREAM, "search: the embedding did not come before");
    if (!c->embedder)
        return cc_fail(CC_E_UPSTREAM, "search: cannot make the embedding %.100s",
                       c->query->embedding);
    rc = cc_search_embed(c->search, c->query, c->mem, ret, &c->result.embedding_kept);
    c->result.embed_us = cc_clock_us() - began;
    return rc;
}

static int run_vector(void *arg)
{
    struct course *c = arg;
    struct cc_query_vector vector;
    int rc = embed(c, &vector);

    if (!rc) {
        c->result.v = vector.v;
        c->result.dimension = vector.dimension;
        c->result.embedding = vector.model;
        rc = search_vectors(c, &vector);
    }
    if (!rc || !may_go_without(rc))
        return rc;
    c->result.v = NULL;
    c->result.degraded = true;
    cc_log_failure("search_degraded", rc, cc_s("tenant", c->query->scope.tenant));
    return 0;
}

/* ---- both ---- */

/* At once in a task; a tool without tasks does one after the other. */
static int run_legs(struct course *c)
{
    struct cc_group legs;
    int rc, joined;

    if (!cc_task_current()) {
        rc = run_lexical(c);
        return rc ? rc : run_vector(c);
    }
    cc_group_init(&legs);
    rc = cc_group_add(&legs, "search_vector", run_vector, c);
    if (!rc)
        rc = cc_group_add(&legs, "search_lexical", run_lexical, c);
    if (rc)
        cc_group_cancel(&legs);
    joined = cc_group_join(&legs);
    return rc ? rc : joined;
}

static int top_of(const struct cc_search_query *query)
{
    int top = query->top > 0 ? query->top : CC_SEARCH_TOP;

    return top < CC_SEARCH_TOP_MAX ? top : CC_SEARCH_TOP_MAX;
}

/* With a threshold only what the vectors found above it counts; what the words found where vectors
 * say little. */
static int drop_unlike(const struct course *c, struct cc_fused *fused, int n)
{
    int out = 0;

    if (c->query->threshold <= 0 || c->result.degraded)
        return n;
    for (int i = 0; i < n; i++)
        if (c->foreign ? fused[i].lexical > 0 : fused[i].vector >= c->query->threshold)
            fused[out++] = fused[i];
    return out;
}

static bool is_reranked(const struct course *c)
{
    return c->query->rerank && c->search->reranker;
}

/* Loads and, where asked for, sorts anew: of more than are wanted. */
static int take_found(struct course *c, const struct cc_fused *fused, int n, int top)
{
    struct cc_finding finding = {.search = c->search,
                                 .query = c->query,
                                 .text = c->text,
                                 .embedder = c->embedder,
                                 .mem = c->mem,
                                 .fused = fused,
                                 .result = &c->result};
    int wanted = is_reranked(c) && top < CC_RERANK_DEPTH ? CC_RERANK_DEPTH : top, rc;

    finding.n = n < wanted ? n : wanted;
    if (finding.n == 0)
        return 0;
    rc = cc_find_passages(&finding);
    if (rc == 0 && is_reranked(c))
        rc = cc_find_rerank(&finding);
    if (rc)
        return rc;
    if (c->result.n > top)
        c->result.n = top;
    return cc_find_words(&finding);
}

static int check_query(const struct cc_search_query *query, struct course *c)
{
    if (!query->scope.tenant || !*query->scope.tenant || !query->scope.bot || !*query->scope.bot)
        return cc_fail(CC_E_INVALID, "search: no tenant or no bot");
    c->text = cc_text_trim(query->text, strlen(query->text), &c->len);
    if (c->len == 0)
        return cc_fail(CC_E_INVALID, "search: no question");
    c->text = cc_arena_dupn(c->mem, c->text, c->len);
    if (cc_search_embedder(c->search, query->embedding, &c->embedder))
        c->embedder = NULL;
    c->foreign = c->embedder && !cc_embedder_knows(c->embedder, cc_language_of(c->text, c->len));
    c->result.embedding = c->embedder ? cc_embedder_name(c->embedder) : query->embedding;
    return 0;
}

static double weight_of(const struct course *c)
{
    double weight = cc_embedder_weight(c->embedder);

    return c->foreign ? FOREIGN * weight : weight;
}

static void set_weights(struct course *c)
{
    const struct cc_search_query *q = c->query;
    bool given = q->by_words > 0 || q->by_meaning > 0;

    c->lexical.weight = given && q->by_words >= 0 ? q->by_words : BY_WORDS;
    if (given && q->by_meaning >= 0)
        c->vector.weight = q->by_meaning;
    else if (c->embedder)
        c->vector.weight = weight_of(c);
}

int cc_search(const struct cc_search *search, const struct cc_search_query *query,
              struct cc_arena *mem, struct cc_search_result *ret)
{
    struct course c = {.search = search, .query = query, .mem = mem};
    int64_t began = cc_clock_us();
    int top = top_of(query);
    struct cc_fused *fused;
    int n, rc = check_query(query, &c);

    if (rc)
        return rc;
    c.depth = DEPTH * top > DEPTH_MIN ? DEPTH * top : DEPTH_MIN;
    set_weights(&c);
    rc = run_legs(&c);
    if (rc)
        return rc;
    n = cc_fuse(&c.lexical, &c.vector, mem, &fused);
    n = drop_unlike(&c, fused, n);
    rc = take_found(&c, fused, n, top);
    if (rc)
        return rc;
    c.result.total_us = cc_clock_us() - began;
    *ret = c.result;
    return 0;
}

int cc_search_store_name(const struct cc_search *search, const char **ret)
{
    if (!search->points)
        return cc_chunk_store_name(search->pool, ret);
    *ret = "qdrant";
    return 0;
}
