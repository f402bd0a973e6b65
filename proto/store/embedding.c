#include "proto/store/embedding.h"

#include "proto/store/chunk_inside.h"

#define GENERATIONS "50" /* cleared at once */

int cc_embedding_asked(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                       struct cc_embedding_goal *ret)
{
    static const struct cc_stmt GET = {
        "SELECT embedding, outside FROM tenants WHERE tenant_id = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(GET, cc_at(tenant))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such tenant");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->model = cc_row_text(&row);
    ret->outside = cc_row_bool(&row);
    return 0;
}

int cc_embedding_of(struct cc_pg *pool, const char *tenant, struct cc_arena *mem, const char **ret)
{
    struct cc_embedding_goal asked;
    int rc = cc_embedding_asked(pool, tenant, mem, &asked);

    if (!rc)
        *ret = asked.model;
    return rc;
}

/* ---- who ---- */

int cc_embedding_sweep(struct cc_pg *sweep, const struct cc_embedding_goal *goal, int max,
                       struct cc_arena *mem, const char *const **ret_tenants, int *ret_n)
{
    static const struct cc_stmt OTHERS = {
        "SELECT tenant_id FROM tenants WHERE embedding <> '' AND reindex_until < now()"
        " AND (embedding <> $1 OR outside <> $2 OR reindex_until > '-infinity')"
        " ORDER BY reindex_until, tenant_id LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(sweep, NULL, &rows,
                  CC_STEPS(CC_STEP(OTHERS, cc_at(goal->model), cc_ab(goal->outside), cc_ai(max))));

    if (rc)
        return rc;
    int n = cc_rows_n(&rows, 0);
    const char **tenant = cc_arena_array(mem, (size_t)n, sizeof *tenant);
    for (int i = 0; i < n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        tenant[i] = cc_row_text(&row);
    }
    *ret_tenants = tenant;
    *ret_n = n;
    return 0;
}

int cc_embedding_take(struct cc_pg *pool, const struct cc_embedding_lease *lease, bool *ret)
{
    static const struct cc_stmt TAKE = {
        "UPDATE tenants SET reindex_owner = $2, reindex_until = now() + $3 * interval '1 ms'"
        " WHERE tenant_id = $1 AND (reindex_owner = $2 OR reindex_until < now())"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, lease->tenant, &rows,
        CC_STEPS(CC_STEP(TAKE, cc_at(lease->tenant), cc_at(lease->owner), cc_ai(lease->lease_ms))));

    if (rc == 0)
        *ret = cc_rows_changed(&rows, 0) > 0;
    return rc;
}

/* ---- what ---- */

/* $1 tenant, $2 model, $3 outside; c: a chunk */
#define LACKS                                                                                      \
    " AND CASE WHEN $3 THEN NOT $2 = ANY(c.outside) ELSE NOT EXISTS (SELECT FROM chunk_vectors v"  \
    " WHERE v.tenant_id = $1 AND v.generation = c.generation AND v.chunk = c.id AND v.model = $2)" \
    " END"
#define ACTIVE                                                                                     \
    " FROM documents d JOIN chunks c ON c.tenant_id = $1 AND c.generation = d.active"              \
    " WHERE d.tenant_id = $1"

