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

const struct cc_stmt cc_message_last = {
    "SELECT m.id, m.answer_id, m.role, m.text, m.sources, a.state,"
    " (extract(epoch FROM m.at) * 1000)::bigint"
    " FROM messages m"
    " JOIN answers a ON a.tenant_id = m.tenant_id AND a.id = m.answer_id"
    " JOIN sessions s ON s.tenant_id = m.tenant_id AND s.id = m.session_id"
    " WHERE m.tenant_id = $1 AND m.session_id = $2 AND m.answer_id <> $3"
    " AND a.claimed_at > s.cleared_at"
    " AND ($4 = '' OR m.seq < (SELECT b.seq FROM messages b WHERE b.tenant_id = $1"
    " AND b.session_id = $2 AND b.id = $4))"
    " ORDER BY m.seq DESC LIMIT $5"};

static int last_messages(struct cc_pg *pool, const char *tenant, const struct wanted *w,
                         struct cc_arena *mem, struct cc_message **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int n, rc = cc_pg_run(pool, tenant, &rows,
                          CC_STEPS(CC_STEP(cc_message_last, cc_at(tenant), cc_at(w->session),
                                           cc_at(w->except), cc_at(w->before), cc_ai(w->max))));

    if (rc)
        return rc;
    n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)n, sizeof **ret);
    for (int i = 0; i < n; i++)
        cc_message_row(cc_row(&rows, 0, n - 1 - i, mem), &(*ret)[i]);
    *ret_n = n;
    return 0;
}

int cc_message_list(struct cc_pg *pool, const char *tenant, const char *session, const char *except,
                    int max, struct cc_arena *mem, struct cc_message **ret, int *ret_n)
{
    struct wanted w = {session, except, "", max};

    return last_messages(pool, tenant, &w, mem, ret, ret_n);
}

int cc_message_page(struct cc_pg *pool, const char *tenant, const struct cc_message_page *page,
                    struct cc_arena *mem, struct cc_message **ret, int *ret_n)
{
    struct wanted w = {page->session, "", page->before, page->max};

    return last_messages(pool, tenant, &w, mem, ret, ret_n);
}

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
