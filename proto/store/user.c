#include "proto/store/user.h"

#include "proto/seal/key.h"
#include "proto/store/pg_run.h"

static const struct cc_stmt PRESENT = {"SELECT set_config('app.user_id', $1, true)"};

#define COLUMNS                                                                                    \
    "id, email, name, email_key, password, (extract(epoch FROM created_at) * 1000)::bigint"        \
    " FROM users"

static int read_user(const struct cc_rows *rows, struct cc_arena *mem, struct cc_user *ret)
{
    if (cc_rows_n(rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such user");
    struct cc_row row = cc_row(rows, 1, 0, mem);
    ret->id = cc_row_text(&row);
    ret->email = cc_row_text(&row);
    ret->name = cc_row_text(&row);
    ret->email_key = cc_row_text(&row);
    ret->password = cc_row_text(&row);
    ret->created_ms = cc_row_int(&row);
    return 0;
}

int cc_user_find(struct cc_pg *pool, const char *email_key, struct cc_arena *mem,
                 struct cc_user *ret)
{
    static const struct cc_stmt PRESENT_EMAIL = {"SELECT set_config('app.user_email', $1, true)"},
                                FIND = {"SELECT " COLUMNS " WHERE email_key = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, NULL, &rows,
        CC_STEPS(CC_STEP(PRESENT_EMAIL, cc_at(email_key)), CC_STEP(FIND, cc_at(email_key))));

    return rc ? rc : read_user(&rows, mem, ret);
}

int cc_user_get(struct cc_pg *pool, const char *id, struct cc_arena *mem, struct cc_user *ret)
{
    static const struct cc_stmt GET = {"SELECT " COLUMNS " WHERE id = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS(CC_STEP(PRESENT, cc_at(id)), CC_STEP(GET, cc_at(id))));

    return rc ? rc : read_user(&rows, mem, ret);
}

static const struct cc_stmt ADD = {
    "INSERT INTO users (id, email, email_key, name, password) VALUES ($1, $2, $3, $4, $5)"};

static int taken(int rc)
{
    return rc == CC_E_CONFLICT ? cc_fail(rc, "email: this address has an account") : rc;
}

int cc_user_add(struct cc_pg *pool, const struct cc_user *user)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return taken(
        cc_pg_run(pool, NULL, &rows,
                  CC_STEPS(CC_STEP(PRESENT, cc_at(user->id)),
                           CC_STEP(ADD, cc_at(user->id), cc_at(user->email), cc_at(user->email_key),
                                   cc_at(user->name), cc_at(user->password)))));
}

int cc_user_rename(struct cc_pg *pool, const char *id, const char *name)
{
    static const struct cc_stmt RENAME = {"UPDATE users SET name = $2 WHERE id = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, NULL, &rows,
                  CC_STEPS(CC_STEP(PRESENT, cc_at(id)), CC_STEP(RENAME, cc_at(id), cc_at(name))));

    if (rc == 0 && cc_rows_changed(&rows, 1) == 0)
        rc = cc_fail(CC_E_NOTFOUND, "no such user");
    return rc;
}

/* One statement: logins end if and only if the password has changed. */
int cc_user_set_password(struct cc_pg *pool, const struct cc_password_change *change,
                         struct cc_arena *mem, const char *const **ret_ended, int *ret_n)
{
    /* Before the snapshot of the next step: logins that are just beginning are seen by it. */
    static const struct cc_stmt
        HOLD = {"SELECT id FROM users WHERE id = $1 FOR UPDATE"},
        SET = {"WITH changed AS (UPDATE users SET password = $2, password_at = now() WHERE id = $1"
               " AND ($3::text IS NULL OR password = $3) RETURNING id),"
               " ended AS (UPDATE logins l SET revoked_at = now(), reason = 'password' FROM changed"
               " WHERE l.tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.user_id = $1)"
               " AND l.user_id = changed.id AND l.id <> $4 AND l.revoked_at IS NULL"
               " AND l.expires_at > now() RETURNING l.id)"
               " SELECT id, ARRAY(SELECT id FROM ended) FROM changed"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_password_change *c = change;
    int rc = cc_pg_run(
        pool, NULL, &rows,
        CC_STEPS(CC_STEP(PRESENT, cc_at(c->user)), CC_STEP(HOLD, cc_at(c->user)),
                 CC_STEP(SET, cc_at(c->user), cc_at(c->hash), cc_at(c->was), cc_at(c->keep))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 2) == 0)
        return cc_fail(CC_E_CONFLICT, "the password has been changed meanwhile");
    struct cc_row row = cc_row(&rows, 2, 0, mem);
    cc_row_text(&row);
    *ret_ended = cc_row_texts(&row, ret_n);
    return 0;
}

int cc_user_home(struct cc_pg *pool, const char *user, const char *wanted, struct cc_arena *mem,
                 const char **ret_tenant)
{
    static const struct cc_stmt HOME = {
        "SELECT m.tenant_id FROM members m JOIN tenants t ON t.tenant_id = m.tenant_id"
        " WHERE m.user_id = $1 AND ($2 = '' OR m.tenant_id = $2) AND t.closed_at IS NULL"
        " ORDER BY (SELECT max(l.created_at) FROM logins l WHERE l.tenant_id = m.tenant_id"
        " AND l.user_id = m.user_id) DESC NULLS LAST, m.created_at, m.tenant_id LIMIT 1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, NULL, &rows,
        CC_STEPS(CC_STEP(PRESENT, cc_at(user)), CC_STEP(HOME, cc_at(user), cc_at(wanted))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "a member of no such tenant");
    struct cc_row row = cc_row(&rows, 1, 0, mem);
    *ret_tenant = cc_row_text(&row);
    return 0;
}

/* ---- all at once ---- */

static const struct cc_stmt
    ADD_TENANT = {"INSERT INTO tenants (tenant_id, name, tier) VALUES ($1, $2, 'free')"},
    ADD_OWNER = {"INSERT INTO members (tenant_id, user_id, role) VALUES ($1, $2, 'owner')"},
    ADD_BOT = {"INSERT INTO bots (tenant_id, id, name, system, provider, model, temperature,"
               " max_tokens, top_k, threshold, origins, server_use, widget, refusal)"
               " VALUES ($1, $2, $3, '', '', '', -1, 1024, 6, 0, '[]', false, '{}', '')"},
    ADD_KEY = {"INSERT INTO api_keys (tenant_id, id, bot_id, secret, sha256, hint, name,"
               " created_by) VALUES ($1, $2, $3, false, $4, $5, 'Website', $6)"};

int cc_account_add(struct cc_pg *pool, const struct cc_account *account)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_user *u = &account->user;
    const struct cc_arg tenant = cc_at(account->tenant), bot = cc_at(account->bot);
    char hash[CC_SHA256_HEX], hint[24];

    return taken(
        cc_pg_run(pool, account->tenant, &rows,
                  CC_STEPS(CC_STEP(PRESENT, cc_at(u->id)),
                           CC_STEP(ADD, cc_at(u->id), cc_at(u->email), cc_at(u->email_key),
                                   cc_at(u->name), cc_at(u->password)),
                           CC_STEP(ADD_TENANT, tenant, cc_at(account->company)),
                           CC_STEP(ADD_OWNER, tenant, cc_at(u->id)),
                           CC_STEP(ADD_BOT, tenant, bot, cc_at(account->bot_name)),
                           CC_STEP(ADD_KEY, tenant, cc_at(account->key_id), bot,
                                   cc_at(cc_key_hash(account->key, hash)),
                                   cc_at(cc_key_hint(account->key, hint)), cc_at(u->id)))));
}
