/* The question as a vector: by the tenant's embedding, from the cache where it was asked before. */
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/metrics.h"
#include "proto/base/text.h"
#include "proto/task/task.h"
#include "proto/vec/embedders.h"
#include "proto/vec/language.h"
#include "proto/vec/search.h"

struct asking {
    const struct cc_search *search;
    const struct cc_search_query *query;
    struct cc_arena *mem;
    struct cc_embedder *embedder;
    const char *text; /* trimmed */
    size_t len, dim;
    float *v;
    bool kept;
};

int cc_search_embedder(const struct cc_search *search, const char *embedding,
                       struct cc_embedder **ret)
{
    if (embedding && *embedding && search->embedders)
        return cc_embedders_get(search->embedders, embedding, ret);
    *ret = search->embedder;
    return 0;
}

bool cc_search_understands(const struct cc_search *search, const char *embedding, const char *text)
{
    struct cc_embedder *embedder;

    return cc_search_embedder(search, embedding, &embedder) == 0 &&
           cc_embedder_knows(embedder, cc_language_of(text, strlen(text)));
}

/* Of model and text; the cache adds the tenant. */
static void cache_key(const struct asking *a, char out[CC_SHA256_HEX])
{
    struct cc_sha256 *sum = cc_sha256_new();
    const char *name = cc_embedder_name(a->embedder);

    cc_sha256_add(sum, name, strlen(name) + 1);
    cc_sha256_add(sum, a->text, a->len);
    cc_sha256_end(&sum, out);
}

static bool take_kept(struct asking *a, const char *key)
{
    const struct cc_embed_cache *cache = a->search->cache;
    const void *bytes;
    size_t len;

    if (!cache || cache->get(cache->arg, a->query->scope.tenant, key, a->mem, &bytes, &len) != 0 ||
        len != a->dim * sizeof *a->v)
        return false;
    memcpy(a->v, bytes, len);
    return true;
}

static int compute(struct asking *a, const char *key)
{
    const struct cc_embed_cache *cache = a->search->cache;
    int rc = cc_embed(a->embedder, &a->text, 1, a->v);

    if (!rc && cache)
        (void)cache->put(cache->arg, a->query->scope.tenant, key, a->v, a->dim * sizeof *a->v);
    return rc;
}

static int embed(struct asking *a)
{
    char key[CC_SHA256_HEX];
    int rc = cc_embedder_dim(a->embedder, &a->dim);

    if (rc)
        return rc;
    a->v = cc_arena_array(a->mem, a->dim, sizeof *a->v);
    cache_key(a, key);
    a->kept = take_kept(a, key);
    cc_metric_add(a->kept ? CC_M_EMBED_HITS : CC_M_EMBED_MISSES, NULL, 1);
    return a->kept ? 0 : compute(a, key);
}

/* A service that says nothing must not use up the time of the whole answer.  Returns the answer's
 * own end, for afterwards. */
static int64_t hurry(int within_ms)
{
    int64_t whole = cc_task_deadline_at(), end = cc_now() + within_ms;

    cc_task_deadline(end < whole ? end : whole);
    return whole;
}

static int embed_in_time(struct asking *a)
{
    int64_t whole = hurry(a->query->embed_ms ? a->query->embed_ms : CC_SEARCH_EMBED_MS);
    int rc = embed(a);

    cc_task_deadline(whole);
    return rc;
}

int cc_search_embed_texts(struct cc_embedder *embedder, const char *const *texts, size_t n,
                          int within_ms, float *out)
{
    int64_t whole = hurry(within_ms);
    int rc = cc_embed(embedder, texts, n, out);

    cc_task_deadline(whole);
    return rc;
}

int cc_search_embed(const struct cc_search *search, const struct cc_search_query *query,
                    struct cc_arena *mem, struct cc_query_vector *ret, bool *ret_kept)
{
    struct asking a = {.search = search, .query = query, .mem = mem};
    int rc = cc_search_embedder(search, query->embedding, &a.embedder);

    if (rc)
        return rc;
    a.text = cc_text_trim(query->text, strlen(query->text), &a.len);
    a.text = cc_arena_dupn(mem, a.text, a.len);
    rc = embed_in_time(&a);
    if (rc)
        return rc;
    *ret = (struct cc_query_vector){
        .v = a.v, .dimension = (int)a.dim, .model = cc_embedder_name(a.embedder)};
    if (ret_kept)
        *ret_kept = a.kept;
    return 0;
}
