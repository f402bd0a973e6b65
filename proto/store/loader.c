#include "proto/store/loader.h"

#include "proto/store/pg_run.h"

int cc_loader_put(struct cc_pg *pool, const struct cc_loader *loader)
{
    static const struct cc_stmt PUT = {"INSERT INTO loaders (version, bytes) VALUES ($1, $2)"
                                       " ON CONFLICT DO NOTHING"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(
        pool, NULL, &rows,
        CC_STEPS(CC_STEP(PUT, cc_at(loader->version), cc_abytes(loader->bytes, loader->len))));
}

int cc_loader_get(struct cc_pg *pool, const char *version, struct cc_arena *mem,
                  struct cc_loader *ret)
{
    static const struct cc_stmt GET = {"SELECT version, bytes FROM loaders WHERE version = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const void *bytes;
    int rc = cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_STEP(GET, cc_at(version))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such version");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->version = cc_row_text(&row);
    bytes = cc_row_bytes(&row, &ret->len);
    ret->bytes = cc_arena_dupn(mem, bytes, ret->len);
    return 0;
}

int cc_loader_versions(struct cc_pg *pool, struct cc_arena *mem, const char *const **ret,
                       int *ret_n)
{
    static const struct cc_stmt ALL = {
        "SELECT version FROM loaders ORDER BY seen_at DESC LIMIT $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const char **list;
    int rc = cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_STEP(ALL, cc_ai(CC_LOADERS_MAX))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    list = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof *list);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        list[i] = cc_row_text(&row);
    }
    *ret = list;
    return 0;
}
