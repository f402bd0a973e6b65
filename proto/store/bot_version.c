/* What a bot was, each time it was published. */
#include "proto/store/bot.h"
#include "proto/store/pg_run.h"

static void read_version(struct cc_row row, struct cc_bot_version *ret)
{
    ret->version = cc_row_int(&row);
    ret->at_ms = cc_row_int(&row);
    ret->note = cc_row_text(&row);
    ret->actor = cc_row_text(&row);
    ret->config = cc_row_text(&row);
}

#define VERSION(config)                                                                            \
    "SELECT version, (extract(epoch FROM at) * 1000)::bigint, note, actor, " config                \
    " FROM bot_versions WHERE tenant_id = $1 AND bot_id = $2"

int cc_bot_version_list(struct cc_pg *pool, const struct cc_bot *bot, int64_t before, int max,
                        struct cc_arena *mem, struct cc_bot_version **ret, int *ret_n)
{
    static const struct cc_stmt PAGE = {
        VERSION("''") " AND version < $3 ORDER BY version DESC LIMIT $4"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, bot->tenant, &rows,
                       CC_STEPS(CC_STEP(PAGE, cc_at(bot->tenant), cc_at(bot->id),
                                        cc_ai(before > 0 ? before : INT64_MAX), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_version(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

int cc_bot_version_get(struct cc_pg *pool, const struct cc_bot *bot, int64_t version,
                       struct cc_arena *mem, struct cc_bot_version *ret)
{
    static const struct cc_stmt ONE = {VERSION("config") " AND version = $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, bot->tenant, &rows,
                       CC_STEPS(CC_STEP(ONE, cc_at(bot->tenant), cc_at(bot->id), cc_ai(version))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such version");
    read_version(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}
