#include "proto/vec/search.h"

#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/base/text.h"
#include "proto/task/group.h"
#include "proto/vec/fuse.h"
#include "proto/vec/terms.h"

#define DEPTH_MIN 50 /* hits of each leg that are fused */
#define DEPTH     4  /* times the passages wanted */
#define TERMS_MAX 64 /* words of a question that are looked for */
#define BY_WORDS  1.0

/* One search under way; the two legs fill their own parts. */
struct course {
    const struct cc_search *search;
    const struct cc_search_query *query;
    struct cc_arena *mem;
    struct cc_search_result result;
    const char *text; /* trimmed */
    size_t len;
    int depth;
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

/* Of model and text; the cache adds the tenant. */
static void cache_key(const struct course *c, char out[CC_SHA256_HEX])
{
    struct cc_sha256 *sum = cc_sha256_new();
    const char *name = cc_embedder_name(c->search->embedder);

    cc_sha256_add(sum, name, strlen(name) + 1);
    cc_sha256_add(sum, c->text, c->len);
    cc_sha256_end(&sum, out);
}

static bool take_kept(struct course *c, const char *key, float *out, size_t dim)
{
    const struct cc_embed_cache *cache = c->search->cache;
    const void *bytes;
    size_t len;

    if (!cache || cache->get(cache->arg, c->query->scope.tenant, key, c->mem, &bytes, &len) != 0 ||
        len != dim * sizeof *out)
        return false;
    memcpy(out, bytes, len);
    return true;
}

static int compute(struct course *c, const char *key, float *out, size_t dim)
{
    const struct cc_embed_cache *cache = c->search->cache;
    int rc = cc_embed(c->search->embedder, &c->text, 1, out);

    if (!rc && cache)
        (void)cache->put(cache->arg, c->query->scope.tenant, key, out, dim * sizeof *out);
    return rc;
}

static int embed_question(struct course *c, float *out, size_t dim)
{
    char key[CC_SHA256_HEX];

    cache_key(c, key);
    c->result.embedding_kept = take_kept(c, key, out, dim);
    cc_metric_add(c->result.embedding_kept ? CC_M_EMBED_HITS : CC_M_EMBED_MISSES, NULL, 1);
    return c->result.embedding_kept ? 0 : compute(c, key, out, dim);
}

/* Best first, so those below the threshold are at the end. */
static int count_above(const struct cc_chunk_hit *hit, int n, double threshold)
{
    while (n > 0 && hit[n - 1].score < threshold)
        n--;
    return n;
}

static int search_vectors(struct course *c, const float *v, size_t dim)
{
    struct cc_query_vector vector = {
        .v = v, .dimension = (int)dim, .model = cc_embedder_name(c->search->embedder)};
    int64_t began = cc_clock_us();
    struct cc_chunk_hit *hit;
    int n, rc;

    rc = cc_chunk_nearest(c->search->pool, &c->query->scope, &vector, c->depth, c->mem, &hit, &n);
    if (rc)
        return rc;
    c->vector.hit = hit;
    c->vector.n = count_above(hit, n, c->query->threshold);
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

static int embed(struct course *c, float **ret, size_t *ret_dim)
{
    int rc = cc_embedder_dim(c->search->embedder, ret_dim);

    if (rc)
        return rc;
    *ret = cc_arena_array(c->mem, *ret_dim, sizeof **ret);
    return embed_question(c, *ret, *ret_dim);
}

/* A service that says nothing must not use up the time of the whole answer. */
static int embed_in_time(struct course *c, float **ret, size_t *ret_dim)
{
    int64_t whole = cc_task_deadline_at();
    int64_t end = cc_now() + (c->query->embed_ms ? c->query->embed_ms : CC_SEARCH_EMBED_MS);
    int64_t began = cc_clock_us();

    cc_task_deadline(end < whole ? end : whole);
    int rc = embed(c, ret, ret_dim);
    cc_task_deadline(whole);
    c->result.embed_us = cc_clock_us() - began;
    return rc;
}

static int run_vector(void *arg)
{
    struct course *c = arg;
    size_t dim = 0;
    float *v = NULL;
    int rc = embed_in_time(c, &v, &dim);

    if (!rc)
        return search_vectors(c, v, dim);
    if (!may_go_without(rc))
        return rc;
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

/* With a threshold only what the vectors found above it counts. */
static int drop_unlike(const struct course *c, struct cc_fused *fused, int n)
{
    int out = 0;

    if (c->query->threshold <= 0 || c->result.degraded)
        return n;
    for (int i = 0; i < n; i++)
        if (fused[i].vector >= c->query->threshold)
            fused[out++] = fused[i];
    return out;
}

static const struct cc_fused *find_fused(const struct cc_fused *fused, int n, int64_t chunk)
{
    for (int i = 0; i < n; i++)
        if (fused[i].chunk == chunk)
            return &fused[i];
    return NULL;
}

static int fill_found(struct course *c, const struct cc_fused *fused, int n,
                      const struct cc_passage *passage, int passages)
{
    struct cc_search_result *result = &c->result;
    int rc = 0;

    result->found = cc_arena_array(c->mem, (size_t)passages + 1, sizeof *result->found);
    for (int i = 0; i < passages && !rc; i++) {
        const struct cc_fused *f = find_fused(fused, n, passage[i].chunk);
        struct cc_found *found = &result->found[result->n];

        if (!f)
            continue;
        *found = (struct cc_found){
            .passage = passage[i], .lexical = f->lexical, .vector = f->vector, .fused = f->score};
        rc = cc_snippet(passage[i].text, c->text, c->mem, &found->snippet);
        result->n++;
    }
    return rc;
}

static int load_found(struct course *c, const struct cc_fused *fused, int n)
{
    int64_t began = cc_clock_us();
    int64_t id[CC_SEARCH_TOP_MAX];
    struct cc_passage *passage;
    int passages, rc;

    for (int i = 0; i < n; i++)
        id[i] = fused[i].chunk;
    rc = cc_chunk_load(c->search->pool, &c->query->scope, id, n, c->mem, &passage, &passages);
    if (!rc)
        rc = fill_found(c, fused, n, passage, passages);
    c->result.load_us = cc_clock_us() - began;
    return rc;
}

static int check_query(const struct cc_search_query *query, struct course *c)
{
    if (!query->scope.tenant || !*query->scope.tenant || !query->scope.bot || !*query->scope.bot)
        return cc_fail(CC_E_INVALID, "search: no tenant or no bot");
    c->text = cc_text_trim(query->text, strlen(query->text), &c->len);
    if (c->len == 0)
        return cc_fail(CC_E_INVALID, "search: no question");
    c->text = cc_arena_dupn(c->mem, c->text, c->len);
    return 0;
}

static void set_weights(struct course *c)
{
    bool given = c->query->by_words > 0 || c->query->by_meaning > 0;

    c->lexical.weight = given ? c->query->by_words : BY_WORDS;
    c->vector.weight = given ? c->query->by_meaning : cc_embedder_weight(c->search->embedder);
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
    n = n < top ? n : top;
    rc = n > 0 ? load_found(&c, fused, n) : 0;
    if (rc)
        return rc;
    c.result.total_us = cc_clock_us() - began;
    *ret = c.result;
    return 0;
}

int cc_search_store_name(const struct cc_search *search, const char **ret)
{
    return cc_chunk_store_name(search->pool, ret);
}
