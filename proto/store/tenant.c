#include "proto/store/tenant.h"

#include "proto/store/turn_inside.h"

int cc_tenant_add(struct cc_pg *pool, const struct cc_tenant *tenant)
{
    static const struct cc_stmt ADD = {
        "INSERT INTO tenants (tenant_id, name, tier) VALUES ($1, $2, $3)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(
        pool, tenant->id, &rows,
        CC_STEPS(CC_STEP(ADD, cc_at(tenant->id), cc_at(tenant->name), cc_at(tenant->tier))));
}

int cc_tenant_get(struct cc_pg *pool, const char *id, struct cc_arena *mem, struct cc_tenant *ret)
{
    static const struct cc_stmt GET = {
        "SELECT tenant_id, name, tier, limits, ceiling,"
        " (extract(epoch FROM created_at) * 1000)::bigint, closed_at IS NOT NULL FROM tenants"
        " WHERE tenant_id = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, id, &rows, CC_STEPS(CC_STEP(GET, cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such tenant");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->id = cc_row_text(&row);
    ret->name = cc_row_text(&row);
    ret->tier = cc_row_text(&row);
    ret->limits = cc_row_text(&row);
    ret->ceiling = cc_row_text(&row);
    ret->created_ms = cc_row_int(&row);
    ret->closed = cc_row_bool(&row);
    return 0;
}

int cc_tenant_set(struct cc_pg *pool, const struct cc_tenant *t)
{
    static const struct cc_stmt SET = {
        "UPDATE tenants SET name = coalesce($2, name), tier = coalesce($3, tier),"
        " limits = coalesce($4, limits), ceiling = coalesce($5, ceiling) WHERE tenant_id = $1"};

    return cc_pg_must(pool, t->id,
                      (struct cc_step)CC_STEP(SET, cc_at(t->id), cc_at(t->name), cc_at(t->tier),
                                              cc_at(t->limits), cc_at(t->ceiling)),
                      CC_E_NOTFOUND, "no such tenant");
}

/* BETWEEN: for an equal sign PostgreSQL may expect a pin of the bot among the first it reads, and
 * then go through those of all others. */
const struct cc_stmt cc_tenant_state = {
    "SELECT knowledge, embedding, outside, EXISTS (SELECT FROM pins p WHERE p.tenant_id = $1"
    " AND p.bot_id BETWEEN $2 AND $2 AND p.enabled), limits, ceiling FROM tenants"
    " WHERE tenant_id = $1"};

void cc_tenant_state_row(struct cc_row *row, struct cc_tenant_state *ret)
{
    ret->knowledge = cc_row_int(row);
    ret->embedding = cc_row_text(row);
    ret->outside = cc_row_bool(row);
    ret->pins = cc_row_bool(row);
    ret->limits = cc_row_text(row);
    ret->ceiling = cc_row_text(row);
}

int cc_tenant_state_get(struct cc_pg *pool, const char *tenant, const char *bot,
                        struct cc_arena *mem, struct cc_tenant_state *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(cc_tenant_state, cc_at(tenant), cc_at(bot))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such tenant");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    cc_tenant_state_row(&row, ret);
    return 0;
}
