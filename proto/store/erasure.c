/* Asking for an erasure, and its receipt. */
#include "proto/store/erasure.h"

#include <string.h>

#include "proto/base/hash.h"
#include "proto/store/pg_run.h"

#define MS(column) "(coalesce(extract(epoch FROM " column "), 0) * 1000)::bigint"
#define RECEIPT                                                                                    \
    "SELECT id, kind, state, removed, asked_by, " MS("asked_at") ", " MS(                          \
        "done_at") " FROM erasures WHERE tenant_id = $1"

static const struct cc_stmt one_receipt = {RECEIPT " AND id = $2"};

static void read_receipt(struct cc_row row, struct cc_erasure *ret)
{
    ret->id = cc_row_text(&row);
    ret->kind = cc_row_text(&row);
    ret->state = cc_row_text(&row);
    ret->removed = cc_row_text(&row);
    ret->asked_by = cc_row_text(&row);
    ret->asked_ms = cc_row_int(&row);
    ret->done_ms = cc_row_int(&row);
}

/* ---- a conversation, a visitor ---- */

/*
 * First the locks, in the order in which a claim and the end of an answer take theirs: so whatever
 * is stored of it is there before we look, or comes after and is refused.  Then the counts, with
 * what Redis is to be searched for; then all goes, if the receipt was written.
 */
#define LOCK_ANSWERS(his)                                                                          \
    "SELECT a.id, a.state = 'running' FROM answers a JOIN sessions s ON s.tenant_id = a.tenant_id" \
    " AND s.id = a.session_id WHERE a.tenant_id = $1 AND s." his " = $2 ORDER BY a.id"             \
    " FOR UPDATE OF a"
#define LOCK_SESSIONS(his)                                                                         \
    "SELECT id FROM sessions WHERE tenant_id = $1 AND " his " = $2 ORDER BY id FOR UPDATE"
#define NOTE(his, kind, more, there)                                                               \
    "WITH s AS (SELECT s.id FROM sessions s WHERE s.tenant_id = $1 AND s." his " = $2),"           \
    " a AS (SELECT a.id FROM answers a WHERE a.tenant_id = $1"                                     \
    " AND a.session_id IN (SELECT id FROM s)),"                                                    \
    " n AS (SELECT (SELECT count(*) FROM s) AS talks, (SELECT count(*) FROM a) AS answers,"        \
    " (SELECT count(*) FROM messages m WHERE m.tenant_id = $1"                                     \
    " AND m.session_id IN (SELECT id FROM s)) AS messages,"                                        \
    " (SELECT count(*) FROM feedback f WHERE f.tenant_id = $1"                                     \
    " AND f.answer_id IN (SELECT id FROM a)) AS feedback,"                                         \
    " (SELECT count(*) FROM session_files f WHERE f.tenant_id = $1"                                \
    " AND f.session_id IN (SELECT id FROM s)) AS files)"                                           \
    " INSERT INTO erasures (tenant_id, id, kind, subject, asked_by, sessions, answers, removed)"   \
    " SELECT $1, $3, '" kind "', $4, $5,"                                                          \
    " ARRAY(SELECT encode(sha256(convert_to(id, 'UTF8')), 'hex') FROM s), ARRAY(SELECT id FROM "   \
    "a),"                                                                                          \
    " json_build_object(" more "'conversations', talks, 'messages', messages,"                     \
    " 'answers', answers, 'feedback', feedback, 'files', files)::text FROM n WHERE " there
#define IF_NOTED " AND EXISTS (SELECT FROM erasures e WHERE e.tenant_id = $1 AND e.id = $3)"

struct erase {
    struct cc_stmt lock_visitor, lock_answers, lock_sessions, note, sessions, visitor;
};
static const struct erase conversation = {
    {"SELECT 1 WHERE $1 = '' AND $2 = ''"},
    {LOCK_ANSWERS("id")},
    {LOCK_SESSIONS("id")},
    {NOTE("id", "conversation", "", "talks > 0")},
    {"DELETE FROM sessions WHERE tenant_id = $1 AND id = $2" IF_NOTED},
    {"SELECT 1 WHERE $1 = '' AND $2 = '' AND $3 = ''"},
};
/*
 * The row goes and comes again, so that a claim under way, which may have seen it before, is
 * refused like any other of an erased conversation: what it refers to is not there any more.
 */
