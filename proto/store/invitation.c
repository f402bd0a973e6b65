#include "proto/store/invitation.h"

#include "proto/store/pg_run.h"

int cc_invitation_add(struct cc_pg *pool, const char *tenant,
                      const struct cc_invitation *invitation)
{
    /* Whoever takes his role away meanwhile waits, and then finds the invitation. */
    static const struct cc_stmt
        HOLD = {"SELECT role FROM members WHERE tenant_id = $1 AND user_id = $2 AND role IN"
                " ('owner', 'admin') FOR SHARE"},
        ROOM = {"DELETE FROM invitations WHERE tenant_id = $1 AND email_key = $2"
                " AND accepted_at IS NULL AND expires_at <= now()"},
        ADD = {"INSERT INTO invitations (tenant_id, id, email, email_key, role, invited_by,"
               " expires_at) SELECT $1, $2, $3, $4, $5, $6,"
               " to_timestamp($7::bigint / 1000.0) WHERE EXISTS (SELECT FROM members m"
               " WHERE m.tenant_id = $1 AND m.user_id = $6 AND m.role IN ('owner', 'admin'))"
               " AND NOT EXISTS (SELECT FROM members m JOIN users u ON u.id = m.user_id"
               " WHERE m.tenant_id = $1 AND u.email_key = $4)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_invitation *i = invitation;
    int rc = cc_pg_run(
        pool, tenant, &rows,
        CC_STEPS(CC_STEP(HOLD, cc_at(tenant), cc_at(i->invited_by)),
                 CC_STEP(ROOM, cc_at(tenant), cc_at(i->email_key)),
                 CC_STEP(ADD, cc_at(tenant), cc_at(i->id), cc_at(i->email), cc_at(i->email_key),
                         cc_at(i->role), cc_at(i->invited_by), cc_ai(i->expires_ms))));

    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "email: this address has an open invitation");
    if (rc == 0 && cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_FORBIDDEN, "only an owner or an admin invites");
    if (rc == 0 && cc_rows_changed(&rows, 2) == 0)
        return cc_fail(CC_E_CONFLICT, "email: this address is a member's");
    return rc;
}

#define COLUMNS                                                                                    \
    "i.id, i.email, i.email_key, i.role, i.invited_by,"                                            \
    " (extract(epoch FROM i.created_at) * 1000)::bigint,"                                          \
    " (extract(epoch FROM i.expires_at) * 1000)::bigint FROM invitations i"

static void read_invitation(struct cc_row *row, struct cc_invitation *ret)
{
    ret->id = cc_row_text(row);
    ret->email = cc_row_text(row);
    ret->email_key = cc_row_text(row);
    ret->role = cc_row_text(row);
    ret->invited_by = cc_row_text(row);
    ret->created_ms = cc_row_int(row);
    ret->expires_ms = cc_row_int(row);
}

int cc_invitation_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                       struct cc_arena *mem, struct cc_invitation **ret, int *ret_n)
{
    /* Not "IS NULL": then the index of open addresses looks as good, and all of them are sorted;
     * two ends, because such a range is thought to be short. */
    static const struct cc_stmt LIST = {
        "SELECT " COLUMNS " WHERE i.tenant_id = $1 AND i.id > '' AND i.id < $2"
        " AND coalesce(i.accepted_at, 'infinity') = 'infinity' ORDER BY i.id DESC LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(LIST, cc_at(tenant), cc_abehind(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        read_invitation(&row, &(*ret)[i]);
    }
    return 0;
}

#define OPEN                                                                                       \
    "i.accepted_at IS NULL AND i.expires_at > now() AND EXISTS (SELECT FROM tenants t"             \
    " WHERE t.tenant_id = $1 AND t.closed_at IS NULL)"

int cc_invitation_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                      struct cc_invitation *ret)
{
    static const struct cc_stmt GET = {"SELECT " COLUMNS
                                       " WHERE i.tenant_id = $1 AND i.id = $2 AND " OPEN};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such invitation");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    read_invitation(&row, ret);
    return 0;
}

int cc_invitation_delete(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt DELETE = {
        "DELETE FROM invitations WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL"};

    return cc_pg_must(pool, tenant, (struct cc_step)CC_STEP(DELETE, cc_at(tenant), cc_at(id)),
                      CC_E_NOTFOUND, "no such invitation");
}

/* One statement, so that all of it hangs on the invitation having been open. */
int cc_invitation_accept(struct cc_pg *pool, const struct cc_newcomer *newcomer)
{
    static const struct cc_stmt
        PRESENT = {"SELECT set_config('app.user_id', $1, true)"},
        ACCEPT = {"WITH taken AS (UPDATE invitations i SET accepted_at = now()"
                  " WHERE i.tenant_id = $1 AND i.id = $2 AND " OPEN
                  " RETURNING i.email, i.email_key, i.role),"
                  " made AS (INSERT INTO users (id, email, email_key, name, password)"
                  " SELECT $3, email, email_key, $4, $5 FROM taken WHERE $5::text IS NOT NULL),"
                  " joined AS (INSERT INTO members (tenant_id, user_id, role)"
                  " SELECT $1, $3, role FROM taken ON CONFLICT (tenant_id, user_id) DO NOTHING)"
                  " SELECT role FROM taken"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_newcomer *n = newcomer;
    int rc = cc_pg_run(pool, n->tenant, &rows,
                       CC_STEPS(CC_STEP(PRESENT, cc_at(n->user)),
                                CC_STEP(ACCEPT, cc_at(n->tenant), cc_at(n->invitation),
                                        cc_at(n->user), cc_at(n->name), cc_at(n->password))));

    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "this address has an account by now");
    if (rc == 0 && cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such invitation");
    return rc;
}
