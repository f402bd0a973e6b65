/* Conversations and answers of a range of days, summed up. */
#include <string.h>

#include "proto/store/conversation.h"
#include "proto/store/pg_run.h"

/* $2: the first day, $3: the first after the last.  Day -1 is the whole range. */
#define IN(moment)                                                                                 \
    " >= (date '1970-01-01' + $2::int)::timestamp AT TIME ZONE 'UTC' AND " moment                  \
    " < (date '1970-01-01' + $3::int)::timestamp AT TIME ZONE 'UTC'"
#define DAY(moment) "((" moment " AT TIME ZONE 'UTC')::date - date '1970-01-01')::bigint"
#define EACH        " GROUP BY GROUPING SETS ((x.day), ())"
#define SHOWN_DAY   "SELECT coalesce(x.day, -1), "

static const struct cc_stmt
    ANSWERS = {SHOWN_DAY
               "count(*), count(x.message_id), count(*) FILTER (WHERE x.state IN ('failed',"
               " 'expired', 'dead')), count(*) FILTER (WHERE x.unanswered),"
               " coalesce(sum(x.input_tokens), 0)::bigint,"
               " coalesce(sum(x.output_tokens), 0)::bigint, coalesce(sum(x.cost), 0)::bigint,"
               " coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY x.total_ms)"
               " FILTER (WHERE x.state = 'done'), 0),"
               " coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY x.total_ms)"
               " FILTER (WHERE x.state = 'done'), 0),"
               " coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY x.first_ms)"
               " FILTER (WHERE x.state = 'done'), 0)"
               " FROM (SELECT " DAY(
                   "a.asked_at") " AS day, a.* FROM answers a"
                                 " WHERE a.tenant_id = $1 AND a.asked_at > '-infinity'"
                                 " AND a.asked_at" IN(
                                     "a.asked_at") " AND ($4 = '' OR a.bot_id = $4)) x" EACH},
    SESSIONS = {SHOWN_DAY "count(*), count(DISTINCT x.who) FROM (SELECT " DAY(
        "s.created_at") " AS day, CASE s.visitor_id WHEN '' THEN s.id ELSE s.visitor_id END AS who"
                        " FROM sessions s WHERE s.tenant_id = $1"
                        " AND s.created_at > '-infinity' AND s.created_at" IN(
                            "s.created_at") " AND ($4 = '' OR s.bot_id = $4)) x" EACH},
    RATINGS = {SHOWN_DAY
               "count(*) FILTER (WHERE x.rating = 'up'),"
               " count(*) FILTER (WHERE x.rating = 'down') FROM (SELECT " DAY(
                   "f.at") " AS day, f.rating FROM feedback f"
                           " JOIN answers a ON a.tenant_id = f.tenant_id AND a.id = f.answer_id"
                           " WHERE f.tenant_id = $1 AND f.at" IN(
                               "f.at") " AND ($4 = '' OR a.bot_id = $4)) x" EACH},
    MODELS = {"SELECT d.model, (d.day - date '1970-01-01')::bigint, sum(d.answers)::bigint,"
              " sum(d.input_tokens)::bigint, sum(d.output_tokens)::bigint,"
              " sum(d.cached_tokens)::bigint, sum(d.cost)::bigint FROM usage_daily d"
              " WHERE d.tenant_id = $1 AND d.day >= date '1970-01-01' + $2::int"
              " AND d.day < date '1970-01-01' + $3::int AND ($4 = '' OR d.bot_id = $4)"
              " GROUP BY d.day, d.model ORDER BY d.day DESC, d.model"};

#define SPAN(tenant, range)                                                                        \
    cc_at(tenant), cc_ai((range)->from_day), cc_ai((range)->from_day + (range)->days),             \
        cc_at((range)->bot)

static void read_answers(struct cc_row *row, struct cc_overview *to)
{
    to->questions = cc_row_int(row);
    to->answers = cc_row_int(row);
    to->failed = cc_row_int(row);
    to->unanswered = cc_row_int(row);
    to->input_tokens = cc_row_int(row);
    to->output_tokens = cc_row_int(row);
    to->cost = cc_row_int(row);
    to->median_ms = cc_row_real(row);
    to->p95_ms = cc_row_real(row);
    to->first_ms = cc_row_real(row);
}

static void read_sessions(struct cc_row *row, struct cc_overview *to)
{
    to->conversations = cc_row_int(row);
    to->visitors = cc_row_int(row);
}

static void read_ratings(struct cc_row *row, struct cc_overview *to)
{
    to->up = cc_row_int(row);
    to->down = cc_row_int(row);
}

int cc_overview_get(struct cc_pg *pool, const char *tenant, const struct cc_overview_range *range,
                    struct cc_overview *ret_all, struct cc_overview *ret_days)
{
    static void (*const read[])(struct cc_row * row, struct cc_overview * to) = {
        read_answers, read_sessions, read_ratings};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(ANSWERS, SPAN(tenant, range)),
                                CC_STEP(SESSIONS, SPAN(tenant, range)),
                                CC_STEP(RATINGS, SPAN(tenant, range))));

    if (rc)
        return rc;
    *ret_all = (struct cc_overview){0};
    memset(ret_days, 0, (size_t)range->days * sizeof *ret_days);
    for (int step = 0; step < 3; step++)
        for (int i = 0; i < cc_rows_n(&rows, step); i++) {
            struct cc_row row = cc_row(&rows, step, i, NULL);
            int64_t day = cc_row_int(&row);

            read[step](&row, day < 0 ? ret_all : &ret_days[day - range->from_day]);
        }
    return 0;
}

static void read_model(struct cc_row row, struct cc_model_day *ret)
{
    ret->model = cc_row_text(&row);
    ret->day = cc_row_int(&row);
    ret->answers = cc_row_int(&row);
    ret->input_tokens = cc_row_int(&row);
    ret->output_tokens = cc_row_int(&row);
    ret->cached_tokens = cc_row_int(&row);
    ret->cost = cc_row_int(&row);
}

int cc_model_days(struct cc_pg *pool, const char *tenant, const struct cc_overview_range *range,
                  struct cc_arena *mem, struct cc_model_day **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(MODELS, SPAN(tenant, range))));
    int n = rc ? 0 : cc_rows_n(&rows, 0);

    if (rc)
        return rc;
    *ret = cc_arena_array(mem, (size_t)n + 1, sizeof **ret);
    for (int i = 0; i < n; i++)
        read_model(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    *ret_n = n;
    return 0;
}
