#include "proto/store/visitor.h"

#include "proto/store/pg_run.h"
#include "proto/store/turn_inside.h"

/* $3: name, $4: e-mail; what a proof leaves out stays as it was.  Waits for an erasure under way.
 */
const struct cc_stmt cc_visitor_seen = {
    "INSERT INTO visitors AS v (tenant_id, id, external, name, email) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (tenant_id, id) DO UPDATE SET seen_at = now(),"
    " name = coalesce(nullif(excluded.name, ''), v.name),"
    " email = coalesce(nullif(excluded.email, ''), v.email)"};

static const char *text(const char *may_be_null)
{
    return may_be_null ? may_be_null : "";
}

int cc_visitor_meet(struct cc_pg *pool, const struct cc_visitor_met *who)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run(
        pool, who->tenant, &rows,
        CC_STEPS(CC_STEP(cc_visitor_seen, cc_at(who->tenant), cc_at(who->id), cc_at(who->external),
                         cc_at(text(who->name)), cc_at(text(who->email)))));
}

#define MS(column) "(extract(epoch FROM " column ") * 1000)::bigint"
/* The index of a visitor's sessions holds nobody else's: a statement has to say so. */
#define HIS_TALKS                                                                                  \
    " FROM sessions s WHERE s.tenant_id = $1 AND s.visitor_id = v.id AND s.visitor_id <> ''"       \
    " AND ($2 = '' OR s.bot_id = $2)"
#define HIS_NUMBERS                                                                                \
    "SELECT v.id, v.external, v.name, v.email, " MS("v.created_at") ", " MS(                       \
        "v.seen_at") ","                                                                           \
                     " (SELECT count(*)" HIS_TALKS "),"                                            \
                     " (SELECT count(*) FROM messages m WHERE m.tenant_id = $1"                    \
                     " AND m.session_id IN (SELECT s.id" HIS_TALKS ")) FROM "
#define ALL    "visitors v WHERE v.tenant_id = $1 AND $2::text IS NOT NULL"
#define OF_BOT "visitors v WHERE v.tenant_id = $1 AND EXISTS (SELECT" HIS_TALKS ")"

static void read_visitor(struct cc_row row, struct cc_visitor *ret)
{
    ret->id = cc_row_text(&row);
    ret->external = cc_row_text(&row);
    ret->name = cc_row_text(&row);
    ret->email = cc_row_text(&row);
    ret->created_ms = cc_row_int(&row);
    ret->seen_ms = cc_row_int(&row);
    ret->talks = cc_row_int(&row);
    ret->messages = cc_row_int(&row);
}

int cc_visitor_get(struct cc_pg *pool, const char *tenant, const char *id, const char *bot,
                   struct cc_arena *mem, struct cc_visitor *ret)
{
    static const struct cc_stmt GET = {
        HIS_NUMBERS ALL " AND v.id = $3 AND ($2 = '' OR EXISTS (SELECT" HIS_TALKS "))"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(bot), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such visitor");
    read_visitor(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

/* One statement for each way: of a condition that may be absent PostgreSQL expects few rows, and
 * sorts all instead of reading the first ones. */
#define PAGE " AND v.id < $3 ORDER BY v.id DESC LIMIT $4"
int cc_visitor_list(struct cc_pg *pool, const char *tenant, const struct cc_visitor_page *page,
                    struct cc_arena *mem, struct cc_visitor **ret, int *ret_n)
{
    static const struct cc_stmt all = {HIS_NUMBERS ALL PAGE}, of_bot = {HIS_NUMBERS OF_BOT PAGE};
    const struct cc_arg args[] = {cc_at(tenant), cc_at(page->bot), cc_abehind(page->after),
                                  cc_ai(page->max)};
    const struct cc_step step = {*page->bot ? &of_bot : &all, args, 4};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){&step, 1});

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_visitor(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

#define RFC3339(column)                                                                            \
    "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

static int read_lines(struct cc_pg *pool, const char *tenant, struct cc_step step,
                      struct cc_arena *mem, struct cc_visitor_line **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){&step, 1});

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        (*ret)[i].key = cc_row_text(&row);
        (*ret)[i].json = cc_row_text(&row);
    }
    return 0;
}

