#include "proto/store/usage.h"

#include "proto/store/pg_run.h"

#define LIST(of)                                                                                   \
    {                                                                                              \
        "SELECT " of ", sum(answers)::bigint, sum(input_tokens)::bigint,"                          \
        " sum(output_tokens)::bigint, sum(cached_tokens)::bigint, sum(cost)::bigint"               \
        " FROM usage_daily WHERE tenant_id = $1 AND day BETWEEN date '1970-01-01' + $2::int"       \
        " AND date '1970-01-01' + $3::int AND ($4 = '' OR bot_id = $4)"                            \
        " GROUP BY 1 ORDER BY 1 LIMIT $5"                                                          \
    }

static const struct cc_stmt by[] = {
    [CC_USAGE_DAY] = LIST("to_char(day, 'YYYY-MM-DD')"),
    [CC_USAGE_BOT] = LIST("bot_id"),
    [CC_USAGE_MODEL] = LIST("model"),
};

static void read_usage(struct cc_row row, struct cc_usage *ret)
{
    ret->of = cc_row_text(&row);
    ret->answers = cc_row_int(&row);
    ret->input_tokens = cc_row_int(&row);
    ret->output_tokens = cc_row_int(&row);
    ret->cached_tokens = cc_row_int(&row);
    ret->cost = cc_row_int(&row);
}

int cc_usage_list(struct cc_pg *pool, const struct cc_usage_query *q, struct cc_arena *mem,
                  struct cc_usage **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, q->tenant, &rows,
                       CC_STEPS(CC_STEP(by[q->group], cc_at(q->tenant), cc_ai(q->first_day),
                                        cc_ai(q->last_day), cc_at(q->bot), cc_ai(CC_USAGE_MAX))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_usage(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}
