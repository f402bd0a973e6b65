/* Vectors of an embedding for passages that have others already, here or in an outer store. */
#include "proto/store/chunk_inside.h"
#include "proto/store/embedding.h"

#define BATCH_BYTES ((size_t)64 * 1024 * 1024)

/* ---- vectors for passages that are there ---- */

/* A batch as arrays: of its passages, and of all their parts. */
struct flat {
    char *chunks, *was, *sha256;
    char *of, *part; /* of each vector */
    struct cc_vector_array vectors;
};

static void flatten_keys(const struct cc_embedding_batch *batch, struct cc_arena *mem,
                         struct flat *ret)
{
    int64_t *chunk = cc_arena_array(mem, (size_t)batch->n, sizeof *chunk);
    const char **was = cc_arena_array(mem, (size_t)batch->n, sizeof *was);
    const char **sha256 = cc_arena_array(mem, (size_t)batch->n, sizeof *sha256);

    for (int i = 0; i < batch->n; i++) {
        chunk[i] = batch->add[i].chunk;
        was[i] = batch->add[i].was;
        sha256[i] = batch->add[i].sha256;
    }
    ret->chunks = cc_array_ints(mem, chunk, batch->n);
    ret->was = cc_array_texts(mem, was, batch->n);
    ret->sha256 = cc_array_texts(mem, sha256, batch->n);
}

static void flatten_vectors(const struct cc_embedding_batch *batch,
                            const struct cc_vector_store *store, struct cc_arena *mem,
                            struct flat *ret)
{
    int total = 0, at = 0;

    for (int i = 0; i < batch->n; i++)
        total += batch->add[i].parts;
    int64_t *of = cc_arena_array(mem, (size_t)total, sizeof *of);
    int64_t *part = cc_arena_array(mem, (size_t)total, sizeof *part);
    cc_vector_array_begin(&ret->vectors, store, total, batch->dimension, mem);
    for (int i = 0; i < batch->n; i++)
        for (int p = 0; p < batch->add[i].parts; p++) {
            of[at] = batch->add[i].chunk;
            part[at++] = p;
            cc_vector_array_add(&ret->vectors, store,
                                batch->add[i].vectors + (size_t)p * (size_t)batch->dimension);
        }
    ret->of = cc_array_ints(mem, of, total);
    ret->part = cc_array_ints(mem, part, total);
}

/* Locks the passages: what was edited since it was read keeps its own hash, and gets no vectors. */
static const struct cc_stmt
    REHASH = {"UPDATE chunks c SET sha256 = x.sha256"
              " FROM unnest($2::bigint[], $3::text[], $4::text[]) AS x(id, was, sha256)"
              " WHERE c.tenant_id = $1 AND c.id = x.id AND c.sha256 IN (x.was, x.sha256)"},
    CLEAR = {"DELETE FROM chunk_vectors v USING chunks c WHERE c.tenant_id = $1"
             " AND c.id = ANY($2::bigint[]) AND c.sha256 = ANY($3::text[]) AND v.tenant_id = $1"
             " AND v.generation = c.generation AND v.chunk = c.id AND v.model = $4"};
#define PUT(type)                                                                                  \
    "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part, model, dimension, v)"          \
    " SELECT $1, c.generation, c.id, x.part, $4, $5, x.v"                                          \
    " FROM unnest($6::bigint[], $7::bigint[], $8::" type "[]) AS x(id, part, v)"                   \
    " JOIN chunks c ON c.tenant_id = $1 AND c.id = x.id AND c.id = ANY($2::bigint[])"              \
    " AND c.sha256 = ANY($3::text[])"

#define IF_ASKED " AND EXISTS (SELECT FROM tenants WHERE tenant_id = $1 AND embedding = $3)"
static const struct cc_stmt
    REFRESH = {"UPDATE documents SET refreshed = refreshed + 1 WHERE tenant_id = $1 AND active IN"
               " (SELECT generation FROM chunks WHERE tenant_id = $1"
               " AND id = ANY($2::bigint[]))" IF_ASKED},
    KNOWN = {"UPDATE tenants SET knowledge = knowledge + 1 WHERE tenant_id = $1"
             " AND embedding = $3 AND cardinality($2::bigint[]) > 0"};

