#include "proto/store/provider.h"

#include "proto/store/pg_run.h"

static const struct cc_stmt DEFAULTS = {"SELECT llm FROM tenants WHERE tenant_id = $1"},
                            LIST = {"SELECT name, base_url, model, sealed, tenant_kid, hint,"
                                    " (extract(epoch FROM updated_at) * 1000)::bigint"
                                    " FROM providers WHERE tenant_id = $1 ORDER BY name"};

struct cc_seal_place cc_provider_place(const char *tenant, const char *name)
{
    return (struct cc_seal_place){tenant, "providers", "sealed", name};
}

static void read_provider(struct cc_row *row, const char *tenant, struct cc_provider *ret)
{
    const void *bytes;
    size_t len;

    ret->tenant = tenant;
    ret->name = cc_row_text(row);
    ret->base_url = cc_row_text(row);
    ret->model = cc_row_text(row);
    bytes = cc_row_bytes(row, &len);
    ret->sealed = (struct cc_sealed){len ? cc_arena_dupn(row->mem, bytes, len) : NULL, len};
    ret->tenant_kid = cc_row_text(row);
    ret->hint = cc_row_text(row);
    ret->updated_ms = cc_row_int(row);
}

int cc_providers_get(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                     struct cc_providers *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(DEFAULTS, cc_at(tenant)), CC_STEP(LIST, cc_at(tenant))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such tenant");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->defaults = cc_row_text(&row);
    ret->n = cc_rows_n(&rows, 1);
    if (ret->n > CC_PROVIDERS_MAX)
        return cc_fail(CC_E_INTERNAL, "more providers than names");
    for (int i = 0; i < ret->n; i++) {
        row = cc_row(&rows, 1, i, mem);
        read_provider(&row, cc_arena_dup(mem, tenant), &ret->of[i]);
    }
    return 0;
}

static const struct cc_stmt SET_DEFAULTS = {
    "UPDATE tenants SET llm = coalesce($2, llm) WHERE tenant_id = $1"};
static const struct cc_stmt PUT = {
    "INSERT INTO providers AS p (tenant_id, name, base_url, model, sealed, tenant_kid, hint)"
    " VALUES ($1, $2, coalesce($3, ''), coalesce($4, ''), $6, $7, $8)"
    " ON CONFLICT (tenant_id, name) DO UPDATE SET"
    " base_url = coalesce($3, p.base_url), model = coalesce($4, p.model),"
    " sealed = CASE WHEN $5 THEN excluded.sealed"
    " WHEN $3 <> p.base_url THEN NULL ELSE p.sealed END,"
    " tenant_kid = CASE WHEN $5 THEN excluded.tenant_kid"
    " WHEN $3 <> p.base_url THEN '' ELSE p.tenant_kid END,"
    " hint = CASE WHEN $5 THEN excluded.hint"
    " WHEN $3 <> p.base_url THEN '' ELSE p.hint END, updated_at = now()"};

#define PUT_ARGS 8

static void fill_args(const char *tenant, const struct cc_provider_change *c, struct cc_arg *out)
{
    bool key = c->key_set && c->sealed.len > 0;
    const struct cc_arg args[PUT_ARGS] = {
        cc_at(tenant),
        cc_at(c->name),
        cc_at(c->base_url),
        cc_at(c->model),
        cc_ab(c->key_set),
        key ? cc_abytes(c->sealed.bytes, c->sealed.len) : cc_at(NULL),
        cc_at(key ? c->tenant_kid : ""),
        cc_at(key ? c->hint : ""),
    };

    for (int i = 0; i < PUT_ARGS; i++)
        out[i] = args[i];
}

int cc_providers_put(struct cc_pg *pool, const char *tenant, const char *defaults,
                     const struct cc_provider_change *changes, int n)
{
    const struct cc_arg first[] = {cc_at(tenant), cc_at(defaults)};
    struct cc_arg args[CC_PROVIDERS_MAX][PUT_ARGS];
    struct cc_step steps[CC_PROVIDERS_MAX + 1] = {{&SET_DEFAULTS, first, 2}};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    if (n > CC_PROVIDERS_MAX)
        return cc_fail(CC_E_INVALID, "providers: at most %d", CC_PROVIDERS_MAX);
    for (int i = 0; i < n; i++) {
        fill_args(tenant, &changes[i], args[i]);
        steps[i + 1] = (struct cc_step){&PUT, args[i], PUT_ARGS};
    }
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){steps, (size_t)n + 1});
    if (rc)
        return rc;
    return cc_rows_changed(&rows, 0) ? 0 : cc_fail(CC_E_NOTFOUND, "no such tenant");
}
