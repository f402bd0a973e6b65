/* Finding passages: by words (BM25) and by vectors.  Both begin with the tenant. */
#include "proto/base/vector.h"
#include "proto/store/chunk_inside.h"
#include "proto/store/top.h"
#include "proto/store/vector_cache.h"

bool cc_scope_filters(const struct cc_scope *scope)
{
    const struct cc_filter *f = scope->filter;

    return f && (f->tags_n > 0 || f->documents_n > 0 || (f->metadata && *f->metadata));
}

struct cc_scope_args cc_scope_args(const struct cc_scope *scope, struct cc_arena *mem)
{
    const struct cc_filter *f = scope->filter;
    struct cc_scope_args args = {0};

    if (!f)
        return args;
    if (f->tags_n > 0)
        args.tags = cc_array_texts(mem, f->tags, f->tags_n);
    if (f->documents_n > 0)
        args.documents = cc_array_texts(mem, f->documents, f->documents_n);
    if (f->metadata && *f->metadata)
        args.metadata = f->metadata;
    return args;
}

static int read_hits(const struct cc_rows *rows, int step, struct cc_arena *mem,
                     struct cc_chunk_hit **ret)
{
    int n = cc_rows_n(rows, step);

    *ret = cc_arena_array(mem, (size_t)n, sizeof **ret);
    for (int i = 0; i < n; i++) {
        struct cc_row row = cc_row(rows, step, i, NULL);
        (*ret)[i].chunk = cc_row_int(&row);
        (*ret)[i].score = cc_row_real(&row);
        (*ret)[i].part = (int)cc_row_int(&row);
    }
    return n;
}

/* k1 = 1.2, b = 0.75; idf = ln(1 + (N - df + 0.5) / (df + 0.5)), over what the bot may see.
 * Each part is materialised: without statistics the planner would read all postings of a document
 * instead of the few of a word, and count the sums again for each of them. */
static const struct cc_stmt LEXICAL = {
    "WITH " CC_LIVE ", " CC_OFF ","
    " total AS MATERIALIZED (SELECT sum(active_chunks)::float8 AS n,"
    " sum(active_words)::float8 / nullif(sum(active_chunks), 0)::float8 AS average FROM live),"
    " found AS MATERIALIZED (SELECT term, generation, chunk, tf::float8, words::float8"
    " FROM postings WHERE tenant_id = $1 AND term = ANY($6::text[])),"
    " hit AS MATERIALIZED (SELECT term, chunk, tf, words FROM found"
    " WHERE generation IN (SELECT generation FROM live) AND chunk NOT IN (SELECT id FROM off)),"
    " df AS MATERIALIZED (SELECT term, count(*)::float8 AS df FROM hit GROUP BY term)"
    " SELECT chunk, sum(ln(1 + (n - df + 0.5) / (df + 0.5))"
    " * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * words / nullif(average, 0))))"
    " AS score, 0 FROM hit JOIN df USING (term) CROSS JOIN total"
    " GROUP BY chunk ORDER BY score DESC, chunk LIMIT $7"};

int cc_chunk_lexical(struct cc_pg *pool, const struct cc_scope *scope, const char *const *terms,
                     int n, int max, struct cc_arena *mem, struct cc_chunk_hit **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_scope_args args = cc_scope_args(scope, mem);
    int rc = cc_pg_run(pool, scope->tenant, &rows,
                       CC_STEPS(CC_STEP(LEXICAL, CC_SCOPE(scope, args),
                                        cc_at(cc_array_texts(mem, terms, n)), cc_ai(max))));

    if (rc == 0)
        *ret_n = read_hits(&rows, 0, mem, ret);
    return rc;
}

/* ---- by vectors ---- */

#define CANDIDATES                                                                                 \
    " FROM live JOIN chunk_vectors v ON v.tenant_id = $1 AND v.generation = live.generation"       \
    " WHERE v.model = $6 AND v.dimension = $7 AND v.chunk NOT IN (SELECT id FROM off)"

/* All vectors have length 1, so the inner product (pgvector: its negative, <#>) is the cosine.
 * Materialised, so that no index on the numbers is ever asked before the tenant is.  The greatest
 * pair of score and part is that of the best part. */
static const struct cc_stmt NEAREST = {
    "WITH " CC_LIVE ", " CC_OFF ", c AS MATERIALIZED (SELECT v.chunk,"
    " ARRAY[-(v.v <#> $8::vector), -v.part::float8] AS score" CANDIDATES "),"
    " best AS (SELECT chunk, max(score) AS score FROM c GROUP BY chunk)"
    " SELECT chunk, score[1], 1 - score[2]::bigint FROM best"
    " ORDER BY score[1] DESC, chunk LIMIT $9"};

static const struct cc_stmt ALL = {"WITH " CC_LIVE ", " CC_OFF
                                   " SELECT v.chunk, v.v, v.part" CANDIDATES
                                   " ORDER BY v.chunk, v.part"};

