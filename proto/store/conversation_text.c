/* What was said in conversations, question by question. */
#include "proto/store/conversation.h"
#include "proto/store/pg_run.h"

/* OFFSET 0 keeps what belongs to a question from being read for all of the tenant's at once. */
#define COLUMNS                                                                                    \
    "SELECT q.session_id, q.id AS question_id, q.text AS question, q.answer_id, a.state, a.code,"  \
    " m.id AS message_id, m.text, coalesce(m.sources, '[]') AS sources, a.provider, a.model,"      \
    " a.finish, f.rating, f.comment, a.from_cache, q.seq,"                                         \
    " (extract(epoch FROM q.at) * 1000)::bigint AS asked,"                                         \
    " coalesce((extract(epoch FROM m.at) * 1000)::bigint, 0) AS answered, a.input_tokens,"         \
    " a.output_tokens, a.cached_tokens, a.cost, a.first_ms, a.total_ms"                            \
    " FROM messages q"                                                                             \
    " JOIN LATERAL (SELECT * FROM answers a WHERE a.tenant_id = $1 AND a.id = q.answer_id"         \
    " OFFSET 0) a ON true"                                                                         \
    " LEFT JOIN LATERAL (SELECT * FROM messages m WHERE m.tenant_id = $1"                          \
    " AND m.answer_id = q.answer_id AND m.role = 'assistant' OFFSET 0) m ON true"                  \
    " LEFT JOIN LATERAL (SELECT * FROM feedback f WHERE f.tenant_id = $1"                          \
    " AND f.answer_id = q.answer_id OFFSET 0) f ON true"
#define OF(session)                                                                                \
    " WHERE q.tenant_id = $1 AND q.session_id = " session " AND q.role = 'user'"                   \
    " AND a.claimed_at > s.cleared_at"

static void read_counts(struct cc_row *row, struct cc_exchange *ret)
{
    ret->cached = cc_row_bool(row);
    ret->seq = cc_row_int(row);
    ret->asked_ms = cc_row_int(row);
    ret->answered_ms = cc_row_int(row);
    ret->input_tokens = cc_row_int(row);
    ret->output_tokens = cc_row_int(row);
    ret->cached_tokens = cc_row_int(row);
    ret->cost = cc_row_int(row);
    ret->first_ms = cc_row_int(row);
    ret->total_ms = cc_row_int(row);
}

static void read_exchange(struct cc_row row, struct cc_exchange *ret)
{
    ret->session = cc_row_text(&row);
    ret->question_id = cc_row_text(&row);
    ret->question = cc_row_text(&row);
    ret->answer = cc_row_text(&row);
    ret->state = cc_row_text(&row);
    ret->code = cc_row_text(&row);
    ret->message_id = cc_row_text(&row);
    ret->text = cc_row_text(&row);
    ret->sources = cc_row_text(&row);
    ret->provider = cc_row_text(&row);
    ret->model = cc_row_text(&row);
    ret->finish = cc_row_text(&row);
    ret->rating = cc_row_text(&row);
    ret->comment = cc_row_text(&row);
    read_counts(&row, ret);
}

static void read_all(const struct cc_rows *rows, struct cc_arena *mem, struct cc_exchange **ret,
                     int *ret_n)
{
    int n = cc_rows_n(rows, 0);
    struct cc_exchange *list = cc_arena_array(mem, (size_t)n + 1, sizeof *list);

    for (int i = 0; i < n; i++)
        read_exchange(cc_row(rows, 0, i, mem), &list[i]);
    *ret = list;
    *ret_n = n;
}

int cc_exchange_page(struct cc_pg *pool, const char *tenant, const struct cc_exchange_page *page,
                     struct cc_arena *mem, struct cc_exchange **ret, int *ret_n)
{
    static const struct cc_stmt PAGE = {
        "SELECT * FROM (" COLUMNS " JOIN sessions s ON s.tenant_id = $1 AND s.id = $2" OF(
            "$2") " AND ($3 = '' OR q.seq < (SELECT b.seq FROM messages b WHERE b.tenant_id = $1"
                  " AND b.session_id = $2 AND b.id = $3)) ORDER BY q.seq DESC LIMIT $4) x ORDER BY "
                  "x.seq"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(PAGE, cc_at(tenant), cc_at(page->session),
                                        cc_at(page->before), cc_ai(page->max))));

    if (rc == 0)
        read_all(&rows, mem, ret, ret_n);
    return rc;
}

int cc_exchange_list(struct cc_pg *pool, const char *tenant, const struct cc_exchange_run *run,
                     struct cc_arena *mem, struct cc_exchange **ret, int *ret_n)
{
    static const struct cc_stmt RUN = {
        "SELECT x.* FROM unnest($2::text[]) WITH ORDINALITY AS i(id, place)"
        " JOIN sessions s ON s.tenant_id = $1 AND s.id = i.id"
        " JOIN LATERAL (" COLUMNS OF(
            "i.id") " AND q.seq > $3 ORDER BY q.seq LIMIT $4) x ON true ORDER BY i.place, x.seq"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, tenant, &rows,
        CC_STEPS(CC_STEP(RUN, cc_at(tenant), cc_at(cc_array_texts(mem, run->sessions, run->n)),
                         cc_ai(run->after), cc_ai(run->each))));

    if (rc == 0)
        read_all(&rows, mem, ret, ret_n);
    return rc;
}