int cc_visitor_talks(struct cc_pg *pool, const char *tenant, const char *visitor,
                     const struct cc_visitor_page *page, struct cc_arena *mem,
                     struct cc_visitor_line **ret, int *ret_n)
{
    static const struct cc_stmt TALKS = {
        "SELECT s.id, json_build_object('id', s.id, 'botId', s.bot_id, 'startedAt', " RFC3339(
            "s.created_at") ", 'status', s.status, 'flagged', s.flagged,"
                            " 'labels', s.labels, 'note', s.note, 'form', s.form::json, 'handoff',"
                            " s.handoff, 'handoffEmail', s.handoff_email, 'handoffNote',"
                            " s.handoff_note)::text FROM sessions s WHERE "
                            "s.tenant_id = $1"
                            " AND s.visitor_id = $2 AND s.visitor_id <> '' AND ($3 = '' OR "
                            "s.bot_id = $3)"
                            " AND s.id < $4 ORDER BY s.id DESC LIMIT $5"};

    return read_lines(pool, tenant,
                      (struct cc_step)CC_STEP(TALKS, cc_at(tenant), cc_at(visitor),
                                              cc_at(page->bot), cc_abehind(page->after),
                                              cc_ai(page->max)),
                      mem, ret, ret_n);
}

/* OFFSET 0 keeps what belongs to an answer from being read for all of the tenant's at once. */
int cc_visitor_said(struct cc_pg *pool, const char *tenant, const struct cc_visitor_said *what,
                    struct cc_arena *mem, struct cc_visitor_line **ret, int *ret_n)
{
    static const struct cc_stmt kinds[] = {
        [CC_VISITOR_MESSAGES] =
            {"SELECT m.seq::text, json_build_object('id', m.id, 'answerId', m.answer_id,"
             " 'role', m.role, 'text', m.text, 'sources', m.sources::json, 'createdAt', " RFC3339(
                 "m.at") ")::text FROM messages m WHERE m.tenant_id = $1"
                         " AND m.session_id = $2 AND m.seq > coalesce(nullif($3, ''), '0')::bigint"
                         " ORDER BY m.seq LIMIT $4"},
        [CC_VISITOR_FEEDBACK] =
            {"SELECT a.id, json_build_object('answerId', f.answer_id, 'rating', f.rating,"
             " 'comment', f.comment, 'createdAt', " RFC3339(
                 "f.at") ")::text FROM (SELECT a.id FROM answers a"
                         " WHERE a.tenant_id = $1 AND a.session_id = $2 OFFSET 0) a JOIN LATERAL"
                         " (SELECT * FROM feedback f WHERE f.tenant_id = $1 AND f.answer_id = a.id"
                         " OFFSET 0) f ON true WHERE a.id > $3 ORDER BY a.id LIMIT $4"},
        [CC_VISITOR_FILES] =
            {"SELECT f.id, json_build_object('id', f.id, 'filename', f.filename, 'type', f.type,"
             " 'size', f.size, 'status', f.status, 'texts', to_json(f.texts), "
             "'createdAt', " RFC3339(
                 "f.created_at") ")::text FROM session_files f WHERE f.tenant_id = $1"
                                 " AND f.session_id = $2 AND f.id > $3 ORDER BY f.id LIMIT $4"},
    };
    const struct cc_arg args[] = {cc_at(tenant), cc_at(what->session), cc_at(what->after),
                                  cc_ai(what->max)};

    return read_lines(pool, tenant, (struct cc_step){&kinds[what->kind], args, 4}, mem, ret, ret_n);
}

int cc_visitor_secret_rotate(struct cc_pg *pool, const char *tenant, const char *bot)
{
    static const struct cc_stmt ROTATE = {
        "UPDATE bots SET identity_version = identity_version + 1"
        " WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

    return cc_pg_must(pool, tenant, (struct cc_step)CC_STEP(ROTATE, cc_at(tenant), cc_at(bot)),
                      CC_E_NOTFOUND, "no such bot");
}
