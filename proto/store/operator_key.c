#include "proto/store/operator_key.h"

#include <string.h>

#include "proto/store/pg_run.h"

static int read_key(struct cc_row *row, struct cc_seal_public *ret)
{
    const char *kid = cc_row_text(row);
    size_t len;
    const void *half = cc_row_bytes(row, &len);
    int rc = cc_seal_public_of(half, len, ret);

    if (rc)
        return rc;
    return strcmp(kid, ret->kid) == 0
               ? 0
               : cc_fail(CC_E_FORBIDDEN, "an operator's key has another name than it should");
}

int cc_operator_key_current(struct cc_pg *pool, struct cc_seal_public *ret)
{
    static const struct cc_stmt CURRENT = {"SELECT kid, public FROM operator_keys WHERE current"};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(4096);
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_PLAIN_STEP(CURRENT)));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "there is no operator's key: cc-ctl seal init");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    return read_key(&row, ret);
}

int cc_operator_key_list(struct cc_pg *pool, struct cc_arena *mem, struct cc_operator_key **ret,
                         int *ret_n)
{
    static const struct cc_stmt LIST = {
        "SELECT kid, public, current,"
        " to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        " FROM operator_keys ORDER BY current DESC, created_at DESC, kid LIMIT 1000"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_PLAIN_STEP(LIST)));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n && rc == 0; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        rc = read_key(&row, &(*ret)[i].public);
        (*ret)[i].current = cc_row_bool(&row);
        (*ret)[i].created_at = cc_row_text(&row);
    }
    return rc;
}

int cc_operator_key_set(struct cc_pg *owner, const struct cc_seal_public *key)
{
    static const struct cc_stmt OTHERS = {"UPDATE operator_keys SET current = false"
                                          " WHERE current AND kid <> $1"},
                                PUT = {"INSERT INTO operator_keys (kid, public, current)"
                                       " VALUES ($1, $2, true)"
                                       " ON CONFLICT (kid) DO UPDATE SET current = true"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(owner, NULL, &rows,
                     CC_STEPS(CC_STEP(OTHERS, cc_at(key->kid)),
                              CC_STEP(PUT, cc_at(key->kid), cc_abytes(key->half, CC_SEAL_HALF))));
}

/* That no tenant's key is sealed to it any more is what the foreign key says. */
int cc_operator_key_drop(struct cc_pg *owner, const char *kid)
{
    static const struct cc_stmt FIND = {"SELECT current FROM operator_keys WHERE kid = $1"},
                                DROP = {"DELETE FROM operator_keys"
                                        " WHERE kid = $1 AND NOT current"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(owner, NULL, &rows,
                       CC_STEPS(CC_STEP(FIND, cc_at(kid)), CC_STEP(DROP, cc_at(kid))));

    if (rc == CC_E_NOTFOUND)
        return cc_fail(CC_E_CONFLICT, "keys of tenants are still sealed to %.16s", kid);
    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "there is no operator's key %.16s", kid);
    return cc_rows_changed(&rows, 1) == 1
               ? 0
               : cc_fail(CC_E_CONFLICT, "%.16s is the current key: rotate first", kid);
}
