/* Passages on their way in: stored in batches under a generation, then shown all at once. */
#include <jansson.h>

#include "proto/base/json.h"
#include "proto/store/chunk_inside.h"

/* Vectors of a batch: 64 chunks of some twenty sentences, 4096 numbers each, fit. */
#define BATCH_BYTES ((size_t)64 * 1024 * 1024)

const struct cc_stmt CC_DROP_POSTINGS = {"DELETE FROM postings" CC_OF_DOCUMENT};
const struct cc_stmt CC_DROP_VECTORS = {"DELETE FROM chunk_vectors" CC_OF_DOCUMENT};
const struct cc_stmt CC_DROP_CHUNKS = {
    "DELETE FROM chunks WHERE tenant_id = $1 AND document_id = $2 AND generation <> $3"};
const struct cc_stmt CC_NOTE_GARBAGE = {CC_GARBAGE CC_ONCE};
const struct cc_stmt CC_NEW_KNOWLEDGE = {
    "UPDATE tenants SET knowledge = knowledge + 1 WHERE tenant_id = $1"};

const struct cc_stmt CC_FENCE = {"SELECT 1 FROM documents" CC_DOC_FENCE " FOR NO KEY UPDATE"};

/* $5: the batch as JSON, see batch_json(). */
static const struct cc_stmt PUT_CHUNKS = {
    "INSERT INTO chunks (tenant_id, document_id, generation, idx, text, section, page, row_number,"
    " tokens, words, sha256, text_sha256, enabled, edit_id)"
    " SELECT $1, $2, $4, x.i, x.text, x.section, x.page, x.row, x.tokens, x.words, x.sha256,"
    " x.text_sha256, x.enabled, nullif(x.edit, 0)"
    " FROM json_to_recordset($5::json) AS x(i bigint, text text, section text, page bigint,"
    " row bigint, tokens bigint, words bigint, sha256 text, text_sha256 text, enabled boolean,"
    " edit bigint) WHERE" CC_IF_HELD
    " ON CONFLICT (tenant_id, generation, idx) DO UPDATE SET text = excluded.text,"
    " section = excluded.section, page = excluded.page, row_number = excluded.row_number,"
    " tokens = excluded.tokens, words = excluded.words, sha256 = excluded.sha256,"
    " text_sha256 = excluded.text_sha256, enabled = excluded.enabled, edit_id = excluded.edit_id"};

/*
 * What an earlier, cut-off run of the same batch left has to go, and there seldom is any: to look
 * for it among all words of a long document costs more than to store the batch.  So the transaction
 * remembers whether passages of the batch were there before.
 */
#define AGAIN "current_setting('cc.again', true) = 'yes'"
#define THEIRS                                                                                     \
    " WHERE tenant_id = $1 AND generation = $4 AND chunk = ANY(ARRAY(SELECT id FROM chunks"        \
    " WHERE tenant_id = $1 AND generation = $4 AND idx = ANY($5::bigint[]))) AND " AGAIN           \
    " AND" CC_IF_HELD
static const struct cc_stmt
    MARK_AGAIN = {"SELECT set_config('cc.again', CASE WHEN EXISTS (SELECT FROM chunks"
                  " WHERE tenant_id = $1 AND generation = $4 AND idx = ANY($5::bigint[]))"
                  " THEN 'yes' ELSE '' END, true) WHERE" CC_IF_HELD},
    CLEAR_POSTINGS = {"DELETE FROM postings" THEIRS},
    CLEAR_VECTORS = {"DELETE FROM chunk_vectors" THEIRS};

static const struct cc_stmt PUT_POSTINGS = {
    "INSERT INTO postings (tenant_id, term, generation, chunk, tf, words)"
    " SELECT $1, t.key, $4, c.id, t.value::int, c.words"
    " FROM json_to_recordset($5::json) AS x(i bigint, terms json)"
    " JOIN chunks c ON c.tenant_id = $1 AND c.generation = $4 AND c.idx = x.i,"
    " json_each_text(x.terms) t WHERE" CC_IF_HELD};

/* $5: idx of each vector, $6: number among its chunk's parts, $7: the vectors. */
#define PUT_VECTORS(type)                                                                          \
    "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part, model, dimension, v)"          \
    " SELECT $1, $4, c.id, x.part, $8, $9, x.v"                                                    \
    " FROM unnest($5::bigint[], $6::bigint[], $7::" type "[]) AS x(i, part, v)"                    \
    " JOIN chunks c ON c.tenant_id = $1 AND c.generation = $4 AND c.idx = x.i"                     \
    " WHERE" CC_IF_HELD

static json_t *terms_json(const struct cc_chunk *chunk)
{
    json_t *terms = json_object();

    for (int i = 0; i < chunk->terms_n; i++)
        json_object_set_new(terms, chunk->terms[i].text, json_integer(chunk->terms[i].count));
    return terms;
}

