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

#define MODEL_BYTES 128
#define AGAIN_MS    2000 /* passages without vectors are looked at again: they may be getting them */

/* Vectors of one generation: those of a chunk lie together.  Never changed. */
struct block {
    int n, chunks;
    size_t bytes;
    int64_t *chunk;
    int *part; /* from 1 */
    float *v;  /* n x dimension */
};
/* A document that can be found. */
struct doc {
    int64_t generation, edits, chunks;
    char bot[CC_ID_MAX]; /* "": for all bots */
    struct block *block; /* NULL: no vectors of this embedding */
};
/* What is known of a tenant's vectors of one embedding. */
struct kept {
    char tenant[CC_ID_MAX], model[MODEL_BYTES];
    int dimension;
    int64_t knowledge; /* of the tenant, when it was read; -1: never */
    int64_t again_ms;  /* when to look again even so */
    bool loading;      /* a task is about to fill it, and will come back to it */
    int64_t too_many;  /* so many passages were too many; 0: all are here */
    struct doc *doc;   /* sorted by generation */
    int64_t *off;      /* sorted */
    int n, off_n;
    size_t bytes;
    TAILQ_ENTRY(kept) list;
};
struct cc_vector_cache {
    TAILQ_HEAD(kepts, kept) all; /* asked last stands first */
    size_t bytes;
};

/* ---- memory ---- */

static void *need(size_t n, size_t each)
{
    void *p = calloc(n ? n : 1, each);

    if (!p)
        abort();
    return p;
}

static struct block *new_block(int n, int dimension)
{
    struct block *b = need(1, sizeof *b);
    size_t rows = (size_t)n;

    b->n = n;
    b->chunk = need(rows, sizeof *b->chunk);
    b->part = need(rows, sizeof *b->part);
    b->v = need(rows * (size_t)dimension, sizeof *b->v);
    b->bytes =
        sizeof *b + rows * (sizeof *b->chunk + sizeof *b->part + (size_t)dimension * sizeof *b->v);
    return b;
}

static void free_block(struct block *b)
{
    if (!b)
        return;
    free(b->chunk);
    free(b->part);
    free(b->v);
    free(b);
}

static void free_docs(struct doc *doc, int n)
{
    for (int i = 0; i < n; i++)
        free_block(doc[i].block);
    free(doc);
}

static void drop(struct cc_vector_cache *cache, struct kept *k)
{
    TAILQ_REMOVE(&cache->all, k, list);
    cache->bytes -= k->bytes;
    free_docs(k->doc, k->n);
    free(k->off);
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
        pool->vectors = need(1, sizeof *pool->vectors);
        TAILQ_INIT(&pool->vectors->all);
    }
    return pool->vectors;
}

static size_t room(void)
{
    return (size_t)cc_cfg_int(CC_CFG_SEARCH_MEMORY);
}

static void make_room(struct cc_vector_cache *cache, const struct kept *stays)
{
    struct kept *k = TAILQ_LAST(&cache->all, kepts), *before;

    for (; k && cache->bytes > room(); k = before) {
        before = TAILQ_PREV(k, kepts, list);
        if (k != stays && !k->loading)
            drop(cache, k);
    }
}

static struct kept *find(struct cc_vector_cache *cache, const char *tenant,
                         const struct cc_query_vector *query)
{
    struct kept *k;

    TAILQ_FOREACH (k, &cache->all, list)
        if (strcmp(k->tenant, tenant) == 0 && strcmp(k->model, query->model) == 0 &&
            k->dimension == query->dimension)
            return k;
    return NULL;
}

