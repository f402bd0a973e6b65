/* What was said, and what visitors thought of it. */
#include "proto/store/pg_run.h"
#include "proto/store/turn_inside.h"

void cc_message_row(struct cc_row row, struct cc_message *ret)
{
    ret->id = cc_row_text(&row);
    ret->answer = cc_row_text(&row);
    ret->role = cc_row_text(&row);
    ret->text = cc_row_text(&row);
    ret->sources = cc_row_text(&row);
    ret->state = cc_row_text(&row);
    ret->at_ms = cc_row_int(&row);
}

/* Of the conversation since it was cleared; what is not wanted is told by empty texts. */
struct wanted {
    const char *session, *except, *before;
    int max;
};

#define COLUMNS                                                                                    \
    "SELECT m.id, m.answer_id, m.role, m.text, m.sources, a.state,"                                \
    " (extract(epoch FROM m.at) * 1000)::bigint"
#define RATING 7 /* the column behind them */
#define OF_SESSION                                                                                 \
    " FROM messages m"                                                                             \
    " JOIN answers a ON a.tenant_id = m.tenant_id AND a.id = m.answer_id"                          \
    " JOIN sessions s ON s.tenant_id = m.tenant_id AND s.id = m.session_id"
#define LAST                                                                                       \
    " WHERE m.tenant_id = $1 AND m.session_id = $2 AND m.answer_id <> $3"                          \
    " AND a.claimed_at > s.cleared_at"                                                             \
    " AND ($4 = '' OR m.seq < (SELECT b.seq FROM messages b WHERE b.tenant_id = $1"                \
    " AND b.session_id = $2 AND b.id = $4))"                                                       \
    " ORDER BY m.seq DESC LIMIT $5"

const struct cc_stmt cc_message_last = {COLUMNS OF_SESSION LAST};

#define WANTED(tenant, w)                                                                          \
    cc_at(tenant), cc_at((w)->session), cc_at((w)->except), cc_at((w)->before), cc_ai((w)->max)

/* Newest first. */
static struct cc_message *read_list(const struct cc_rows *rows, struct cc_arena *mem, int *ret_n)
{
    int n = cc_rows_n(rows, 0);
    struct cc_message *list = cc_arena_array(mem, (size_t)n, sizeof *list);

    for (int i = 0; i < n; i++)
        cc_message_row(cc_row(rows, 0, n - 1 - i, mem), &list[i]);
    *ret_n = n;
    return list;
}

int cc_message_list(struct cc_pg *pool, const char *tenant, const char *session, const char *except,
                    int max, struct cc_arena *mem, struct cc_message **ret, int *ret_n)
{
    const struct wanted w = {session, except, "", max};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(cc_message_last, WANTED(tenant, &w))));

    if (rc == 0)
        *ret = read_list(&rows, mem, ret_n);
    return rc;
}

/* ---- for who has come back ---- */

static void read_ratings(const struct cc_rows *rows, struct cc_arena *mem, struct cc_said *said)
{
    for (int i = 0; i < said->n; i++) {
        struct cc_row row = cc_row(rows, 0, said->n - 1 - i, mem);

        row.col = RATING;
        said->messages[i].rating = cc_row_text(&row);
    }
}

static void read_state(const struct cc_rows *rows, struct cc_arena *mem, struct cc_said *said)
{
    struct cc_row row;

    if (cc_rows_n(rows, 1) == 0)
        return;
    row = cc_row(rows, 1, 0, mem);
    said->handoff = cc_row_text(&row);
    said->form = cc_row_bool(&row);
}

/* OFFSET 0 keeps the ratings from being read for all of the tenant at once. */
int cc_message_page(struct cc_pg *pool, const char *tenant, const struct cc_message_page *page,
                    struct cc_arena *mem, struct cc_said *ret)
{
    static const struct cc_stmt
        PAGE = {COLUMNS ", f.rating" OF_SESSION
                        " LEFT JOIN LATERAL (SELECT f.rating FROM feedback f"
                        " WHERE f.tenant_id = $1 AND f.answer_id = m.answer_id OFFSET 0) f"
                        " ON m.role = 'assistant'" LAST},
        STATE = {"SELECT handoff, form <> '{}' FROM sessions WHERE tenant_id = $1 AND id = $2"};
    const struct wanted w = {page->session, "", page->before, page->max};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct cc_said said = {.handoff = ""};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(PAGE, WANTED(tenant, &w)),
                                CC_STEP(STATE, cc_at(tenant), cc_at(page->session))));

    if (rc)
        return rc;
    said.messages = read_list(&rows, mem, &said.n);
    read_ratings(&rows, mem, &said);
    read_state(&rows, mem, &said);
    *ret = said;
    return 0;
}

/* ---- ratings ---- */

int cc_feedback_put(struct cc_pg *pool, const struct cc_feedback *feedback)
{
    static const struct cc_stmt PUT = {
        "INSERT INTO feedback (tenant_id, answer_id, rating, comment)"
        " SELECT tenant_id, id, $3, $4 FROM answers WHERE tenant_id = $1 AND id = $2"
        " ON CONFLICT (tenant_id, answer_id)"
        " DO UPDATE SET rating = excluded.rating, comment = excluded.comment, at = now()"};

    return cc_pg_must(pool, feedback->tenant,
                      (struct cc_step)CC_STEP(PUT, cc_at(feedback->tenant), cc_at(feedback->answer),
                                              cc_at(feedback->rating), cc_at(feedback->comment)),
                      CC_E_NOTFOUND, "no such answer");
}