static const struct erase clearing = {
    {"SELECT 1 WHERE $1 = '' AND $2 = ''"},
    {LOCK_ANSWERS("id")},
    {LOCK_SESSIONS("id")},
    {NOTE("id", "conversation", "", "talks > 0")},
    {"WITH d AS (DELETE FROM sessions WHERE tenant_id = $1 AND id = $2" IF_NOTED
     " RETURNING tenant_id, id, bot_id, visitor_id, created_at)"
     " INSERT INTO sessions (tenant_id, id, bot_id, visitor_id, created_at) SELECT * FROM d"},
    {"SELECT 1 WHERE $1 = '' AND $2 = '' AND $3 = ''"},
};
static const struct erase visitor = {
    {"SELECT id FROM visitors WHERE tenant_id = $1 AND id = $2 FOR UPDATE"},
    {LOCK_ANSWERS("visitor_id <> '' AND s.visitor_id")},
    {LOCK_SESSIONS("visitor_id <> '' AND visitor_id")},
    {NOTE("visitor_id <> '' AND s.visitor_id", "visitor",
          "'visitors', (SELECT count(*) FROM visitors v WHERE v.tenant_id = $1 AND v.id = $2), ",
          "EXISTS (SELECT FROM visitors v WHERE v.tenant_id = $1 AND v.id = $2) OR talks > 0")},
    {"DELETE FROM sessions WHERE tenant_id = $1 AND visitor_id <> '' AND visitor_id = $2" IF_NOTED},
    {"DELETE FROM visitors WHERE tenant_id = $1 AND id = $2" IF_NOTED},
};

enum { LOCKED = 1, TOLD = 6 }; /* steps whose rows are read */

static int run(struct cc_pg *pool, const struct erase *what, const struct cc_erasure_ask *ask,
               struct cc_rows *ret)
{
    char sum[CC_SHA256_HEX];
    const struct cc_arg args[] = {cc_at(ask->tenant), cc_at(ask->subject), cc_at(ask->id),
                                  cc_at(cc_sha256_hex(ask->subject, strlen(ask->subject), sum)),
                                  cc_at(ask->asked_by)};
    int rc = cc_pg_run(pool, ask->tenant, ret,
                       CC_STEPS({&what->lock_visitor, args, 2}, {&what->lock_answers, args, 2},
                                {&what->lock_sessions, args, 2}, {&what->note, args, 5},
                                {&what->sessions, args, 3}, {&what->visitor, args, 3},
                                CC_STEP(one_receipt, cc_at(ask->tenant), cc_at(ask->id))));

    if (rc == 0 && cc_rows_n(ret, TOLD) == 0)
        return cc_fail(CC_E_NOTFOUND, "nothing of it is there");
    return rc;
}

static int erase(struct cc_pg *pool, const struct erase *what, const struct cc_erasure_ask *ask,
                 struct cc_arena *mem, struct cc_erasure *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = run(pool, what, ask, &rows);

    if (rc == 0)
        read_receipt(cc_row(&rows, TOLD, 0, mem), ret);
    return rc;
}

int cc_erasure_conversation(struct cc_pg *pool, const struct cc_erasure_ask *ask,
                            struct cc_arena *mem, struct cc_erasure *ret)
{
    return erase(pool, &conversation, ask, mem, ret);
}

int cc_erasure_visitor(struct cc_pg *pool, const struct cc_erasure_ask *ask, struct cc_arena *mem,
                       struct cc_erasure *ret)
{
    return erase(pool, &visitor, ask, mem, ret);
}

static void read_running(const struct cc_rows *rows, struct cc_arena *mem,
                         struct cc_erasure_running *ret)
{
    int n = cc_rows_n(rows, LOCKED);

