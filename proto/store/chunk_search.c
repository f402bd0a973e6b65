/* Finding passages: by words (BM25) and by vectors.  Both begin with the tenant. */
#include <stdlib.h>

#include "proto/base/vector.h"
#include "proto/store/chunk_inside.h"

/* The generations that a bot may see. */
#define LIVE                                                                                       \
    "live AS MATERIALIZED (SELECT active AS generation, active_chunks, active_words"               \
    " FROM documents WHERE tenant_id = $1 AND (bot_id IS NULL OR bot_id = $2)"                     \
    " AND active IS NOT NULL)"

struct top {
    struct cc_arena *mem;
    int max, n;
    struct cc_chunk_hit *hit; /* best first */
};

static int read_hits(const struct cc_rows *rows, int step, struct cc_arena *mem,
                     struct cc_chunk_hit **ret)
{
    int n = cc_rows_n(rows, step);

    *ret = cc_arena_array(mem, (size_t)n, sizeof **ret);
    for (int i = 0; i < n; i++) {
        struct cc_row row = cc_row(rows, step, i, NULL);
        (*ret)[i].chunk = cc_row_int(&row);
        (*ret)[i].score = cc_row_real(&row);
    }
    return n;
}

/* k1 = 1.2, b = 0.75; idf = ln(1 + (N - df + 0.5) / (df + 0.5)), over what the bot may see.
 * Each part is materialised: without statistics the planner would read all postings of a document
 * instead of the few of a word, and count the sums again for each of them. */
static const struct cc_stmt LEXICAL = {
    "WITH " LIVE ","
    " total AS MATERIALIZED (SELECT sum(active_chunks)::float8 AS n,"
    " sum(active_words)::float8 / nullif(sum(active_chunks), 0)::float8 AS average FROM live),"
    " found AS MATERIALIZED (SELECT term, generation, chunk, tf::float8, words::float8"
    " FROM postings WHERE tenant_id = $1 AND term = ANY($3::text[])),"
    " hit AS MATERIALIZED (SELECT term, chunk, tf, words FROM found"
    " WHERE generation IN (SELECT generation FROM live)),"
    " df AS MATERIALIZED (SELECT term, count(*)::float8 AS df FROM hit GROUP BY term)"
    " SELECT chunk, sum(ln(1 + (n - df + 0.5) / (df + 0.5))"
    " * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * words / nullif(average, 0))))"
    " AS score FROM hit JOIN df USING (term) CROSS JOIN total"
    " GROUP BY chunk ORDER BY score DESC, chunk LIMIT $4"};

int cc_chunk_lexical(struct cc_pg *pool, const struct cc_scope *scope, const char *const *terms,
                     int n, int max, struct cc_arena *mem, struct cc_chunk_hit **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, scope->tenant, &rows,
                       CC_STEPS(CC_STEP(LEXICAL, cc_at(scope->tenant), cc_at(scope->bot),
                                        cc_at(cc_array_texts(mem, terms, n)), cc_ai(max))));

    if (rc == 0)
        *ret_n = read_hits(&rows, 0, mem, ret);
    return rc;
}

#define CANDIDATES                                                                                 \
    " FROM live JOIN chunk_vectors v ON v.tenant_id = $1 AND v.generation = live.generation"       \
    " WHERE v.model = $3 AND v.dimension = $4"

/* All vectors have length 1, so the inner product (pgvector: its negative, <#>) is the cosine.
 * Materialised, so that no index on the numbers is ever asked before the tenant is. */
static const struct cc_stmt NEAREST = {
    "WITH " LIVE ", c AS MATERIALIZED (SELECT v.chunk, -(v.v <#> $5::vector) AS score" CANDIDATES
    ") SELECT chunk, max(score) AS score FROM c GROUP BY chunk"
    " ORDER BY score DESC, chunk LIMIT $6"};

static const struct cc_stmt ALL = {"WITH " LIVE " SELECT v.chunk, v.v" CANDIDATES
                                   " ORDER BY v.chunk"};

static int nearest_pgvector(struct cc_pg *pool, const struct cc_scope *scope,
                            const struct cc_query_vector *query,
                            const struct cc_vector_store *store, struct top *top)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    size_t len = cc_vector_bytes(store, query->dimension);
    char *bytes = cc_arena_get(top->mem, len);
    int rc;

    cc_vector_write(store, query->v, query->dimension, bytes);
    rc = cc_pg_run(
        pool, scope->tenant, &rows,
        CC_STEPS(CC_STEP(NEAREST, cc_at(scope->tenant), cc_at(scope->bot), cc_at(query->model),
                         cc_ai(query->dimension), cc_abytes(bytes, len), cc_ai(top->max))));
    if (rc == 0)
        top->n = read_hits(&rows, 0, top->mem, &top->hit);
    return rc;
}

static int better_first(const void *a, const void *b)
{
    const struct cc_chunk_hit *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->chunk > y->chunk) - (x->chunk < y->chunk);
}

/* Rows come ordered by chunk: the parts of one lie together, the best one counts. */
static void scan(const struct cc_rows *rows, const struct cc_vector_store *store,
                 const struct cc_query_vector *query, struct top *top)
{
    int n = cc_rows_n(rows, 0);
    float *unit = cc_arena_array(top->mem, (size_t)query->dimension, sizeof *unit);
    float *part = cc_arena_array(top->mem, (size_t)query->dimension, sizeof *part);

    top->hit = cc_arena_array(top->mem, (size_t)n, sizeof *top->hit);
    cc_vector_write(store, query->v, query->dimension, (char *)unit);
    for (int i = 0; i < n; i++) {
        struct cc_row row = cc_row(rows, 0, i, NULL);
        struct cc_chunk_hit hit = {.chunk = cc_row_int(&row)};
        size_t len;
        const void *bytes = cc_row_bytes(&row, &len);

        if (!cc_vector_read(store, bytes, len, query->dimension, part))
            continue;
        hit.score = (double)cc_vector_dot(unit, part, (size_t)query->dimension);
        if (top->n == 0 || top->hit[top->n - 1].chunk != hit.chunk)
            top->hit[top->n++] = hit;
        else if (hit.score > top->hit[top->n - 1].score)
            top->hit[top->n - 1].score = hit.score;
    }
    qsort(top->hit, (size_t)top->n, sizeof *top->hit, better_first);
    if (top->n > top->max)
        top->n = top->max;
}

static int nearest_exact(struct cc_pg *pool, const struct cc_scope *scope,
                         const struct cc_query_vector *query, const struct cc_vector_store *store,
                         struct top *top)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, scope->tenant, &rows,
                       CC_STEPS(CC_STEP(ALL, cc_at(scope->tenant), cc_at(scope->bot),
                                        cc_at(query->model), cc_ai(query->dimension))));

    if (rc == 0)
        scan(&rows, store, query, top);
    return rc;
}

int cc_chunk_nearest(struct cc_pg *pool, const struct cc_scope *scope,
                     const struct cc_query_vector *query, int max, struct cc_arena *mem,
                     struct cc_chunk_hit **ret, int *ret_n)
{
    struct top top = {.mem = mem, .max = max};
    struct cc_vector_store store;
    int rc = cc_vector_store(pool, &store);

    if (rc)
        return rc;
    rc = store.pgvector ? nearest_pgvector(pool, scope, query, &store, &top)
                        : nearest_exact(pool, scope, query, &store, &top);
    if (rc)
        return rc;
    *ret = top.hit;
    *ret_n = top.n;
    return 0;
}