static struct kept *find_or_add(struct cc_vector_cache *cache, const char *tenant,
                                const struct cc_query_vector *query)
{
    struct kept *k = find(cache, tenant, query);

    if (k) {
        TAILQ_REMOVE(&cache->all, k, list);
    } else {
        k = need(1, sizeof *k);
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

/* ---- filling ---- */

struct filling {
    struct cc_pg *pool;
    struct kept *k;
    struct cc_arena *mem;
    int64_t knowledge, passages;
    struct doc *doc;
    int64_t *off;
    int n, off_n;
};

static int by_generation(const void *a, const void *b)
{
    const struct doc *x = a, *y = b;

    return (x->generation > y->generation) - (x->generation < y->generation);
}

static struct doc *find_doc(struct doc *doc, int n, int64_t generation)
{
    struct doc key = {.generation = generation};

    return n ? bsearch(&key, doc, (size_t)n, sizeof *doc, by_generation) : NULL;
}

static void read_doc(struct cc_row row, struct doc *ret, int64_t *passages)
{
    const char *bot;
    size_t len;

    ret->generation = cc_row_int(&row);
    ret->edits = cc_row_int(&row);
    ret->chunks = cc_row_int(&row);
    *passages += ret->chunks;
    bot = cc_row_bytes(&row, &len);
    memcpy(ret->bot, bot, len < sizeof ret->bot ? len : 0); /* ids are shorter */
}

/* knowledge is read before the rest: at worst it is older than what follows, which is then read
 * once more. */
static int read_list(struct filling *f)
{
    static const struct cc_stmt LIST = {
        "SELECT active, edits + refreshed, active_chunks, bot_id FROM documents"
        " WHERE tenant_id = $1 AND active IS NOT NULL AND enabled ORDER BY active"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const char *tenant = f->k->tenant;
    int rc =
        cc_pg_run(f->pool, tenant, &rows,
                  CC_STEPS(CC_STEP(cc_knowledge_now, cc_at(tenant)), CC_STEP(LIST, cc_at(tenant)),
                           CC_STEP(CC_CHUNKS_OFF, cc_at(tenant))));

    if (rc)
        return rc;
    struct cc_row first = cc_row(&rows, 0, 0, NULL);
    f->knowledge = cc_rows_n(&rows, 0) ? cc_row_int(&first) : 0;
    f->n = cc_rows_n(&rows, 1);
    f->doc = need((size_t)f->n, sizeof *f->doc);
    for (int i = 0; i < f->n; i++)
        read_doc(cc_row(&rows, 1, i, NULL), &f->doc[i], &f->passages);
    f->off_n = cc_rows_n(&rows, 2);
    f->off = need((size_t)f->off_n, sizeof *f->off);
    for (int i = 0; i < f->off_n; i++) {
        struct cc_row row = cc_row(&rows, 2, i, NULL);
        f->off[i] = cc_row_int(&row);
    }
    return 0;
}

static bool is_whole(const struct doc *doc)
{
    return doc->block && doc->block->chunks == doc->chunks;
}

/* Blocks that are still good move over.  Returns their bytes; the generations that lack one. */
static size_t adopt(struct filling *f, int64_t *missing, int *ret_n)
{
    size_t bytes = 0;

    *ret_n = 0;
    for (int i = 0; i < f->n; i++) {
        struct doc *old = find_doc(f->k->doc, f->k->n, f->doc[i].generation);

        if (old && is_whole(old) && old->edits == f->doc[i].edits) {
            f->doc[i].block = old->block;
            old->block = NULL;
            bytes += f->doc[i].block->bytes;
        } else {
            missing[(*ret_n)++] = f->doc[i].generation;
        }
    }
    return bytes;
}

/* Rows from..to are of one generation. */
static int take_block(struct filling *f, const struct cc_rows *rows, int from, int to,
                      struct doc *doc)
{
    int dimension = f->k->dimension;
    struct cc_vector_store store;
    int rc = cc_vector_store(f->pool, &store); /* known by now: does not wait */

    if (rc)
        return rc;
    free_block(doc->block);
    doc->block = new_block(to - from, dimension);
    for (int i = from; i < to; i++) {
        struct cc_row row = cc_row(rows, 0, i, NULL);
        float *v = doc->block->v + (size_t)(i - from) * (size_t)dimension;
        size_t len;

        row.col = 1;
        doc->block->chunk[i - from] = cc_row_int(&row);
        doc->block->part[i - from] = 1 + (int)cc_row_int(&row);
        doc->block->chunks +=
            i == from || doc->block->chunk[i - from] != doc->block->chunk[i - from - 1];
        const void *bytes = cc_row_bytes(&row, &len);
        if (!cc_vector_read(&store, bytes, len, dimension, v))
            return cc_fail(CC_E_REPLY, "a stored vector has another length");
    }
    return 0;
}

static int64_t generation_at(const struct cc_rows *rows, int i)
{
    struct cc_row row = cc_row(rows, 0, i, NULL);

    return cc_row_int(&row);
}

static int take_blocks(struct filling *f, const struct cc_rows *rows)
{
    int n = cc_rows_n(rows, 0), rc = 0;

    for (int from = 0, to; from < n && rc == 0; from = to) {
        int64_t generation = generation_at(rows, from);
        struct doc *doc = find_doc(f->doc, f->n, generation);

        for (to = from + 1; to < n && generation_at(rows, to) == generation;)
            to++;
        if (doc)
            rc = take_block(f, rows, from, to, doc);
    }
    return rc;
}

/* TOOBIG: not all of them fit. */
static int fetch(struct filling *f, const int64_t *missing, int n, size_t left)
{
    static const struct cc_stmt FETCH = {
        "SELECT generation, chunk, part, v FROM chunk_vectors WHERE tenant_id = $1"
        " AND generation = ANY($2::bigint[]) AND model = $3 AND dimension = $4"
        " ORDER BY generation, chunk, part LIMIT $5"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int64_t max = (int64_t)(left / ((size_t)f->k->dimension * sizeof(float)));
    int rc = cc_pg_run(
        f->pool, f->k->tenant, &rows,
        CC_STEPS(CC_STEP(FETCH, cc_at(f->k->tenant), cc_at(cc_array_ints(f->mem, missing, n)),
                         cc_at(f->k->model), cc_ai(f->k->dimension), cc_ai(max + 1))));

    if (rc == 0 && cc_rows_n(&rows, 0) > max)
        return CC_E_TOOBIG;
    return rc ? rc : take_blocks(f, &rows);
}

static int read_vectors(struct filling *f)
{
    int64_t *missing = cc_arena_array(f->mem, (size_t)f->n + 1, sizeof *missing);
    size_t least = (size_t)f->passages * (size_t)f->k->dimension * sizeof(float), bytes;
    int n;

    /* A tenant that was too big is tried again only when it has become clearly smaller. */
    if (least > room() || (f->k->too_many && f->passages > f->k->too_many / 10 * 9))
        return CC_E_TOOBIG;
    bytes = adopt(f, missing, &n);
    if (n == 0)
        return 0;
    return bytes < room() ? fetch(f, missing, n, room() - bytes) : CC_E_TOOBIG;
}

static void install(struct cc_vector_cache *cache, struct filling *f, bool whole)
{
    struct kept *k = f->k;

    free_docs(k->doc, k->n);
    free(k->off);
    cache->bytes -= k->bytes;
    k->doc = f->doc;
    k->n = f->n;
    k->off = f->off;
    k->off_n = f->off_n;
    k->knowledge = f->knowledge;
    k->too_many = whole ? 0 : f->passages;
    k->bytes = sizeof *k + (size_t)k->n * sizeof *k->doc + (size_t)k->off_n * sizeof *k->off;
    k->again_ms = INT64_MAX;
    for (int i = 0; i < k->n; i++) {
        k->bytes += k->doc[i].block ? k->doc[i].block->bytes : 0;
        if (!is_whole(&k->doc[i]))
            k->again_ms = cc_clock_ms() + AGAIN_MS;
    }
    cache->bytes += k->bytes;
}

/* Waits.  Between read_list and install only this task touches k's blocks. */
static int fill(struct cc_vector_cache *cache, struct cc_pg *pool, struct kept *k,
                struct cc_arena *mem)
{
    struct filling f = {.pool = pool, .k = k, .mem = mem};
    int rc;

    k->loading = true;
    rc = read_list(&f);
    if (rc == 0)
        rc = read_vectors(&f);
    k->loading = false;
    if (rc == CC_E_TOOBIG) {
        free_docs(f.doc, f.n);
        f.doc = need(0, sizeof *f.doc);
        f.n = 0;
    }
    if (rc == 0 || rc == CC_E_TOOBIG) {
        install(cache, &f, rc == 0);
    } else {
        free_docs(f.doc, f.n); /* with what was adopted: what is left of k is no use */
        free(f.off);
        drop(cache, k);
        return rc;
    }
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

static bool is_seen(const struct sight *sight, const char *bot, const struct doc *doc)
{
    if (sight->filtered)
        return holds(sight->generations, sight->n, doc->generation);
    return !*doc->bot || strcmp(doc->bot, bot) == 0;
}

static void scan_block(const struct kept *k, const struct block *b, const float *unit,
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
    struct kept *k;
    int rc;

    if (room() == 0 || strlen(scope->tenant) >= CC_ID_MAX || strlen(query->model) >= MODEL_BYTES)
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
