#include "proto/store/api_key.h"

#include "proto/seal/key.h"
#include "proto/store/pg_run.h"

#define SCOPES_BYTES ((size_t)64 * 1024)
#define GOOD         "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"

/* ---- who presents one ---- */

#define CALLER                                                                                     \
    "tenant_id, id, bot_id, secret, scopes, rate, CASE WHEN expires_at IS NOT NULL THEN"           \
    " greatest(ceil(extract(epoch FROM expires_at - now()) * 1000), 1)::bigint END"
static const struct cc_stmt TIER = {
    "SELECT tier, limits, ceiling FROM tenants"
    " WHERE tenant_id = current_setting('app.tenant_id', true) AND closed_at IS NULL"};

/* key, tier: the steps that found them. */
static int read_caller(const struct cc_rows *rows, int key, int tier, struct cc_arena *mem,
                       struct cc_caller *ret)
{
    if (cc_rows_n(rows, key) != 1 || cc_rows_n(rows, tier) != 1)
        return cc_fail(CC_E_NOTFOUND, "unknown, revoked or expired key");
    struct cc_row row = cc_row(rows, key, 0, mem), of = cc_row(rows, tier, 0, mem);
    ret->tenant = cc_row_text(&row);
    ret->key = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->secret = cc_row_bool(&row);
    ret->scopes = cc_row_texts(&row, &ret->scopes_n);
    ret->rate = cc_row_int(&row);
    ret->left_ms = cc_row_int(&row);
    ret->tier = cc_row_text(&of);
    ret->limits = cc_row_text(&of);
    ret->ceiling = cc_row_text(&of);
    return 0;
}

/* The hash shows us the key's row; its tenant, set at once, shows the tenant's.  One round trip. */
int cc_api_key_find(struct cc_pg *pool, const char *sha256_hex, struct cc_arena *mem,
                    struct cc_caller *ret)
{
    static const struct cc_stmt PRESENT = {"SELECT set_config('app.key_hash', $1, true)"},
                                FIND = {"SELECT " CALLER
                                        ", set_config('app.tenant_id', tenant_id, true)"
                                        " FROM api_keys WHERE sha256 = $1 AND " GOOD};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS(CC_STEP(PRESENT, cc_at(sha256_hex)),
                                CC_STEP(FIND, cc_at(sha256_hex)), CC_PLAIN_STEP(TIER)));

    return rc ? rc : read_caller(&rows, 1, 2, mem, ret);
}

/* The id shows whose it is, as the hash of a key does; one that two tenants have is nobody's. */
int cc_api_key_of_bot(struct cc_pg *pool, const char *bot, struct cc_arena *mem,
                      struct cc_caller *ret)
{
#define OURS "tenant_id = current_setting('app.tenant_id', true)"
/* The oldest by its id, which begins with its time: whichever index is read, none has to be sorted.
 */
#define OLDEST(rank, of)                                                                           \
    "(SELECT " rank " AS rank, k.* FROM api_keys k WHERE " OURS " AND " of                         \
    " AND NOT secret AND " GOOD " ORDER BY id LIMIT 1)"
    static const struct cc_stmt
        PRESENT = {"SELECT set_config('app.bot_id', $1, true)"},
        OPEN = {"SELECT set_config('app.tenant_id', tenant_id, true) FROM bot_ids WHERE id = $1"},
        LIVES = {"SELECT FROM bots WHERE " OURS " AND id = $1 AND deleted_at IS NULL"},
        FIND = {"SELECT " CALLER " FROM (" OLDEST("0", "bot_id = $1") " UNION ALL " OLDEST(
            "1", "bot_id IS NULL") ") k ORDER BY rank LIMIT 1"};
#undef OLDEST
#undef OURS
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg id[] = {cc_at(bot)};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS({&PRESENT, id, 1}, {&OPEN, id, 1}, {&LIVES, id, 1}, {&FIND, id, 1},
                                CC_PLAIN_STEP(TIER)));

    if (rc == 0 && (cc_rows_n(&rows, 1) != 1 || cc_rows_n(&rows, 2) != 1))
        rc = cc_fail(CC_E_NOTFOUND, "no such bot");
    if (rc == 0)
        rc = read_caller(&rows, 3, 4, mem, ret);
    if (rc == 0)
        ret->bot = cc_arena_dup(mem, bot);
    return rc;
}

/* ---- making and reading ---- */