static json_t *chunk_json(const struct cc_chunk *c)
{
    return json_pack("{sI ss ss sI sI sI sI ss ss sb sI so}", "i", (json_int_t)c->index, "text",
                     c->text, "section", c->section, "page", (json_int_t)c->page, "row",
                     (json_int_t)c->row, "tokens", (json_int_t)c->tokens, "words",
                     (json_int_t)c->words, "sha256", c->sha256, "text_sha256",
                     c->text_sha256 ? c->text_sha256 : "", "enabled", !c->disabled, "edit",
                     (json_int_t)c->edit, "terms", terms_json(c));
}

static int batch_json(const struct cc_chunk_batch *batch, struct cc_arena *mem, char **ret)
{
    CC_AUTO(json_decref)
    json_t *all = json_array();

    for (int i = 0; i < batch->n; i++)
        if (json_array_append_new(all, chunk_json(&batch->chunks[i])))
            return cc_fail(CC_E_INVALID, "chunk %d is no UTF-8", i);
    *ret = cc_json_dup(all, mem);
    return 0;
}

/* The batch's vectors, one after another, and which chunk and part each is of. */
struct flat {
    int64_t *idx, *part;
    struct cc_vector_array vectors;
    int n;
};

static void flatten(const struct cc_chunk_batch *batch, const struct cc_vector_store *store,
                    struct cc_arena *mem, struct flat *ret)
{
    int total = 0;

    for (int i = 0; i < batch->n; i++)
        total += batch->chunks[i].parts;
    ret->n = 0;
    ret->idx = cc_arena_array(mem, (size_t)total, sizeof *ret->idx);
    ret->part = cc_arena_array(mem, (size_t)total, sizeof *ret->part);
    cc_vector_array_begin(&ret->vectors, store, total, batch->dimension, mem);
    for (int i = 0; i < batch->n; i++)
        for (int p = 0; p < batch->chunks[i].parts; p++) {
            ret->idx[ret->n] = batch->chunks[i].index;
            ret->part[ret->n++] = p;
            cc_vector_array_add(&ret->vectors, store,
                                batch->chunks[i].vectors + (size_t)p * (size_t)batch->dimension);
        }
}

static char *indexes(const struct cc_chunk_batch *batch, struct cc_arena *mem)
{
    int64_t *idx = cc_arena_array(mem, (size_t)batch->n, sizeof *idx);

    for (int i = 0; i < batch->n; i++)
        idx[i] = batch->chunks[i].index;
    return cc_array_ints(mem, idx, batch->n);
}

static int put(struct cc_pg *pool, const struct cc_document_hold *hold,
               const struct cc_chunk_batch *batch, struct cc_arena *mem)
{
    static const struct cc_stmt VECTORS_PG = {PUT_VECTORS("vector")},
                                VECTORS_EXACT = {PUT_VECTORS("bytea")};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_vector_store store;
    struct flat flat;
    char *json = NULL, *idx = indexes(batch, mem);
    int rc = batch_json(batch, mem, &json);

    if (rc == 0)
        rc = cc_vector_store(pool, &store);
    if (rc)
        return rc;
    flatten(batch, &store, mem, &flat);
    const struct cc_arg vectors[] = {CC_HOLD(hold),
                                     cc_at(cc_array_ints(mem, flat.idx, flat.n)),
                                     cc_at(cc_array_ints(mem, flat.part, flat.n)),
                                     cc_abytes(flat.vectors.bytes, flat.vectors.len),
                                     cc_at(batch->model),
                                     cc_ai(batch->dimension)};
    rc = cc_pg_run(pool, hold->tenant, &rows,
                   CC_STEPS(CC_STEP(CC_FENCE, CC_HOLD(hold)),
                            CC_STEP(MARK_AGAIN, CC_HOLD(hold), cc_at(idx)),
                            CC_STEP(PUT_CHUNKS, CC_HOLD(hold), cc_at(json)),
                            CC_STEP(CLEAR_POSTINGS, CC_HOLD(hold), cc_at(idx)),
                            CC_STEP(PUT_POSTINGS, CC_HOLD(hold), cc_at(json)),
                            CC_STEP(CLEAR_VECTORS, CC_HOLD(hold), cc_at(idx)),
                            {store.pgvector ? &VECTORS_PG : &VECTORS_EXACT, vectors, 9}));
    if (rc == 0 && cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_FENCED, "the document is another attempt's, or deleted");
    return rc;
}

int cc_chunk_put(struct cc_pg *pool, const struct cc_document_hold *hold,
                 const struct cc_chunk_batch *batch)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(BATCH_BYTES);

    return put(pool, hold, batch, mem);
}

int cc_chunk_count(struct cc_pg *pool, const struct cc_document_hold *hold, int64_t *ret)
{
    static const struct cc_stmt COUNT = {"SELECT count(*) FROM chunks WHERE tenant_id = $1"
                                         " AND document_id = $2 AND generation = $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, hold->tenant, &rows,
        CC_STEPS(CC_STEP(COUNT, cc_at(hold->tenant), cc_at(hold->id), cc_ai(hold->generation))));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 0, 0, NULL);
    *ret = cc_row_int(&row);
    return 0;
}
