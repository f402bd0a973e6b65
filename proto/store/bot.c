/* Bots: what a page embeds. */
#include "proto/store/pg_run.h"
#include "proto/store/turn_inside.h"

#define COLUMNS                                                                                    \
    "id, tenant_id, name, system, provider, model, temperature, max_tokens, top_k, threshold, "    \
    "origins, server_use, widget, refusal, retrieval, chunking, limits, identity, "                \
    "identity_version, version"

/* In the order of COLUMNS. */
#define BOT_ARGS(bot)                                                                              \
    cc_at((bot)->id), cc_at((bot)->tenant), cc_at((bot)->name), cc_at((bot)->system),              \
        cc_at((bot)->provider), cc_at((bot)->model), cc_ad((bot)->temperature),                    \
        cc_ai((bot)->max_tokens), cc_ai((bot)->top_k), cc_ad((bot)->threshold),                    \
        cc_at((bot)->origins), cc_ab((bot)->server_use), cc_at((bot)->widget),                     \
        cc_at((bot)->refusal), cc_at((bot)->retrieval), cc_at((bot)->chunking),                    \
        cc_at((bot)->limits), cc_at((bot)->identity), cc_ai((bot)->identity_version),              \
        cc_ai((bot)->version)

int cc_bot_add(struct cc_pg *pool, const struct cc_bot *bot)
{
    static const struct cc_stmt ADD = {
        "INSERT INTO bots (" COLUMNS ")"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " coalesce($15, '{}'), coalesce($16, '{}'), coalesce($17, '{}'),"
        " coalesce($18, 'optional'), greatest($19, 1), $20)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, bot->tenant, &rows, CC_STEPS(CC_STEP(ADD, BOT_ARGS(bot))));
}

int cc_bot_set(struct cc_pg *pool, const struct cc_bot *bot)
{
    static const struct cc_stmt SET = {
        "UPDATE bots SET (" COLUMNS ") ="
        " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " coalesce($15, '{}'), coalesce($16, '{}'), coalesce($17, '{}'),"
        " coalesce($18, 'optional'), greatest($19, 1), $20)"
        " WHERE tenant_id = $2 AND id = $1"};

    return cc_pg_must(pool, bot->tenant, (struct cc_step)CC_STEP(SET, BOT_ARGS(bot)), CC_E_NOTFOUND,
                      "no such bot");
}

int cc_bot_set_part(struct cc_pg *pool, const char *tenant, const char *id, enum cc_bot_part part,
                    const char *json)
{
    static const struct cc_stmt SET[] = {
        [CC_BOT_RETRIEVAL] = {"UPDATE bots SET retrieval = $3 WHERE tenant_id = $1 AND id = $2"},
        [CC_BOT_CHUNKING] = {"UPDATE bots SET chunking = $3 WHERE tenant_id = $1 AND id = $2"}};

    return cc_pg_must(pool, tenant,
                      (struct cc_step)CC_STEP(SET[part], cc_at(tenant), cc_at(id), cc_at(json)),
                      CC_E_NOTFOUND, "no such bot");
}

void cc_bot_row(struct cc_row *row, struct cc_bot *ret)
{
    ret->id = cc_row_text(row);
    ret->tenant = cc_row_text(row);
    ret->name = cc_row_text(row);
    ret->system = cc_row_text(row);
    ret->provider = cc_row_text(row);
    ret->model = cc_row_text(row);
    ret->temperature = cc_row_real(row);
    ret->max_tokens = cc_row_int(row);
    ret->top_k = cc_row_int(row);
    ret->threshold = cc_row_real(row);
    ret->origins = cc_row_text(row);
    ret->server_use = cc_row_bool(row);
    ret->widget = cc_row_text(row);
    ret->refusal = cc_row_text(row);
    ret->retrieval = cc_row_text(row);
    ret->chunking = cc_row_text(row);
    ret->limits = cc_row_text(row);
    ret->identity = cc_row_text(row);
    ret->identity_version = cc_row_int(row);
    ret->version = cc_row_int(row);
}

static int get(struct cc_pg *pool, const char *tenant, struct cc_step step, struct cc_arena *mem,
               struct cc_bot *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){&step, 1});

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such bot");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    cc_bot_row(&row, ret);
    return 0;
}

const struct cc_stmt cc_bot_by_id = {"SELECT " COLUMNS " FROM bots WHERE tenant_id = $1 AND id = $2"
                                     " AND deleted_at IS NULL"};

int cc_bot_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
               struct cc_bot *ret)
{
    return get(pool, tenant, (struct cc_step)CC_STEP(cc_bot_by_id, cc_at(tenant), cc_at(id)), mem,
               ret);
}

int cc_bot_default(struct cc_pg *pool, const char *tenant, struct cc_arena *mem, struct cc_bot *ret)
{
    static const struct cc_stmt OLDEST = {"SELECT " COLUMNS " FROM bots WHERE tenant_id = $1"
                                          " AND deleted_at IS NULL ORDER BY seq LIMIT 1"};

    return get(pool, tenant, (struct cc_step)CC_STEP(OLDEST, cc_at(tenant)), mem, ret);
}
