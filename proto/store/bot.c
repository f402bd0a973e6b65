/* Bots: what a page embeds. */
#include "proto/store/bot.h"

#include "proto/store/pg_run.h"
#include "proto/store/turn_inside.h"

const struct cc_bot cc_bot_fresh = {
    .name = "",
    .system = "",
    .provider = "",
    .model = "",
    .temperature = -1,
    .max_tokens = 1024,
    .top_k = 6,
    .origins = "[]",
    .widget = "{}",
    .refusal = "",
    .retrieval = "{}",
    .chunking = "{}",
    .limits = "{}",
    .identity = "optional",
};

/* What is set, in the order of SETTINGS(). */
#define COLUMNS                                                                                    \
    "name, system, provider, model, temperature, max_tokens, top_k, threshold, origins,"           \
    " server_use, widget, refusal, retrieval, chunking, limits, identity"
#define VALUES                                                                                     \
    "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, coalesce($15, '{}'),"                    \
    " coalesce($16, '{}'), coalesce($17, '{}'), coalesce($18, 'optional')"
#define SETTINGS(bot)                                                                              \
    cc_at((bot)->tenant), cc_at((bot)->id), cc_at((bot)->name), cc_at((bot)->system),              \
        cc_at((bot)->provider), cc_at((bot)->model), cc_ad((bot)->temperature),                    \
        cc_ai((bot)->max_tokens), cc_ai((bot)->top_k), cc_ad((bot)->threshold),                    \
        cc_at((bot)->origins), cc_ab((bot)->server_use), cc_at((bot)->widget),                     \
        cc_at((bot)->refusal), cc_at((bot)->retrieval), cc_at((bot)->chunking),                    \
        cc_at((bot)->limits), cc_at((bot)->identity)
#define ALIVE " AND deleted_at IS NULL"
#define READ  "id, tenant_id, " COLUMNS ", identity_version, version"

int cc_bot_add(struct cc_pg *pool, const struct cc_bot *bot)
{
    static const struct cc_stmt ADD = {"INSERT INTO bots (tenant_id, id, " COLUMNS ")"
                                       " VALUES ($1, $2, " VALUES ")"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, bot->tenant, &rows, CC_STEPS(CC_STEP(ADD, SETTINGS(bot))));
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

const struct cc_stmt cc_bot_by_id = {"SELECT " READ
                                     " FROM bots WHERE tenant_id = $1 AND id = $2" ALIVE};

int cc_bot_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
               struct cc_bot *ret)
{
    return get(pool, tenant, (struct cc_step)CC_STEP(cc_bot_by_id, cc_at(tenant), cc_at(id)), mem,
               ret);
}

int cc_bot_default(struct cc_pg *pool, const char *tenant, struct cc_arena *mem, struct cc_bot *ret)
{
    static const struct cc_stmt OLDEST = {
        "SELECT " READ " FROM bots WHERE tenant_id = $1"
        " AND deleted_at IS NULL AND seq > 0 ORDER BY seq LIMIT 1"};

    return get(pool, tenant, (struct cc_step)CC_STEP(OLDEST, cc_at(tenant)), mem, ret);
}

/* ---- as its owner sees it ---- */

#define FIRST_SEQ                                                                                  \
    " (SELECT seq FROM bots WHERE tenant_id = $1 AND deleted_at IS NULL AND seq > 0 ORDER BY seq " \
    "LIMIT 1)"
#define ENTRY                                                                                      \
    "SELECT " READ ", draft, seq =" FIRST_SEQ ", (extract(epoch FROM created_at) * 1000)::bigint," \
    " (extract(epoch FROM updated_at) * 1000)::bigint FROM bots WHERE tenant_id = $1"

static void read_entry(struct cc_row row, struct cc_bot_entry *ret)
{
    cc_bot_row(&row, &ret->bot);
    ret->draft = cc_row_text(&row);
    ret->oldest = cc_row_bool(&row);
    ret->created_ms = cc_row_int(&row);
    ret->updated_ms = cc_row_int(&row);
}