static struct cc_arg scopes(const char *const *words, int n, struct cc_arena *mem)
{
    return cc_at(words ? cc_array_texts(mem, words, n) : NULL);
}

#define EXPIRY(ms) "to_timestamp(nullif(" ms "::bigint, 0)::float8 / 1000)"

int cc_api_key_put(struct cc_pg *pool, const struct cc_api_key *k, const char *key)
{
    static const struct cc_stmt ADD = {
        "INSERT INTO api_keys (tenant_id, id, bot_id, secret, sha256, hint, name, scopes, rate,"
        " created_by, expires_at) VALUES ($1, $2, nullif($3, ''), $4, $5, $6, coalesce($7, ''),"
        " coalesce($8::text[], '{chat,read,converse,edit}'), nullif($9::bigint, 0),"
        " coalesce($10, ''), " EXPIRY("$11") ")"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(SCOPES_BYTES);
    char hash[CC_SHA256_HEX], hint[24];
    enum cc_key_kind kind;

    if (!cc_key_parse(key, &kind))
        return cc_fail(CC_E_INVALID, "that is no key");
    return cc_pg_run(pool, k->tenant, &rows,
                     CC_STEPS(CC_STEP(ADD, cc_at(k->tenant), cc_at(k->id), cc_at(k->bot),
                                      cc_ab(kind == CC_KEY_SECRET), cc_at(cc_key_hash(key, hash)),
                                      cc_at(cc_key_hint(key, hint)), cc_at(k->name),
                                      scopes(k->scopes, k->scopes_n, mem), cc_ai(k->rate),
                                      cc_at(k->created_by), cc_ai(k->expires_ms))));
}

int cc_api_key_add(struct cc_pg *pool, const char *tenant, const char *bot, const char *key_id,
                   const char *key)
{
    return cc_api_key_put(pool, &(struct cc_api_key){.id = key_id, .tenant = tenant, .bot = bot},
                          key);
}

#define MS(column) " (extract(epoch FROM " column ") * 1000)::bigint"
#define KEY                                                                                        \
    "SELECT id, tenant_id, name, bot_id, secret, scopes, rate, created_by," MS(                    \
        "expires_at") ", hint, replaced_by," MS("created_at") "," MS("revoked_at") ", " GOOD       \
                                                                                   " FROM "        \
                                                                                   "api_keys"      \
                                                                                   " WHERE "       \
                                                                                   "tenant_id = "  \
                                                                                   "$1"

static void read_key(struct cc_row row, struct cc_api_key *ret)
{
    ret->id = cc_row_text(&row);
    ret->tenant = cc_row_text(&row);
    ret->name = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->secret = cc_row_bool(&row);
    ret->scopes = cc_row_texts(&row, &ret->scopes_n);
    ret->rate = cc_row_int(&row);
    ret->created_by = cc_row_text(&row);
    ret->expires_ms = cc_row_int(&row);
    ret->hint = cc_row_text(&row);
    ret->replaced_by = cc_row_text(&row);
    ret->created_ms = cc_row_int(&row);
    ret->revoked_ms = cc_row_int(&row);
    ret->good = cc_row_bool(&row);
}

static int no_key(void)
{
    return cc_fail(CC_E_NOTFOUND, "no such key");
}

int cc_api_key_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                   struct cc_api_key *ret)
{
    static const struct cc_stmt ONE = {KEY " AND id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(ONE, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return no_key();
    read_key(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

int cc_api_key_list(struct cc_pg *pool, const struct cc_api_key_page *p, struct cc_arena *mem,
                    struct cc_api_key **ret, int *ret_n)
{
    static const struct cc_stmt PAGE = {KEY " AND id < $2 ORDER BY id DESC LIMIT $3"},
                                OF_BOT = {KEY " AND bot_id = $4 AND id < $2"
                                              " ORDER BY id DESC LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(p->tenant), cc_abehind(p->after), cc_ai(p->max),
                                  cc_at(p->bot)};
    const struct cc_step all = {&PAGE, args, 3}, some = {&OF_BOT, args, 4};
    int rc = cc_pg_run(pool, p->tenant, &rows, (struct cc_steps){*p->bot ? &some : &all, 1});

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_key(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

/* ---- changing ---- */

#define ONE_KEY " WHERE tenant_id = $1 AND id = $2"
static const struct cc_stmt LOOK = {"SELECT sha256 FROM api_keys" ONE_KEY};

/* The row as step `look` sees it, after the change at step 0. */
static int verdict(const struct cc_rows *rows, int look, struct cc_arena *mem,
                   const char **ret_hash)
{
    if (cc_rows_n(rows, look) == 0)
        return no_key();
    if (cc_rows_changed(rows, 0) == 0)
        return cc_fail(CC_E_CONFLICT,
                       "the key is revoked, expired or rotated already, or has more rights by now");
    struct cc_row row = cc_row(rows, look, 0, mem);
    *ret_hash = cc_row_text(&row);
    return 0;
}

int cc_api_key_set(struct cc_pg *pool, const struct cc_api_key_change *c, struct cc_arena *mem,
                   const char **ret_hash)
{
    static const struct cc_stmt SET = {
        "UPDATE api_keys SET name = coalesce($3, name), scopes = coalesce($4::text[], scopes),"
        " rate = CASE WHEN $5::bigint < 0 THEN rate ELSE nullif($5, 0) END,"
        " expires_at = CASE WHEN $6::bigint < 0 THEN expires_at ELSE " EXPIRY("$6") " END" ONE_KEY
                                                                                    " AND " GOOD};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, c->tenant, &rows,
        CC_STEPS(CC_STEP(SET, cc_at(c->tenant), cc_at(c->id), cc_at(c->name),
                         scopes(c->scopes, c->scopes_n, mem), cc_ai(c->rate), cc_ai(c->expires_ms)),
                 CC_STEP(LOOK, cc_at(c->tenant), cc_at(c->id))));

    return rc ? rc : verdict(&rows, 1, mem, ret_hash);
}

/* The new one first: it copies what the old one is before that changes. */
int cc_api_key_rotate(struct cc_pg *pool, const struct cc_api_key_rotation *r, struct cc_arena *mem,
                      const char **ret_hash)
{
    static const struct cc_stmt
        NEW = {"INSERT INTO api_keys (tenant_id, id, bot_id, secret, sha256, hint, name, scopes,"
               " rate, created_by, expires_at) SELECT tenant_id, $3, bot_id, secret, $4, $5, name,"
               " scopes, rate, $6, now() + (expires_at - created_at) FROM api_keys" ONE_KEY
               " AND replaced_by IS NULL AND secret = $7 AND ($8::text[] IS NULL OR scopes <@ $8)"
               " AND " GOOD " FOR UPDATE"},
        OLD = {"UPDATE api_keys o SET replaced_by = $3, expires_at ="
               " least(o.expires_at, now() + $4 * interval '1 s') WHERE o.tenant_id = $1"
               " AND o.id = $2 AND EXISTS (SELECT FROM api_keys n WHERE n.tenant_id = $1"
               " AND n.id = $3)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    char hash[CC_SHA256_HEX], hint[24];
    enum cc_key_kind kind;

    if (!cc_key_parse(r->key, &kind))
        return cc_fail(CC_E_INVALID, "that is no key");
    int rc = cc_pg_run(
        pool, r->tenant, &rows,
        CC_STEPS(CC_STEP(NEW, cc_at(r->tenant), cc_at(r->old), cc_at(r->id),
                         cc_at(cc_key_hash(r->key, hash)), cc_at(cc_key_hint(r->key, hint)),
                         cc_at(r->created_by), cc_ab(kind == CC_KEY_SECRET),
                         scopes(r->scopes, r->scopes_n, mem)),
                 CC_STEP(OLD, cc_at(r->tenant), cc_at(r->old), cc_at(r->id), cc_ai(r->grace_s)),
                 CC_STEP(LOOK, cc_at(r->tenant), cc_at(r->old))));
    return rc ? rc : verdict(&rows, 2, mem, ret_hash);
}

int cc_api_key_revoke(struct cc_pg *pool, const char *tenant, const char *key_id,
                      struct cc_arena *mem, const char **ret_hash)
{
    static const struct cc_stmt REVOKE = {"UPDATE api_keys SET revoked_at = now()" ONE_KEY
                                          " AND revoked_at IS NULL"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(tenant), cc_at(key_id)};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS({&REVOKE, args, 2}, {&LOOK, args, 2}));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 1) == 0)
        return no_key();
    struct cc_row row = cc_row(&rows, 1, 0, mem);
    *ret_hash = cc_row_text(&row);
    return 0;
}