int cc_embedding_put(struct cc_pg *pool, const struct cc_embedding_batch *batch)
{
    static const struct cc_stmt PUT_PG = {PUT("vector")}, PUT_EXACT = {PUT("bytea")};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(BATCH_BYTES);
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_vector_store store;
    struct flat flat;
    int rc = cc_vector_store(pool, &store);

    if (rc)
        return rc;
    flatten_keys(batch, mem, &flat);
    flatten_vectors(batch, &store, mem, &flat);
    const struct cc_arg asked[] = {cc_at(batch->tenant), cc_at(flat.chunks), cc_at(batch->model)};
    const struct cc_arg put[] = {
        cc_at(batch->tenant),    cc_at(flat.chunks),
        cc_at(flat.sha256),      cc_at(batch->model),
        cc_ai(batch->dimension), cc_at(flat.of),
        cc_at(flat.part),        cc_abytes(flat.vectors.bytes, flat.vectors.len)};
    return cc_pg_run(pool, batch->tenant, &rows,
                     CC_STEPS({&REFRESH, asked, 3},
                              CC_STEP(REHASH, cc_at(batch->tenant), cc_at(flat.chunks),
                                      cc_at(flat.was), cc_at(flat.sha256)),
                              {&CLEAR, put, 4}, {store.pgvector ? &PUT_PG : &PUT_EXACT, put, 8},
                              {&KNOWN, asked, 3}));
}

/* A flip waits for us, or we see that it has been. */
static const struct cc_stmt STILL = {
    "SELECT 1 FROM tenants WHERE tenant_id = $1 AND embedding = $2 FOR SHARE"};

int cc_embedding_outside(struct cc_pg *pool, const struct cc_embedding_batch *batch)
{
    static const struct cc_stmt
        MARK =
            {"UPDATE chunks c SET outside = array_append(array_remove(c.outside, $4), $4)"
             " WHERE c.tenant_id = $1 AND c.id = ANY($2::bigint[]) AND c.sha256 = ANY($3::text[])"
             " AND (NOT $5 OR EXISTS (SELECT FROM tenants WHERE tenant_id = $1"
             " AND embedding = $4))"},
        FIRST = {"UPDATE tenants SET embedding = $2, outside = true WHERE tenant_id = $1"
                 " AND embedding = ''"},
        ORPHANS = {"INSERT INTO vector_garbage (tenant_id, generation)"
                   " SELECT DISTINCT $1, x.generation FROM unnest($2::bigint[]) AS x(generation)"
                   " WHERE NOT EXISTS (SELECT FROM documents d WHERE d.tenant_id = $1"
                   " AND x.generation IN (d.generation, d.active)) ON CONFLICT DO NOTHING"};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(BATCH_BYTES);
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int64_t *generation = cc_arena_array(mem, (size_t)batch->n, sizeof *generation);
    struct flat flat;

    for (int i = 0; i < batch->n; i++)
        generation[i] = batch->add[i].generation;
    flatten_keys(batch, mem, &flat);
    return cc_pg_run(
        pool, batch->tenant, &rows,
        CC_STEPS(CC_STEP(REHASH, cc_at(batch->tenant), cc_at(flat.chunks), cc_at(flat.was),
                         cc_at(flat.sha256)),
                 CC_STEP(MARK, cc_at(batch->tenant), cc_at(flat.chunks), cc_at(flat.sha256),
                         cc_at(batch->model), cc_ab(batch->while_asked)),
                 CC_STEP(FIRST, cc_at(batch->tenant), cc_at(batch->model)),
                 CC_STEP(ORPHANS, cc_at(batch->tenant),
                         cc_at(cc_array_ints(mem, generation, batch->n)))));
}

/* ---- while both are made ---- */

static char *indexes(const struct cc_chunk_batch *batch, struct cc_arena *mem)
{
    int64_t *idx = cc_arena_array(mem, (size_t)batch->n, sizeof *idx);

    for (int i = 0; i < batch->n; i++)
        idx[i] = batch->chunks[i].index;
    return cc_array_ints(mem, idx, batch->n);
}

