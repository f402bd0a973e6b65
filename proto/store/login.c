#include "proto/store/login.h"

#include "proto/store/pg_run.h"

/* Its own rows are all that a person sees of other tenants. */
static const struct cc_stmt PRESENT = {"SELECT set_config('app.user_id', $1, true)"};

/*
 * What has been over for longer than any token lives is forgotten on the way.  Who changes the
 * password waits for us, or we for him: either he ends this login, or it does not begin.
 */
int cc_login_add(struct cc_pg *pool, const struct cc_login *login)
{
    static const struct cc_stmt
        HOLD = {"SELECT id FROM users WHERE id = $1 FOR SHARE"},
        FORGET = {"DELETE FROM logins WHERE tenant_id = $1 AND user_id = $2"
                  " AND least(expires_at, revoked_at + make_interval(days => $3::int)) < now()"},
        ADD = {"INSERT INTO logins (tenant_id, id, user_id, agent, address, expires_at)"
               " SELECT $1, $2, $3, $4, $5, now() + make_interval(days => $6::int)"
               " WHERE $7::text IS NULL OR $7 = (SELECT password FROM users WHERE id = $3)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_login *l = login;
    int rc = cc_pg_run(
        pool, l->tenant, &rows,
        CC_STEPS(CC_STEP(PRESENT, cc_at(l->user)), CC_STEP(HOLD, cc_at(l->user)),
                 CC_STEP(FORGET, cc_at(l->tenant), cc_at(l->user), cc_ai(CC_LOGIN_DAYS)),
                 CC_STEP(ADD, cc_at(l->tenant), cc_at(l->id), cc_at(l->user), cc_at(l->agent),
                         cc_at(l->address), cc_ai(CC_LOGIN_DAYS), cc_at(l->proof))));

    if (rc == 0 && cc_rows_changed(&rows, 3) == 0)
        return cc_fail(CC_E_AUTH, "the password has been changed meanwhile");
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "no member of that tenant") : rc;
}

int cc_login_find(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                  struct cc_login_who *ret)
{
    /* The role by a look-up: joined, PostgreSQL may read all members of the tenant for it. */
    static const struct cc_stmt FIND = {
        "SELECT l.id, l.tenant_id, l.user_id, (SELECT m.role FROM members m WHERE"
        " m.tenant_id = $1 AND m.user_id = l.user_id), t.tier, t.limits, t.ceiling FROM logins l"
        " JOIN tenants t ON t.tenant_id = $1 WHERE l.tenant_id = $1 AND l.id = $2"
        " AND l.revoked_at IS NULL AND l.expires_at > now() AND t.closed_at IS NULL"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(FIND, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such login, or it is over");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->id = cc_row_text(&row);
    ret->tenant = cc_row_text(&row);
    ret->user = cc_row_text(&row);
    ret->role = cc_row_text(&row);
    ret->tier = cc_row_text(&row);
    ret->limits = cc_row_text(&row);
    ret->ceiling = cc_row_text(&row);
    return 0;
}

/* The look for copies comes first: the counter is not raised yet. */
int cc_login_refresh(struct cc_pg *pool, const struct cc_login_who *who, int64_t n)
{
    static const struct cc_stmt
        COPY = {"UPDATE logins SET revoked_at = now(), reason = 'reuse' WHERE tenant_id = $1"
                " AND id = $2 AND user_id = $3 AND counter > $4 AND revoked_at IS NULL"},
        RAISE = {"UPDATE logins SET counter = counter + 1, used_at = now(),"
                 " expires_at = now() + make_interval(days => $5::int) WHERE tenant_id = $1"
                 " AND id = $2 AND user_id = $3 AND counter = $4 AND revoked_at IS NULL"
                 " AND expires_at > now()"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, who->tenant, &rows,
        CC_STEPS(CC_STEP(COPY, cc_at(who->tenant), cc_at(who->id), cc_at(who->user), cc_ai(n)),
                 CC_STEP(RAISE, cc_at(who->tenant), cc_at(who->id), cc_at(who->user), cc_ai(n),
                         cc_ai(CC_LOGIN_DAYS))));

    if (rc)
        return rc;
    if (cc_rows_changed(&rows, 0) > 0)
        return cc_fail(CC_E_FENCED, "a refresh token was used twice");
    return cc_rows_changed(&rows, 1) > 0 ? 0 : cc_fail(CC_E_NOTFOUND, "the login is over");
}

int cc_login_end(struct cc_pg *pool, const char *user, const char *id, const char *reason)
{
    static const struct cc_stmt END = {
        "UPDATE logins SET revoked_at = now(), reason = $3 WHERE tenant_id IN"
        " (SELECT m.tenant_id FROM members m WHERE m.user_id = $1)"
        " AND user_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > now()"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS(CC_STEP(PRESENT, cc_at(user)),
                                CC_STEP(END, cc_at(user), cc_at(id), cc_at(reason))));

    if (rc)
        return rc;
    return cc_rows_changed(&rows, 1) > 0 ? 0 : cc_fail(CC_E_NOTFOUND, "no such login");
}

static void read_login(struct cc_row *row, struct cc_login *ret)
{
    ret->id = cc_row_text(row);
    ret->tenant = cc_row_text(row);
    ret->user = cc_row_text(row);
    ret->agent = cc_row_text(row);
    ret->address = cc_row_text(row);
    ret->created_ms = cc_row_int(row);
    ret->used_ms = cc_row_int(row);
    ret->expires_ms = cc_row_int(row);
}

int cc_login_list(struct cc_pg *pool, const char *user, const char *after, int max,
                  struct cc_arena *mem, struct cc_login **ret, int *ret_n)
{
    static const struct cc_stmt LIST = {
        "SELECT l.id, l.tenant_id, l.user_id, l.agent, l.address,"
        " (extract(epoch FROM l.created_at) * 1000)::bigint,"
        " (extract(epoch FROM l.used_at) * 1000)::bigint,"
        " (extract(epoch FROM l.expires_at) * 1000)::bigint FROM logins l WHERE l.tenant_id IN"
        " (SELECT m.tenant_id FROM members m WHERE m.user_id = $1)"
        " AND l.user_id = $1 AND l.id < $2 AND l.revoked_at IS NULL AND l.expires_at > now()"
        " ORDER BY l.id DESC LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS(CC_STEP(PRESENT, cc_at(user)),
                                CC_STEP(LIST, cc_at(user), cc_abehind(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 1);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 1, i, mem);
        read_login(&row, &(*ret)[i]);
    }
    return 0;
}
