/* API keys: only hash and hint are stored. */
#include "proto/seal/key.h"

#include "proto/store/pg_run.h"
#include "proto/store/tenant.h"

int cc_api_key_add(struct cc_pg *pool, const char *tenant, const char *bot, const char *key_id,
                   const char *key)
{
    static const struct cc_stmt ADD = {
        "INSERT INTO api_keys (tenant_id, id, bot_id, secret, sha256, hint)"
        " VALUES ($1, $2, nullif($3, ''), $4, $5, $6)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    char hash[CC_SHA256_HEX], hint[24];
    enum cc_key_kind kind;

    if (!cc_key_parse(key, &kind))
        return cc_fail(CC_E_INVALID, "that is no key");
    return cc_pg_run(pool, tenant, &rows,
                     CC_STEPS(CC_STEP(ADD, cc_at(tenant), cc_at(key_id), cc_at(bot),
                                      cc_ab(kind == CC_KEY_SECRET), cc_at(cc_key_hash(key, hash)),
                                      cc_at(cc_key_hint(key, hint)))));
}

/* The hash shows us the key's row; its tenant, set at once, shows the tenant's.  One round trip. */
int cc_api_key_find(struct cc_pg *pool, const char *sha256_hex, struct cc_arena *mem,
                    struct cc_caller *ret)
{
    static const struct cc_stmt
        PRESENT = {"SELECT set_config('app.key_hash', $1, true)"},
        FIND = {"SELECT set_config('app.tenant_id', tenant_id, true), id, bot_id, secret, scopes,"
                " rate FROM api_keys"
                " WHERE sha256 = $1 AND revoked_at IS NULL"
                " AND (expires_at IS NULL OR expires_at > now())"},
        TIER = {"SELECT tier, limits, ceiling FROM tenants"
                " WHERE tenant_id = current_setting('app.tenant_id', true) AND closed_at IS NULL"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS(CC_STEP(PRESENT, cc_at(sha256_hex)),
                                CC_STEP(FIND, cc_at(sha256_hex)), CC_PLAIN_STEP(TIER)));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 1) == 0 || cc_rows_n(&rows, 2) == 0)
        return cc_fail(CC_E_NOTFOUND, "unknown, revoked or expired key");
    struct cc_row row = cc_row(&rows, 1, 0, mem), tier = cc_row(&rows, 2, 0, mem);
    ret->tenant = cc_row_text(&row);
    ret->key = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->secret = cc_row_bool(&row);
    ret->scopes = cc_row_texts(&row, &ret->scopes_n);
    ret->rate = cc_row_int(&row);
    ret->tier = cc_row_text(&tier);
    ret->limits = cc_row_text(&tier);
    ret->ceiling = cc_row_text(&tier);
    return 0;
}

int cc_api_key_revoke(struct cc_pg *pool, const char *tenant, const char *key_id,
                      struct cc_arena *mem, const char **ret_hash)
{
    static const struct cc_stmt REVOKE = {
        "UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())"
        " WHERE tenant_id = $1 AND id = $2 RETURNING sha256"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(REVOKE, cc_at(tenant), cc_at(key_id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such key");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    *ret_hash = cc_row_text(&row);
    return 0;
}