int cc_embedding_ids(struct cc_pg *pool, const struct cc_document_hold *hold,
                     const struct cc_chunk_batch *batch, struct cc_arena *mem, int64_t **ret)
{
    static const struct cc_stmt IDS = {
        "SELECT c.id FROM unnest($5::bigint[]) WITH ORDINALITY AS x(idx, n) JOIN chunks c"
        " ON c.tenant_id = $1 AND c.generation = $4 AND c.idx = x.idx WHERE" CC_IF_HELD
        " ORDER BY x.n"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, hold->tenant, &rows,
                       CC_STEPS(CC_STEP(IDS, CC_HOLD(hold), cc_at(indexes(batch, mem)))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) != batch->n)
        return cc_fail(CC_E_FENCED, "the document is another attempt's, or deleted");
    *ret = cc_arena_array(mem, (size_t)batch->n, sizeof **ret);
    for (int i = 0; i < batch->n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, NULL);
        (*ret)[i] = cc_row_int(&row);
    }
    return 0;
}

#define PUT_MORE(type)                                                                             \
    "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part, model, dimension, v)"          \
    " SELECT $1, $4, x.id, x.part, $5, $6, x.v"                                                    \
    " FROM unnest($7::bigint[], $8::bigint[], $9::" type "[]) AS x(id, part, v)"                   \
    " WHERE" CC_IF_HELD " AND EXISTS (SELECT FROM tenants WHERE tenant_id = $1"                    \
    " AND embedding = $5) ON CONFLICT DO NOTHING"

static int put_more(struct cc_pg *pool, const struct cc_document_hold *hold,
                    const struct cc_embedding_batch *batch, struct cc_arena *mem)
{
    static const struct cc_stmt MORE_PG = {PUT_MORE("vector")}, MORE_EXACT = {PUT_MORE("bytea")};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_vector_store store;
    struct flat flat;
    int rc = cc_vector_store(pool, &store);

    if (rc)
        return rc;
    flatten_vectors(batch, &store, mem, &flat);
    const struct cc_arg put[] = {
        CC_HOLD(hold),  cc_at(batch->model), cc_ai(batch->dimension),
        cc_at(flat.of), cc_at(flat.part),    cc_abytes(flat.vectors.bytes, flat.vectors.len)};
    rc = cc_pg_run(pool, hold->tenant, &rows,
                   CC_STEPS(CC_STEP(CC_FENCE, CC_HOLD(hold)),
                            CC_STEP(STILL, cc_at(hold->tenant), cc_at(batch->model)),
                            {store.pgvector ? &MORE_PG : &MORE_EXACT, put, 9}));
    if (rc == 0 && cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_FENCED, "the document is another attempt's, or deleted");
    return rc;
}

int cc_embedding_put_more(struct cc_pg *pool, const struct cc_document_hold *hold,
                          const struct cc_chunk_batch *batch)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(BATCH_BYTES);
    struct cc_embedding_add *add = cc_arena_array(mem, (size_t)batch->n, sizeof *add);
    const struct cc_embedding_batch more = {.tenant = hold->tenant,
                                            .model = batch->model,
                                            .dimension = batch->dimension,
                                            .n = batch->n,
                                            .add = add};
    int64_t *id;
    int rc = cc_embedding_ids(pool, hold, batch, mem, &id);

    if (rc)
        return rc;
    for (int i = 0; i < batch->n; i++) {
        add[i].chunk = id[i];
        add[i].vectors = batch->chunks[i].vectors;
        add[i].parts = batch->chunks[i].parts;
    }
    return put_more(pool, hold, &more, mem);
}

int cc_embedding_places(struct cc_pg *pool, const struct cc_chunk_known *query,
                        struct cc_arena *mem, struct cc_embedding_place **ret, int *ret_n)
{
    static const struct cc_stmt PLACES = {
        "SELECT DISTINCT ON (sha256) sha256, id FROM chunks WHERE tenant_id = $1"
        " AND sha256 = ANY($2::text[]) AND $3 = ANY(outside) ORDER BY sha256, id DESC"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, query->tenant, &rows,
                       CC_STEPS(CC_STEP(PLACES, cc_at(query->tenant),
                                        cc_at(cc_array_texts(mem, query->sha256, query->n)),
                                        cc_at(query->model))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        (*ret)[i].sha256 = cc_row_text(&row);
        (*ret)[i].chunk = cc_row_int(&row);
    }
    return 0;
}
