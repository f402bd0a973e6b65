/* Conversations in lists, and what people make of them. */
#include "proto/store/conversation.h"

#include <string.h>

#include "proto/store/pg_run.h"

#define MARK_BYTES   (64 * 1024) /* labels as an array */
#define FILTER_BYTES (64 * 1024) /* words as an array */
#define BEFORE_LAST  "1999"      /* CC_CONVERSATION_SCAN less one */

/* ---- looking through ---- */

#define MOMENT(n) "(timestamptz 'epoch' + $" n " * interval '1 us')"

/* $1 tenant, $2 $3 behind this place, $4 $5 not past this one; then what an index is entered with.
 * The indexes of lists want to hear of -infinity. */
#define RANGE                                                                                      \
    " FROM sessions s WHERE s.tenant_id = $1 AND s.created_at > '-infinity'"                       \
    " AND (s.created_at, s.id) < (" MOMENT("2") ", $3)"                                            \
                                                " AND (s.created_at, s.id) >= (" MOMENT(           \
                                                    "4") ", $5)"
#define ORDER " ORDER BY s.created_at DESC, s.id DESC"
#define START "(extract(epoch FROM s.created_at) * 1000000)::bigint"

/*
 * Which index: all by time, or the one of the narrowest filter.  Each statement is there
 * once for each, as a condition that may be absent enters no index.
 */
enum way { ALL, OF_BOT, OF_VISITOR, FLAGGED, WAITING, WAYS };
#define BY_BOT(n)     " AND s.bot_id = $" n
#define BY_VISITOR(n) " AND s.visitor_id = $" n " AND s.visitor_id <> ''"
#define BY_FLAG(n)    " AND s.flagged AND $" n "::text IS NOT NULL"
#define BY_WISH(n)    " AND s.handoff = 'waiting' AND $" n "::text IS NOT NULL"
#define BY_ALL(n)     " AND $" n "::text IS NOT NULL"

/* OFFSET 0 keeps each of these from being read for all of the tenant at once. */
#define RATED                                                                                      \
    "EXISTS (SELECT FROM (SELECT m.answer_id FROM messages m WHERE m.tenant_id = $1"               \
    " AND m.session_id = s.id AND m.role = 'user' OFFSET 0) m"                                     \
    " JOIN LATERAL (SELECT f.rating FROM feedback f WHERE f.tenant_id = $1"                        \
    " AND f.answer_id = m.answer_id OFFSET 0) f ON f.rating = $11 OFFSET 0)"
#define SAID                                                                                       \
    "(SELECT count(DISTINCT w) FROM (SELECT lower(m.text) AS t FROM messages m"                    \
    " WHERE m.tenant_id = $1 AND m.session_id = s.id UNION ALL"                                    \
    " SELECT lower(j.value) FROM json_each_text(s.form::json) j OFFSET 0) x,"                      \
    " unnest($13::text[]) w"                                                                       \
    " WHERE strpos(x.t, lower(w)) > 0) = cardinality($13::text[])"
#define PASSES                                                                                     \
    " AND ($8 = '' OR s.bot_id = $8) AND ($9 = '' OR $9 = ANY (s.labels))"                         \
    " AND ($10 = '' OR s.status = $10) AND ($11 = '' OR " RATED ")"                                \
    " AND ($12 < 0 OR s.flagged = ($12 = 1)) AND ($13 = '{}' OR " SAID ")"                         \
    " AND ($14 = '' OR s.handoff = $14)"

/* What a row shows; the rows themselves come first, so that no more than these are looked at. */
#define SHOWN                                                                                      \
    "SELECT s.id, s.bot_id, s.status, s.assignee, s.note, s.visitor_id, v.external, v.name,"       \
    " v.email, q.text, s.labels, s.form, s.handoff, s.handoff_email, s.handoff_note,"              \
    " coalesce((extract(epoch FROM s.handoff_at) * 1000)::bigint, 0), s.flagged, coalesce(d.up, "  \
    "false), coalesce(d.down, false)," START                                                       \
    ", coalesce((extract(epoch FROM d.last) * 1000)::bigint, 0), d.n FROM ("
#define DETAILS                                                                                    \
    ") s LEFT JOIN visitors v ON v.tenant_id = $1 AND v.id = s.visitor_id"                         \
    " LEFT JOIN LATERAL (SELECT count(*) AS n, max(m.at) AS last, bool_or(f.rating = 'up') AS up," \
    " bool_or(f.rating = 'down') AS down FROM (SELECT m.at, m.answer_id FROM messages m"           \
    " WHERE m.tenant_id = $1 AND m.session_id = s.id OFFSET 0) m"                                  \
    " JOIN LATERAL (SELECT a.claimed_at FROM answers a WHERE a.tenant_id = $1"                     \
    " AND a.id = m.answer_id OFFSET 0) a ON a.claimed_at > s.cleared_at"                           \
    " LEFT JOIN LATERAL (SELECT f.rating FROM feedback f WHERE f.tenant_id = $1"                   \
    " AND f.answer_id = m.answer_id OFFSET 0) f ON true) d"                                        \
    " ON true LEFT JOIN LATERAL (SELECT left(m.text, 300) AS text FROM messages m"                 \
    " WHERE m.tenant_id = $1 AND m.session_id = s.id AND m.role = 'user' ORDER BY m.seq LIMIT 1)"  \
    " q ON true"

