#include "proto/store/tenant_key.h"

#include <string.h>

#include "proto/store/operator_key.h"
#include "proto/store/pg_run.h"

#define COLUMNS   "id, public, sealed, operator_kid"
#define ONE_BYTES 4096 /* of a pair as it is stored */

static const struct cc_stmt LIST = {"SELECT " COLUMNS " FROM tenant_keys WHERE tenant_id = $1"
                                    " ORDER BY created_at, id"};

static int read_key(struct cc_row *row, struct cc_tenant_key *ret)
{
    const char *kid = cc_row_text(row);
    size_t half_len, len;
    const void *half = cc_row_bytes(row, &half_len), *sealed = cc_row_bytes(row, &len);
    int rc = cc_seal_public_of(half, half_len, &ret->public);

    if (rc)
        return rc;
    if (strcmp(kid, ret->public.kid) != 0)
        return cc_fail(CC_E_FORBIDDEN, "a tenant's key has another name than it should");
    ret->sealed = (struct cc_sealed){cc_arena_dupn(row->mem, sealed, len), len};
    ret->operator_kid = cc_row_text(row);
    return 0;
}

int cc_tenant_key_list(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                       struct cc_tenant_key **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(LIST, cc_at(tenant))));

    if (rc)
        return rc;
    int n = cc_rows_n(&rows, 0);
    struct cc_tenant_key *keys = cc_arena_array(mem, (size_t)n + 1, sizeof *keys);
    for (int i = 0; i < n && rc == 0; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        rc = read_key(&row, &keys[i]);
    }
    if (rc == 0)
        *ret = keys, *ret_n = n;
    return rc;
}

/* ---- a tenant's first secret ---- */

static int insert(struct cc_pg *pool, const char *tenant, const struct cc_tenant_key *key)
{
    static const struct cc_stmt ADD = {"INSERT INTO tenant_keys (tenant_id, " COLUMNS ")"
                                       " VALUES ($1, $2, $3, $4, $5)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(
        pool, tenant, &rows,
        CC_STEPS(CC_STEP(ADD, cc_at(tenant), cc_at(key->public.kid),
                         cc_abytes(key->public.half, CC_SEAL_HALF),
                         cc_abytes(key->sealed.bytes, key->sealed.len), cc_at(key->operator_kid))));
}

/* Two that do so at once make two pairs; the older one is used by both from then on. */
static int make(struct cc_pg *pool, const char *tenant, struct cc_arena *mem)
{
    struct cc_seal_public operator_key;
    struct cc_seal_secret pair;
    struct cc_tenant_key key;
    int rc = cc_operator_key_current(pool, &operator_key);

    if (rc == CC_E_NOTFOUND)
        return cc_fail(CC_E_DOWN, "secrets cannot be sealed yet: the operator has to run"
                                  " `cc-ctl seal init`");
    if (rc)
        return rc;
    cc_seal_pair(&pair);
    key = (struct cc_tenant_key){.public = pair.public, .operator_kid = operator_key.kid};
    rc = cc_seal_wrap(&operator_key, tenant, &pair, mem, &key.sealed);
    cc_seal_secret_done(&pair);
    return rc ? rc : insert(pool, tenant, &key);
}

int cc_tenant_key_need(struct cc_pg *pool, const char *tenant, struct cc_seal_public *ret)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new((size_t)64 * ONE_BYTES);
    struct cc_tenant_key *keys = NULL;
    int n = 0, rc = cc_tenant_key_list(pool, tenant, mem, &keys, &n);

    if (rc == 0 && n == 0)
        rc = make(pool, tenant, mem);
    if (rc == CC_E_NOTFOUND) /* the operator's key was dropped in between */
        rc = make(pool, tenant, mem);
    if (rc == 0 && n == 0)
        rc = cc_tenant_key_list(pool, tenant, mem, &keys, &n);
    if (rc)
        return rc;
    if (n == 0)
        return cc_fail(CC_E_NOTFOUND, "the tenant's key is gone");
    *ret = keys[0].public;
    return 0;
}

/* ---- rotation ---- */

int cc_tenant_key_rewrap(struct cc_pg *pool, const char *tenant, const struct cc_tenant_key *key,
                         const char *was_kid)
{
    static const struct cc_stmt REWRAP = {
        "UPDATE tenant_keys SET sealed = $3, operator_kid = $4"
        " WHERE tenant_id = $1 AND id = $2 AND operator_kid = $5"};

    return cc_pg_must(pool, tenant,
                      (struct cc_step)CC_STEP(REWRAP, cc_at(tenant), cc_at(key->public.kid),
                                              cc_abytes(key->sealed.bytes, key->sealed.len),
                                              cc_at(key->operator_kid), cc_at(was_kid)),
                      CC_E_FENCED, "the tenant's key was sealed anew meanwhile");
}

int cc_tenant_sweep(struct cc_pg *sweep, const char *after, int max, struct cc_arena *mem,
                    const char ***ret, int *ret_n)
{
    static const struct cc_stmt NEXT = {
        "SELECT tenant_id FROM tenants WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(sweep, NULL, &rows, CC_STEPS(CC_STEP(NEXT, cc_at(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        (*ret)[i] = cc_row_text(&row);
    }
    return 0;
}