int cc_bot_read(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                struct cc_bot_entry *ret)
{
    static const struct cc_stmt ONE = {ENTRY " AND id = $2" ALIVE},
                                OLDEST = {ENTRY ALIVE " AND seq > 0 AND seq =" FIRST_SEQ};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(tenant), cc_at(id)};
    const struct cc_step one = {&ONE, args, 2}, oldest = {&OLDEST, args, 1};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){*id ? &one : &oldest, 1});

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such bot");
    read_entry(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

int cc_bot_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                struct cc_arena *mem, struct cc_bot_entry **ret, int *ret_n)
{
    static const struct cc_stmt PAGE = {ENTRY ALIVE " AND id < $2 ORDER BY id DESC LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(PAGE, cc_at(tenant), cc_abehind(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_entry(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

/* ---- changing ---- */

#define ONE_BOT " WHERE tenant_id = $1 AND id = $2" ALIVE

/* The change at step `change`; the row is looked at behind it. */
static int verdict(const struct cc_rows *rows, int change, const char *conflict)
{
    if (cc_rows_n(rows, change + 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such bot");
    if (cc_rows_changed(rows, change) == 0)
        return cc_fail(CC_E_CONFLICT, "%s", conflict);
    return 0;
}

static const struct cc_stmt LOOK = {"SELECT version FROM bots" ONE_BOT};

int cc_bot_publish(struct cc_pg *pool, const struct cc_bot *bot,
                   const struct cc_bot_publication *how)
{
    static const struct cc_stmt
        NOTE = {"SELECT set_config('app.note', $1, true)"},
        SET = {
            "UPDATE bots SET (" COLUMNS ") = (" VALUES "), version = version + 1,"
            " draft = CASE WHEN $20::text IS NULL THEN draft END, updated_at = now()" ONE_BOT
            " AND ($19::bigint = 0 OR version = $19) AND ($20::text IS NULL OR draft = $20::text)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, bot->tenant, &rows,
                       CC_STEPS(CC_STEP(NOTE, cc_at(how->note ? how->note : "")),
                                CC_STEP(SET, SETTINGS(bot), cc_ai(bot->version), cc_at(how->draft)),
                                CC_STEP(LOOK, cc_at(bot->tenant), cc_at(bot->id))));

    return rc ? rc : verdict(&rows, 1, "another version has been published since");
}

int cc_bot_set(struct cc_pg *pool, const struct cc_bot *bot)
{
    return cc_bot_publish(pool, bot, &(struct cc_bot_publication){0});
}

int cc_bot_draft_put(struct cc_pg *pool, const struct cc_bot_draft *d)
{
    static const struct cc_stmt PUT = {
        "UPDATE bots SET draft = nullif($4, ''), updated_at = now()" ONE_BOT
        " AND coalesce(draft, '') = $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, d->tenant, &rows,
        CC_STEPS(CC_STEP(PUT, cc_at(d->tenant), cc_at(d->bot), cc_at(d->was), cc_at(d->now)),
                 CC_STEP(LOOK, cc_at(d->tenant), cc_at(d->bot))));

    return rc ? rc : verdict(&rows, 0, "the draft has been changed since");
}

int cc_bot_delete(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                  const char *const **ret_hashes, int *ret_n)
{
#define OF_BOT " WHERE tenant_id = $1 AND bot_id = $2"
    static const struct cc_stmt
        CLOSE = {"UPDATE bots SET deleted_at = now(), updated_at = now(), draft = NULL" ONE_BOT},
        KEYS = {"UPDATE api_keys SET revoked_at = now()" OF_BOT
                " AND revoked_at IS NULL RETURNING sha256"},
        PINS = {"DELETE FROM pins" OF_BOT},
        SOURCES = {"UPDATE sources SET status = 'deleting', run = run + 1, next_at = 'infinity',"
                   " lease_until = '-infinity', updated_at = now()" OF_BOT},
        DOCUMENTS = {"UPDATE documents SET status = 'deleting', lease_until = '-infinity',"
                     " updated_at = now()" OF_BOT " AND status <> 'deleting'"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(tenant), cc_at(id)};
    const char **hashes;
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS({&CLOSE, args, 2}, {&KEYS, args, 2}, {&PINS, args, 2},
                                {&SOURCES, args, 2}, {&DOCUMENTS, args, 2}));

    if (rc)
        return rc;
    if (cc_rows_changed(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such bot");
    *ret_n = cc_rows_n(&rows, 1);
    hashes = cc_arena_array(mem, (size_t)*ret_n, sizeof *hashes);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 1, i, mem);
        hashes[i] = cc_row_text(&row);
    }
    *ret_hashes = hashes;
    return 0;
}
