#include "proto/store/vector_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/vector.h"
#include "proto/store/chunk_inside.h"
#include "proto/store/pg_inside.h"
#include "proto/store/vector_kept.h"

struct cc_vector_cache {
    TAILQ_HEAD(kepts, cc_kept) all; /* asked last stands first */
    size_t bytes;
};

/* ---- memory ---- */

static void drop(struct cc_vector_cache *cache, struct cc_kept *k)
{
    TAILQ_REMOVE(&cache->all, k, list);
    cache->bytes -= k->bytes;
    cc_kept_clear(k);
    free(k);
}

void cc_vector_cache_free(struct cc_vector_cache **cache)
{
    if (!*cache)
        return;
    while (!TAILQ_EMPTY(&(*cache)->all))
        drop(*cache, TAILQ_FIRST(&(*cache)->all));
    free(*cache);
    *cache = NULL;
}

static struct cc_vector_cache *cache_of(struct cc_pg *pool)
{
    if (!pool->vectors) {
        pool->vectors = cc_kept_need(1, sizeof *pool->vectors);
        TAILQ_INIT(&pool->vectors->all);
    }
    return pool->vectors;
}

static size_t room(void)
{
    return (size_t)cc_cfg_int(CC_CFG_SEARCH_MEMORY);
}

static void make_room(struct cc_vector_cache *cache, const struct cc_kept *stays)
{
    struct cc_kept *k = TAILQ_LAST(&cache->all, kepts), *before;

    for (; k && cache->bytes > room(); k = before) {
        before = TAILQ_PREV(k, kepts, list);
        if (k != stays && !k->loading)
            drop(cache, k);
    }
}

static struct cc_kept *find(struct cc_vector_cache *cache, const char *tenant,
                            const struct cc_query_vector *query)
{
    struct cc_kept *k;

    TAILQ_FOREACH (k, &cache->all, list)
        if (strcmp(k->tenant, tenant) == 0 && strcmp(k->model, query->model) == 0 &&
            k->dimension == query->dimension)
            return k;
    return NULL;
}

static struct cc_kept *find_or_add(struct cc_vector_cache *cache, const char *tenant,
                                   const struct cc_query_vector *query)
{
    struct cc_kept *k = find(cache, tenant, query);

    if (k) {
        TAILQ_REMOVE(&cache->all, k, list);
    } else {
        k = cc_kept_need(1, sizeof *k);
        memcpy(k->tenant, tenant, strlen(tenant) + 1);
        memcpy(k->model, query->model, strlen(query->model) + 1);
        k->dimension = query->dimension;
        k->knowledge = -1;
        k->bytes = sizeof *k;
        cache->bytes += k->bytes;
    }
    TAILQ_INSERT_HEAD(&cache->all, k, list);
    return k;
}

/* Waits.  k may be gone when this fails. */
static int fill(struct cc_vector_cache *cache, struct cc_pg *pool, struct cc_kept *k,
                struct cc_arena *mem)
{
    size_t before = k->bytes;
    int rc = cc_kept_fill(pool, k, room(), mem);

    if (rc && rc != CC_E_TOOBIG) {
        k->bytes = before;
        drop(cache, k);
        return rc;
    }
    cache->bytes += k->bytes - before;
    make_room(cache, k);
    return rc;
}

/* ---- asking ---- */

/* What this moment's search may see: the tenant's state, and with a filter the generations. */
struct sight {
    int64_t knowledge;
    bool filtered;
    int64_t *generations;
    int n;
};

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int look(struct cc_pg *pool, const struct cc_scope *scope, struct cc_arena *mem,
                struct sight *ret)
{
    static const struct cc_stmt SEEN = {"SELECT active" CC_SCOPE_DOCUMENTS " ORDER BY active"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_scope_args args = cc_scope_args(scope, mem);
    const struct cc_step steps[] = {CC_STEP(cc_knowledge_now, cc_at(scope->tenant)),
                                    CC_STEP(SEEN, CC_SCOPE(scope, args))};
    int rc;

    ret->filtered = cc_scope_filters(scope);
    rc = cc_pg_run(pool, scope->tenant, &rows, (struct cc_steps){steps, ret->filtered ? 2 : 1});
    if (rc)
        return rc;
    struct cc_row first = cc_row(&rows, 0, 0, NULL);
    ret->knowledge = cc_rows_n(&rows, 0) ? cc_row_int(&first) : 0;
    ret->n = ret->filtered ? cc_rows_n(&rows, 1) : 0;
    ret->generations = cc_arena_array(mem, (size_t)ret->n + 1, sizeof *ret->generations);
    for (int i = 0; i < ret->n; i++) {
        struct cc_row row = cc_row(&rows, 1, i, NULL);
        ret->generations[i] = cc_row_int(&row);
    }
    return 0;
}

static bool holds(const int64_t *sorted, int n, int64_t value)
{
    return n > 0 && bsearch(&value, sorted, (size_t)n, sizeof *sorted, by_value);
}

static bool is_seen(const struct sight *sight, const char *bot, const struct cc_kept_doc *doc)
{
    if (sight->filtered)
        return holds(sight->generations, sight->n, doc->generation);
    return !*doc->bot || strcmp(doc->bot, bot) == 0;
}

static void scan_block(const struct cc_kept *k, const struct cc_kept_block *b, const float *unit,
                       struct cc_top *top)
{
    size_t dimension = (size_t)k->dimension;

    for (int i = 0; i < b->n;) {
        struct cc_chunk_hit best = {.chunk = b->chunk[i], .score = -2};

        for (; i < b->n && b->chunk[i] == best.chunk; i++) {
            double score = (double)cc_vector_dot(unit, b->v + (size_t)i * dimension, dimension);

            if (score > best.score) {
                best.score = score;
                best.part = b->part[i];
            }
        }
        if (!holds(k->off, k->off_n, best.chunk))
            cc_top_add(top, best);
    }
}

int cc_vector_cache_nearest(struct cc_pg *pool, const struct cc_scope *scope,
                            const struct cc_query_vector *query, struct cc_arena *mem,
                            struct cc_top *top)
{
    struct cc_vector_cache *cache = cache_of(pool);
    struct sight sight;
    struct cc_kept *k;
    int rc;

    if (room() == 0 || strlen(scope->tenant) >= CC_ID_MAX || strlen(query->model) >= CC_KEPT_MODEL)
        return CC_E_TOOBIG;
    rc = look(pool, scope, mem, &sight);
    if (rc)
        return rc;
    k = find_or_add(cache, scope->tenant, query);
    if (k->loading)
        return CC_E_TOOBIG;
    if (k->knowledge < sight.knowledge || cc_clock_ms() >= k->again_ms)
        rc = fill(cache, pool, k, mem);
    if (rc || k->too_many)
        return rc ? rc : CC_E_TOOBIG;
    float *unit = cc_arena_array(mem, (size_t)query->dimension, sizeof *unit);
    cc_vector_unit(query->v, query->dimension, unit);
    for (int i = 0; i < k->n; i++)
        if (k->doc[i].block && is_seen(&sight, scope->bot, &k->doc[i]))
            scan_block(k, k->doc[i].block, unit, top);
    return 0;
}