struct search {
    struct cc_pg *pool;
    const struct cc_scope *scope;
    const struct cc_query_vector *query;
    const struct cc_vector_store *store;
    struct cc_arena *mem;
};

static int nearest_pgvector(const struct search *s, struct cc_top *top)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_scope_args args = cc_scope_args(s->scope, s->mem);
    size_t len = cc_vector_bytes(s->store, s->query->dimension);
    char *bytes = cc_arena_get(s->mem, len);
    int rc;

    cc_vector_write(s->store, s->query->v, s->query->dimension, bytes);
    rc = cc_pg_run(
        s->pool, s->scope->tenant, &rows,
        CC_STEPS(CC_STEP(NEAREST, CC_SCOPE(s->scope, args), cc_at(s->query->model),
                         cc_ai(s->query->dimension), cc_abytes(bytes, len), cc_ai(top->max))));
    if (rc == 0)
        top->n = read_hits(&rows, 0, s->mem, &top->hit);
    return rc;
}

/* Rows come ordered by chunk: the parts of one lie together, the best one counts. */
static void scan(const struct cc_rows *rows, const struct search *s, struct cc_top *top)
{
    int dimension = s->query->dimension;
    float *unit = cc_arena_array(s->mem, (size_t)dimension, sizeof *unit);
    float *v = cc_arena_array(s->mem, (size_t)dimension, sizeof *v);
    struct cc_chunk_hit best = {0};

    cc_vector_unit(s->query->v, dimension, unit);
    for (int i = 0; i < cc_rows_n(rows, 0); i++) {
        struct cc_row row = cc_row(rows, 0, i, NULL);
        struct cc_chunk_hit hit = {.chunk = cc_row_int(&row)};
        size_t len;
        const void *bytes = cc_row_bytes(&row, &len);

        if (!cc_vector_read(s->store, bytes, len, dimension, v))
            continue;
        hit.score = (double)cc_vector_dot(unit, v, (size_t)dimension);
        hit.part = 1 + (int)cc_row_int(&row);
        if (best.part > 0 && best.chunk != hit.chunk)
            cc_top_add(top, best);
        if (best.part == 0 || best.chunk != hit.chunk || hit.score > best.score)
            best = hit;
    }
    if (best.part > 0)
        cc_top_add(top, best);
}

static int nearest_exact(const struct search *s, struct cc_top *top)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_scope_args args = cc_scope_args(s->scope, s->mem);
    int rc = cc_pg_run(s->pool, s->scope->tenant, &rows,
                       CC_STEPS(CC_STEP(ALL, CC_SCOPE(s->scope, args), cc_at(s->query->model),
                                        cc_ai(s->query->dimension))));

    if (rc == 0)
        scan(&rows, s, top);
    return rc;
}

int cc_chunk_nearest(struct cc_pg *pool, const struct cc_scope *scope,
                     const struct cc_query_vector *query, int max, struct cc_arena *mem,
                     struct cc_chunk_hit **ret, int *ret_n)
{
    struct cc_top top = {.max = max, .hit = cc_arena_array(mem, (size_t)max + 1, sizeof *top.hit)};
    struct cc_vector_store store;
    struct search search = {pool, scope, query, &store, mem};
    int rc = cc_vector_store(pool, &store);

    if (rc == 0)
        rc = cc_vector_cache_nearest(pool, scope, query, mem, &top);
    if (rc == CC_E_TOOBIG)
        rc = store.pgvector ? nearest_pgvector(&search, &top) : nearest_exact(&search, &top);
    if (rc)
        return rc;
    *ret = top.hit;
    *ret_n = top.n;
    return 0;
}

/* ---- what there is to search ---- */

const struct cc_stmt CC_CHUNKS_OFF = {
    "SELECT id FROM chunks WHERE tenant_id = $1 AND NOT enabled ORDER BY id"};

static const int64_t *read_ints(const struct cc_rows *rows, int step, struct cc_arena *mem,
                                int *ret_n)
{
    int64_t *all;

    *ret_n = cc_rows_n(rows, step);
    all = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof *all);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(rows, step, i, NULL);
        all[i] = cc_row_int(&row);
    }
    return all;
}

int cc_chunk_live(struct cc_pg *pool, const struct cc_scope *scope, struct cc_arena *mem,
                  struct cc_chunk_live *ret)
{
    static const struct cc_stmt LIVE = {"SELECT active" CC_SCOPE_DOCUMENTS " ORDER BY active"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_scope_args args = cc_scope_args(scope, mem);
    int rc = cc_pg_run(pool, scope->tenant, &rows,
                       CC_STEPS(CC_STEP(LIVE, CC_SCOPE(scope, args)),
                                CC_STEP(CC_CHUNKS_OFF, cc_at(scope->tenant))));

    if (rc)
        return rc;
    ret->generations = read_ints(&rows, 0, mem, &ret->generations_n);
    ret->off = read_ints(&rows, 1, mem, &ret->off_n);
    return 0;
}