/* The limits that are written out tell the planner that few are wanted, in the index's order. */
#define LIST(by, filter)                                                                           \
    {                                                                                              \
        SHOWN "SELECT * FROM (SELECT s.*" RANGE by("6") filter ORDER                               \
            " LIMIT 101) s LIMIT $7" DETAILS ORDER                                                 \
    }
#define LAST(by)                                                                                   \
    {                                                                                              \
        "SELECT " START ", s.id" RANGE by("6") ORDER " OFFSET " BEFORE_LAST " LIMIT 1"             \
    }
static const struct cc_stmt list_by[WAYS] = {LIST(BY_ALL, ""), LIST(BY_BOT, ""),
                                             LIST(BY_VISITOR, ""), LIST(BY_FLAG, ""),
                                             LIST(BY_WISH, "")},
                            search_by[WAYS] = {LIST(BY_ALL, PASSES), LIST(BY_BOT, PASSES),
                                               LIST(BY_VISITOR, PASSES), LIST(BY_FLAG, PASSES),
                                               LIST(BY_WISH, PASSES)},
                            last_by[WAYS] = {LAST(BY_ALL), LAST(BY_BOT), LAST(BY_VISITOR),
                                             LAST(BY_FLAG), LAST(BY_WISH)};

/* A list on its way: from behind `after` down to `to`, which is looked at, too. */
struct look {
    const struct cc_conversation_filter *filter;
    enum way way;
    const char *key; /* what the way's index is entered with */
    struct cc_conversation_place after, to;
    bool bounded; /* there is more behind `to` */
};

static enum way way_of(const struct cc_conversation_filter *filter)
{
    if (*filter->visitor)
        return OF_VISITOR;
    if (strcmp(filter->handoff, "waiting") == 0)
        return WAITING;
    if (filter->flagged == 1)
        return FLAGGED;
    return *filter->bot ? OF_BOT : ALL;
}

/* Every id comes behind "". */
static struct look look_of(const struct cc_conversation_filter *filter,
                           const struct cc_conversation_place *after)
{
    bool begins = after->at_us == 0;
    enum way way = way_of(filter);

    return (struct look){
        .filter = filter,
        .way = way,
        .key = way == OF_VISITOR ? filter->visitor : filter->bot,
        .after = {begins ? filter->until_us : after->at_us, begins ? "" : after->id},
        .to = {filter->from_us, ""},
    };
}

/* Does the index alone say which are wanted? */
static bool finds_all(const struct look *look)
{
    const struct cc_conversation_filter *f = look->filter;

    return !*f->label && !*f->status && !*f->rating && f->words_n == 0 &&
           (!*f->handoff || look->way == WAITING) && (f->flagged < 0 || look->way == FLAGGED) &&
           (!*f->bot || look->way == OF_BOT);
}

#define PLACES(tenant, look)                                                                       \
    cc_at(tenant), cc_ai((look)->after.at_us), cc_at((look)->after.id), cc_ai((look)->to.at_us),   \
        cc_at((look)->to.id), cc_at((look)->key)

/* The last one that this call may look at becomes its end. */
static int bound(struct cc_pg *pool, const char *tenant, struct cc_arena *mem, struct look *look)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_row row;
    int rc =
        cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(last_by[look->way], PLACES(tenant, look))));

    if (rc || cc_rows_n(&rows, 0) == 0)
        return rc;
    row = cc_row(&rows, 0, 0, mem);
    look->to.at_us = cc_row_int(&row);
    look->to.id = cc_row_text(&row);
    look->bounded = true;
    return 0;
}

static void read_one(struct cc_row row, struct cc_conversation *ret)
{
    ret->id = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->status = cc_row_text(&row);
    ret->assignee = cc_row_text(&row);
    ret->note = cc_row_text(&row);
    ret->visitor = cc_row_text(&row);
    ret->external = cc_row_text(&row);
    ret->name = cc_row_text(&row);
    ret->email = cc_row_text(&row);
    ret->question = cc_row_text(&row);
    ret->labels = cc_row_texts(&row, &ret->labels_n);
    ret->form = cc_row_text(&row);
    ret->handoff = cc_row_text(&row);
    ret->handoff_email = cc_row_text(&row);
    ret->handoff_note = cc_row_text(&row);
    ret->handoff_ms = cc_row_int(&row);
    ret->flagged = cc_row_bool(&row);
    ret->up = cc_row_bool(&row);
    ret->down = cc_row_bool(&row);
    ret->started_us = cc_row_int(&row);
    ret->last_ms = cc_row_int(&row);
    ret->messages = cc_row_int(&row);
}

/* One more than asked for tells that the list goes on before the end of what was looked at. */
static void read_page(const struct cc_rows *rows, const struct look *look, int max,
                      struct cc_arena *mem, struct cc_conversation_page *ret)
{
    int n = cc_rows_n(rows, 0);
    bool full = n > max;

