/* Passages on their way out: texts for the prompt, vectors to reuse, the version of it all. */
#include "proto/store/chunk_inside.h"

static void read_passage(struct cc_row row, struct cc_passage *ret)
{
    ret->chunk = cc_row_int(&row);
    ret->index = cc_row_int(&row);
    ret->page = cc_row_int(&row);
    ret->row = cc_row_int(&row);
    ret->tokens = cc_row_int(&row);
    ret->document = cc_row_text(&row);
    ret->title = cc_row_text(&row);
    ret->filename = cc_row_text(&row);
    ret->url = cc_row_text(&row);
    ret->section = cc_row_text(&row);
    ret->text = cc_row_text(&row);
}

/* Asked by id, still filtered by what the bot may see: an id proves nothing. */
int cc_chunk_load(struct cc_pg *pool, const struct cc_scope *scope, const int64_t *ids, int n,
                  struct cc_arena *mem, struct cc_passage **ret, int *ret_n)
{
    static const struct cc_stmt LOAD = {
        /* Without statistics the planner would read all passages, or all documents: OFFSET 0 keeps
         * it from that, as it does not look into such a subquery. */
        "SELECT c.id, c.idx, c.page, c.row_number, c.tokens, d.id, d.title, d.filename, d.url,"
        " c.section, c.text FROM unnest($3::bigint[]) WITH ORDINALITY AS x(id, place)"
        " CROSS JOIN LATERAL (SELECT id, idx, page, row_number, tokens, document_id, generation,"
        " section, text, enabled FROM chunks WHERE tenant_id = $1 AND id = x.id OFFSET 0) c"
        " CROSS JOIN LATERAL (SELECT id, title, filename, url, bot_id, active, enabled"
        " FROM documents WHERE tenant_id = $1 AND id = c.document_id OFFSET 0) d"
        " WHERE c.enabled AND d.enabled AND d.active = c.generation"
        " AND (d.bot_id IS NULL OR d.bot_id = $2) ORDER BY x.place"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, scope->tenant, &rows,
                       CC_STEPS(CC_STEP(LOAD, cc_at(scope->tenant), cc_at(scope->bot),
                                        cc_at(cc_array_ints(mem, ids, n)))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_passage(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

/* Rows come ordered by chunk and part; each row says how many parts its chunk has. */
static int read_vectors(const struct cc_rows *rows, const struct cc_vector_store *store,
                        int dimension, struct cc_arena *mem, struct cc_chunk_vectors *ret)
{
    int n = 0;

    for (int i = 0; i < cc_rows_n(rows, 0);) {
        struct cc_row row = cc_row(rows, 0, i, mem);
        ret[n].sha256 = cc_row_text(&row);
        ret[n].parts = (int)cc_row_int(&row);
        float *v = cc_arena_array(mem, (size_t)ret[n].parts * (size_t)dimension, sizeof *v);
        ret[n++].vectors = v;
        for (int p = 0; p < ret[n - 1].parts; p++, i++) {
            size_t len;
            struct cc_row part = cc_row(rows, 0, i, mem);
            part.col = 2;
            const void *bytes = cc_row_bytes(&part, &len);
            if (!cc_vector_read(store, bytes, len, dimension, v + (size_t)p * (size_t)dimension))
                return cc_fail(CC_E_REPLY, "a stored vector has another length");
        }
    }
    return n;
}

int cc_chunk_known(struct cc_pg *pool, const struct cc_chunk_known *q, struct cc_arena *mem,
                   struct cc_chunk_vectors **ret, int *ret_n)
{
    static const struct cc_stmt KNOWN = {
        "WITH c AS MATERIALIZED (SELECT DISTINCT ON (sha256) id, generation, sha256 FROM chunks"
        " WHERE tenant_id = $1 AND sha256 = ANY($2::text[]) ORDER BY sha256, id)"
        " SELECT c.sha256, count(*) OVER (PARTITION BY c.id), v.v FROM c"
        " JOIN chunk_vectors v ON v.tenant_id = $1 AND v.generation = c.generation"
        " AND v.chunk = c.id AND v.dimension = $3 AND v.model = $4 ORDER BY c.id, v.part"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_vector_store store;
    int found, rc = cc_vector_store(pool, &store);

    if (rc == 0)
        rc = cc_pg_run(
            pool, q->tenant, &rows,
            CC_STEPS(CC_STEP(KNOWN, cc_at(q->tenant), cc_at(cc_array_texts(mem, q->sha256, q->n)),
                             cc_ai(q->dimension), cc_at(q->model))));
    if (rc)
        return rc;
    *ret = cc_arena_array(mem, (size_t)q->n, sizeof **ret);
    found = read_vectors(&rows, &store, q->dimension, mem, *ret);
    if (found < 0)
        return found;
    *ret_n = found;
    return 0;
}

const struct cc_stmt cc_knowledge_now = {"SELECT knowledge FROM tenants WHERE tenant_id = $1"};

int cc_knowledge_version(struct cc_pg *pool, const char *tenant, int64_t *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(cc_knowledge_now, cc_at(tenant))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such tenant");
    struct cc_row row = cc_row(&rows, 0, 0, NULL);
    *ret = cc_row_int(&row);
    return 0;
}