    *ret = (struct cc_erasure_running){cc_arena_array(mem, (size_t)n + 1, sizeof *ret->answers), 0};
    for (int i = 0; i < n; i++) {
        struct cc_row row = cc_row(rows, LOCKED, i, mem);
        const char *answer = cc_row_text(&row);

        if (cc_row_bool(&row))
            ret->answers[ret->n++] = answer;
    }
}

int cc_erasure_clear(struct cc_pg *pool, const struct cc_erasure_ask *ask, struct cc_arena *mem,
                     struct cc_erasure *ret, struct cc_erasure_running *ret_running)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = run(pool, &clearing, ask, &rows);

    if (rc)
        return rc;
    read_receipt(cc_row(&rows, TOLD, 0, mem), ret);
    read_running(&rows, mem, ret_running);
    return 0;
}

/* ---- a tenant ---- */

int cc_erasure_tenant(struct cc_pg *pool, const struct cc_erasure_ask *ask, struct cc_arena *mem,
                      struct cc_erasure *ret)
{
    static const struct cc_stmt
        CLOSE = {"UPDATE tenants SET closed_at = coalesce(closed_at, now())"
                 " WHERE tenant_id = $1 AND name = $2"},
        KEYS = {"UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1"
                " AND revoked_at IS NULL AND EXISTS (SELECT FROM tenants t"
                " WHERE t.tenant_id = $1 AND t.closed_at IS NOT NULL)"},
        LOGINS = {"UPDATE logins SET revoked_at = now(), reason = 'erased' WHERE tenant_id = $1"
                  " AND revoked_at IS NULL AND EXISTS (SELECT FROM tenants t"
                  " WHERE t.tenant_id = $1 AND t.closed_at IS NOT NULL)"},
        TELL = {"INSERT INTO erasures (tenant_id, id, kind, subject, asked_by)"
                " SELECT tenant_id, $2, 'tenant', $3, $4 FROM tenants"
                " WHERE tenant_id = $1 AND closed_at IS NOT NULL"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    char sum[CC_SHA256_HEX];
    const struct cc_arg tenant[] = {cc_at(ask->tenant)};
    int rc = cc_pg_run(pool, ask->tenant, &rows,
                       CC_STEPS(CC_STEP(CLOSE, cc_at(ask->tenant), cc_at(ask->subject)),
                                {&KEYS, tenant, 1}, {&LOGINS, tenant, 1},
                                CC_STEP(TELL, cc_at(ask->tenant), cc_at(ask->id),
                                        cc_at(cc_sha256_hex(ask->tenant, strlen(ask->tenant), sum)),
                                        cc_at(ask->asked_by)),
                                CC_STEP(one_receipt, cc_at(ask->tenant), cc_at(ask->id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 4) == 0)
        return cc_fail(CC_E_CONFLICT, "confirm: the name of the account is wanted");
    read_receipt(cc_row(&rows, 4, 0, mem), ret);
    return 0;
}

/* ---- receipts ---- */

int cc_erasure_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                   struct cc_erasure *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(one_receipt, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such receipt");
    read_receipt(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

int cc_erasure_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                    struct cc_arena *mem, struct cc_erasure **ret, int *ret_n)
{
    static const struct cc_stmt LIST = {RECEIPT " AND id < $2 ORDER BY id DESC LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(LIST, cc_at(tenant), cc_abehind(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_receipt(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

int cc_erasure_covers(struct cc_pg *pool, const char *tenant, const char *name, bool *ret)
{
    static const struct cc_stmt COVERS = {
        "SELECT 1 FROM erasures WHERE tenant_id = $1 AND state <> 'done'"
        " AND ($2 = ANY (answers) OR $3 = ANY (sessions)) LIMIT 1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    char sum[CC_SHA256_HEX];
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(COVERS, cc_at(tenant), cc_at(name),
                                        cc_at(cc_sha256_hex(name, strlen(name), sum)))));

    if (rc == 0)
        *ret = cc_rows_n(&rows, 0) > 0;
    return rc;
}