    n = full ? max : n;
    ret->at = cc_arena_array(mem, (size_t)n + 1, sizeof *ret->at);
    ret->n = n;
    for (int i = 0; i < n; i++)
        read_one(cc_row(rows, 0, i, mem), &ret->at[i]);
    ret->more = full || look->bounded;
    ret->next = look->to;
    if (full)
        ret->next = (struct cc_conversation_place){ret->at[n - 1].started_us, ret->at[n - 1].id};
}

int cc_conversation_list(struct cc_pg *pool, const char *tenant,
                         const struct cc_conversation_filter *filter,
                         const struct cc_conversation_place *after, int max, struct cc_arena *mem,
                         struct cc_conversation_page *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *own = cc_arena_new(FILTER_BYTES);
    struct look look = look_of(filter, after);
    bool plain = finds_all(&look);
    int rc = plain ? 0 : bound(pool, tenant, mem, &look);

    if (rc == 0 && plain)
        rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(list_by[look.way], PLACES(tenant, &look), cc_ai(max + 1))));
    else if (rc == 0)
        rc = cc_pg_run(
            pool, tenant, &rows,
            CC_STEPS(CC_STEP(search_by[look.way], PLACES(tenant, &look), cc_ai(max + 1),
                             cc_at(filter->bot), cc_at(filter->label), cc_at(filter->status),
                             cc_at(filter->rating), cc_ai(filter->flagged),
                             cc_at(cc_array_texts(own, filter->words, filter->words_n)),
                             cc_at(filter->handoff))));
    if (rc == 0)
        read_page(&rows, &look, max, mem, ret);
    return rc;
}

int cc_conversation_get(struct cc_pg *pool, const char *tenant, const char *id,
                        struct cc_arena *mem, struct cc_conversation *ret)
{
    static const struct cc_stmt GET = {
        SHOWN "SELECT s.* FROM sessions s WHERE s.tenant_id = $1 AND s.id = $2" DETAILS};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "there is no such conversation");
    read_one(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

/* ---- their bots ---- */

int cc_conversation_knows_bot(struct cc_pg *pool, const char *tenant, const char *bot)
{
    static const struct cc_stmt KNOWS = {"SELECT 1 FROM bots WHERE tenant_id = $1 AND id = $2"};

    return cc_pg_must(pool, tenant, (struct cc_step)CC_STEP(KNOWS, cc_at(tenant), cc_at(bot)),
                      CC_E_NOTFOUND, "there is no such bot");
}

int cc_conversation_prompt(struct cc_pg *pool, const char *tenant, const char *bot,
                           struct cc_arena *mem, const char **ret)
{
    static const struct cc_stmt PROMPT = {
        "SELECT system FROM bots WHERE tenant_id = $1 AND id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(PROMPT, cc_at(tenant), cc_at(bot))));
    struct cc_row row;

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "there is no such bot");
    row = cc_row(&rows, 0, 0, mem);
    *ret = cc_row_text(&row);
    return 0;
}

/* ---- what people make of them ---- */

static const struct cc_stmt
    SET =
        {"UPDATE sessions SET flagged = CASE WHEN $4::bigint < 0 THEN flagged ELSE $4::bigint = 1 "
         "END,"
         " status = CASE $5::int WHEN 0 THEN 'open' WHEN 1 THEN 'closed' ELSE status END,"
         " note = coalesce($6::text, note), labels = coalesce($7::text[], labels),"
         " assignee = coalesce($8::text, assignee), handoff = CASE"
         " WHEN $5::int = 1 AND handoff IN ('waiting', 'joined') THEN 'ended'"
         " WHEN $8::text <> '' AND handoff = 'waiting' THEN 'joined'"
         " WHEN $8::text = '' AND handoff = 'joined' THEN 'waiting' ELSE handoff END"
         " WHERE tenant_id = $1 AND id = $2 AND ($3 = '' OR bot_id = $3)"
         " AND (coalesce($8::text, '') = '' OR EXISTS (SELECT FROM members o WHERE o.tenant_id = $1"
         " AND o.user_id = $8))"},
    THERE = {
        "SELECT 1 FROM sessions WHERE tenant_id = $1 AND id = $2 AND ($3 = '' OR bot_id = $3)"};

int cc_conversation_set(struct cc_pg *pool, const char *tenant,
                        const struct cc_conversation_mark *mark)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(MARK_BYTES);
    const char *labels =
        mark->labels_n < 0 ? NULL : cc_array_texts(mem, mark->labels, mark->labels_n);
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(SET, cc_at(tenant), cc_at(mark->id), cc_at(mark->bot),
                                        cc_ai(mark->flagged), cc_ai(mark->closed),
                                        cc_at(mark->note), cc_at(labels), cc_at(mark->assignee)),
                                CC_STEP(THERE, cc_at(tenant), cc_at(mark->id), cc_at(mark->bot))));

    if (rc || cc_rows_changed(&rows, 0) > 0)
        return rc;
    if (cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "there is no such conversation");
    return cc_fail(CC_E_CONFLICT, "that user is no member of the tenant");
}
