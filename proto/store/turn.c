#include "proto/store/turn.h"

#include "proto/store/turn_inside.h"

static void read_messages(const struct cc_rows *rows, struct cc_arena *mem, struct cc_turn *ret)
{
    int n = cc_rows_n(rows, 1);

    ret->messages = cc_arena_array(mem, (size_t)n, sizeof *ret->messages);
    for (int i = 0; i < n; i++)
        cc_message_row(cc_row(rows, 1, n - 1 - i, mem), &ret->messages[i]);
    ret->messages_n = n;
}

int cc_turn_load(struct cc_pg *pool, const struct cc_turn_query *q, struct cc_arena *mem,
                 struct cc_turn *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, q->tenant, &rows,
                       CC_STEPS(CC_STEP(cc_bot_by_id, cc_at(q->tenant), cc_at(q->bot)),
                                CC_STEP(cc_message_last, cc_at(q->tenant), cc_at(q->session),
                                        cc_at(q->except), cc_at(""), cc_ai(q->max)),
                                CC_STEP(cc_knowledge_of, cc_at(q->tenant))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0 || cc_rows_n(&rows, 2) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such bot");
    struct cc_row bot = cc_row(&rows, 0, 0, mem), tenant = cc_row(&rows, 2, 0, NULL);
    cc_bot_row(&bot, &ret->bot);
    read_messages(&rows, mem, ret);
    ret->knowledge = cc_row_int(&tenant);
    return 0;
}