int cc_embedding_lacking(struct cc_pg *pool, const char *tenant,
                         const struct cc_embedding_goal *goal, int64_t after, int max,
                         struct cc_arena *mem, struct cc_embedding_lack **ret, int *ret_n)
{
    static const struct cc_stmt LACKING = {
        "SELECT c.id, c.idx, c.generation, c.document_id, c.section, c.text, c.sha256" ACTIVE
        " AND c.id > $4" LACKS " ORDER BY c.id LIMIT $5"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(LACKING, cc_at(tenant), cc_at(goal->model),
                                        cc_ab(goal->outside), cc_ai(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        struct cc_embedding_lack *lack = &(*ret)[i];

        lack->chunk = cc_row_int(&row);
        lack->index = cc_row_int(&row);
        lack->generation = cc_row_int(&row);
        lack->document = cc_row_text(&row);
        lack->section = cc_row_text(&row);
        lack->text = cc_row_text(&row);
        lack->sha256 = cc_row_text(&row);
    }
    return 0;
}

/* ---- the moment when questions change over ---- */

/* A publish changes the tenant's row, too: it is through, and seen, or waits until we are. */
static const struct cc_stmt LOCK = {"SELECT 1 FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE"};

int cc_embedding_flip(struct cc_pg *pool, const struct cc_embedding_lease *lease,
                      const struct cc_embedding_goal *goal, bool *ret)
{
    static const struct cc_stmt FLIP = {
        "UPDATE tenants SET reindex_owner = '', embedding = $2, outside = $3, knowledge = knowledge"
        " + CASE WHEN embedding = $2 AND outside = $3 THEN 0 ELSE 1 END,"
        " reindex_until = CASE WHEN embedding = $2 AND outside = $3 AND NOT EXISTS (SELECT"
        " FROM vector_garbage WHERE tenant_id = $1 AND model <> '') THEN '-infinity'"
        " ELSE now() + $5 * interval '1 ms' END WHERE tenant_id = $1 AND reindex_owner = $4"
        " AND NOT EXISTS (SELECT" ACTIVE LACKS ")"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, lease->tenant, &rows,
        CC_STEPS(CC_STEP(LOCK, cc_at(lease->tenant)),
                 CC_STEP(FLIP, cc_at(lease->tenant), cc_at(goal->model), cc_ab(goal->outside),
                         cc_at(lease->owner), cc_ai(lease->lease_ms))));

    if (rc == 0)
        *ret = cc_rows_changed(&rows, 1) > 0;
    return rc;
}

/* $1 tenant, $2 model, $3 outside, $4 the generation before */
#define SOME                                                                                       \
    "(SELECT g FROM (SELECT generation AS g FROM documents WHERE tenant_id = $1 UNION"             \
    " SELECT active FROM documents WHERE tenant_id = $1) x WHERE g > $4 ORDER BY g"                \
    " LIMIT " GENERATIONS ")"
#define FLIPPED                                                                                    \
    " EXISTS (SELECT FROM tenants WHERE tenant_id = $1 AND embedding = $2 AND outside = $3)"
#define KEPT "CASE WHEN $3 AND $2 = ANY(c.outside) THEN ARRAY[$2] ELSE '{}' END"

int cc_embedding_clear(struct cc_pg *pool, const char *tenant, const struct cc_embedding_goal *goal,
                       int64_t after, int64_t *ret_next)
{
    static const struct cc_stmt
        VECTORS = {"DELETE FROM chunk_vectors WHERE tenant_id = $1 AND generation IN " SOME
                   " AND (model <> $2 OR $3) AND" FLIPPED},
        NOTE = {"INSERT INTO vector_garbage (tenant_id, generation, model)"
                " SELECT DISTINCT $1, c.generation, o.model FROM chunks c, unnest(c.outside)"
                " AS o(model) WHERE c.tenant_id = $1 AND c.generation IN " SOME
                " AND (o.model <> $2 OR NOT $3) AND" FLIPPED " ON CONFLICT DO NOTHING"},
        TRIM = {"UPDATE chunks c SET outside = " KEPT " WHERE c.tenant_id = $1"
                " AND c.generation IN " SOME " AND c.outside <> " KEPT " AND" FLIPPED},
        NEXT = {"SELECT count(*), max(g) FROM " SOME
                " x WHERE $2::text <> '' AND $3::boolean IS NOT NULL"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg all[] = {cc_at(tenant), cc_at(goal->model), cc_ab(goal->outside),
                                 cc_ai(after)};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS({&LOCK, all, 1}, {&VECTORS, all, 4}, {&NOTE, all, 4},
                                {&TRIM, all, 4}, {&NEXT, all, 4}));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 4, 0, NULL);
    int64_t n = cc_row_int(&row), last = cc_row_int(&row);
    *ret_next = n > 0 ? last : 0;
    return 0;
}

int cc_embedding_garbage(struct cc_pg *pool, const char *tenant, int max, struct cc_arena *mem,
                         struct cc_garbage **ret, int *ret_n)
{
    static const struct cc_stmt NOTES = {CC_GARBAGE_LIST
                                         " WHERE tenant_id = $1 AND model <> '' LIMIT $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(NOTES, cc_at(tenant), cc_ai(max))));

    if (rc == 0)
        *ret_n = cc_garbage_rows(&rows, mem, ret);
    return rc;
}
