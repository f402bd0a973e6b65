#include "proto/store/member.h"

#include "proto/store/pg_run.h"

#define COLUMNS                                                                                    \
    "m.user_id, u.email, u.name, m.role, (extract(epoch FROM m.created_at) * 1000)::bigint"

static void read_member(struct cc_row *row, struct cc_member *ret)
{
    ret->user = cc_row_text(row);
    ret->email = cc_row_text(row);
    ret->name = cc_row_text(row);
    ret->role = cc_row_text(row);
    ret->created_ms = cc_row_int(row);
}

int cc_member_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                   struct cc_arena *mem, struct cc_member **ret, int *ret_n)
{
    /* The page first, then the names; a range with two ends is thought to be short: else all
     * members are sorted. */
    static const struct cc_stmt LIST = {
        "SELECT " COLUMNS " FROM (SELECT user_id, role, created_at FROM members"
        " WHERE tenant_id = $1 AND user_id > $2 AND user_id < 'zzz' ORDER BY user_id LIMIT $3) m"
        " JOIN users u ON u.id = m.user_id ORDER BY m.user_id"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(LIST, cc_at(tenant), cc_at(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        read_member(&row, &(*ret)[i]);
    }
    return 0;
}

int cc_member_get(struct cc_pg *pool, const char *tenant, const char *user, struct cc_arena *mem,
                  struct cc_member *ret)
{
    static const struct cc_stmt GET = {"SELECT " COLUMNS
                                       " FROM members m JOIN users u ON u.id = m.user_id"
                                       " WHERE m.tenant_id = $1 AND m.user_id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(user))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such member");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    read_member(&row, ret);
    return 0;
}

int cc_member_add(struct cc_pg *pool, const char *tenant, const char *user, const char *role)
{
    static const struct cc_stmt ADD = {
        "INSERT INTO members (tenant_id, user_id, role) VALUES ($1, $2, $3)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(pool, tenant, &rows,
                     CC_STEPS(CC_STEP(ADD, cc_at(tenant), cc_at(user), cc_at(role))));
}

/* ---- changing ---- */

/* Whoever takes owners away waits here for the others who do; the next step sees what they did. */
static const struct cc_stmt OWNERS = {"SELECT user_id FROM members WHERE tenant_id = $1"
                                      " AND role = 'owner' ORDER BY user_id FOR UPDATE"},
                            LOOK = {"SELECT role FROM members WHERE tenant_id = $1"
                                    " AND user_id = $2"};
#define ANOTHER_OWNER                                                                              \
    "EXISTS (SELECT FROM members o WHERE o.tenant_id = $1 AND o.role = 'owner' AND o.user_id <> "  \
    "$2)"
static const struct cc_stmt
    SET = {"WITH changed AS (UPDATE members m SET role = $4 WHERE m.tenant_id = $1"
           " AND m.user_id = $2 AND m.role = $3"
           " AND ($4 = 'owner' OR m.role <> 'owner' OR " ANOTHER_OWNER ") RETURNING m.user_id),"
           " ended AS (UPDATE logins l SET revoked_at = now(), reason = 'role' FROM changed"
           " WHERE l.tenant_id = $1 AND l.user_id = changed.user_id AND l.revoked_at IS NULL)"
           " SELECT user_id FROM changed"},
    /* Logins go with the row. */
    REMOVE = {"DELETE FROM members m WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.role = $3"
              " AND (m.role <> 'owner' OR " ANOTHER_OWNER ") RETURNING m.user_id"};

/* Who must not invite any more has no open invitations either: he might have kept one for himself.
 */
static const struct cc_stmt RECALL = {
    "DELETE FROM invitations i WHERE i.tenant_id = $1 AND i.invited_by = $2"
    " AND i.accepted_at IS NULL AND NOT EXISTS (SELECT FROM members m WHERE m.tenant_id = $1"
    " AND m.user_id = $2 AND m.role IN ('owner', 'admin'))"};

static int set_role(struct cc_pg *pool, const struct cc_member_change *c, struct cc_rows *rows)
{
    return cc_pg_run(
        pool, c->tenant, rows,
        CC_STEPS(CC_STEP(OWNERS, cc_at(c->tenant)), CC_STEP(LOOK, cc_at(c->tenant), cc_at(c->user)),
                 CC_STEP(SET, cc_at(c->tenant), cc_at(c->user), cc_at(c->was), cc_at(c->role)),
                 CC_STEP(RECALL, cc_at(c->tenant), cc_at(c->user))));
}

static int remove_member(struct cc_pg *pool, const struct cc_member_change *c, struct cc_rows *rows)
{
    return cc_pg_run(pool, c->tenant, rows,
                     CC_STEPS(CC_STEP(OWNERS, cc_at(c->tenant)),
                              CC_STEP(LOOK, cc_at(c->tenant), cc_at(c->user)),
                              CC_STEP(REMOVE, cc_at(c->tenant), cc_at(c->user), cc_at(c->was)),
                              CC_STEP(RECALL, cc_at(c->tenant), cc_at(c->user))));
}

int cc_member_change(struct cc_pg *pool, const struct cc_member_change *change)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = change->role ? set_role(pool, change, &rows) : remove_member(pool, change, &rows);

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such member");
    if (cc_rows_n(&rows, 2) == 0)
        return cc_fail(CC_E_CONFLICT, "the last owner stays, or the role was changed meanwhile");
    return 0;
}

/* ---- of one person ---- */

int cc_membership_list(struct cc_pg *pool, const char *user, const char *after, int max,
                       struct cc_arena *mem, struct cc_membership **ret, int *ret_n)
{
    static const struct cc_stmt
        PRESENT = {"SELECT set_config('app.user_id', $1, true)"},
        LIST = {"SELECT t.tenant_id, t.name, t.tier, m.role,"
                " (extract(epoch FROM t.created_at) * 1000)::bigint FROM members m"
                " JOIN tenants t ON t.tenant_id = m.tenant_id WHERE m.user_id = $1"
                " AND m.tenant_id > $2 AND t.closed_at IS NULL ORDER BY m.tenant_id LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS(CC_STEP(PRESENT, cc_at(user)),
                                CC_STEP(LIST, cc_at(user), cc_at(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 1);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 1, i, mem);
        struct cc_membership *one = &(*ret)[i];

        one->tenant = cc_row_text(&row);
        one->name = cc_row_text(&row);
        one->tier = cc_row_text(&row);
        one->role = cc_row_text(&row);
        one->created_ms = cc_row_int(&row);
    }
    return 0;
}
