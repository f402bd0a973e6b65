#include "proto/store/audit.h"

#include "proto/store/pg_run.h"

static void read_entry(struct cc_row row, struct cc_audit_entry *ret)
{
    ret->id = cc_row_int(&row);
    ret->at_ms = cc_row_int(&row);
    ret->actor = cc_row_text(&row);
    ret->address = cc_row_text(&row);
    ret->action = cc_row_text(&row);
    ret->noun = cc_row_text(&row);
    ret->row = cc_row_text(&row);
    ret->changed = cc_row_texts(&row, &ret->changed_n);
    ret->before = cc_row_text(&row);
    ret->after = cc_row_text(&row);
}

/* One statement for each set of conditions: of one whose conditions may be empty PostgreSQL uses no
 * index. */
#define PAGE(where)                                                                                \
    {                                                                                              \
        "SELECT id, (extract(epoch FROM at) * 1000)::bigint, actor, address, action, noun,"        \
        " row_id, changed, before_hash, after_hash FROM audit_log WHERE tenant_id = $1"            \
        " AND id < $2" where " ORDER BY id DESC LIMIT $3"                                          \
    }
#define WITHIN " AND at >= to_timestamp($4::float8 / 1000) AND at < to_timestamp($5::float8 / 1000)"
enum { OF_ACTOR = 1, OF_NOUN = 2, WITHIN_TIMES = 4 };
static const struct cc_stmt pages[] = {
    [0] = PAGE(""),
    [OF_ACTOR] = PAGE(" AND actor = $4"),
    [OF_NOUN] = PAGE(" AND noun = $4"),
    [OF_ACTOR | OF_NOUN] = PAGE(" AND actor = $4 AND noun = $5"),
    [WITHIN_TIMES] = PAGE(WITHIN),
    [WITHIN_TIMES | OF_ACTOR] = PAGE(WITHIN " AND actor = $6"),
    [WITHIN_TIMES | OF_NOUN] = PAGE(WITHIN " AND noun = $6"),
    [WITHIN_TIMES | OF_ACTOR | OF_NOUN] = PAGE(WITHIN " AND actor = $6 AND noun = $7"),
};

#define FAR INT64_C(253402300800000) /* the year 10000 */

int cc_audit_list(struct cc_pg *pool, const struct cc_audit_query *q, struct cc_arena *mem,
                  struct cc_audit_entry **ret, int *ret_n)
{
    int set = (*q->actor ? OF_ACTOR : 0) | (*q->noun ? OF_NOUN : 0) |
              (q->from_ms > 0 || q->until_ms > 0 ? WITHIN_TIMES : 0);
    struct cc_arg args[7] = {cc_at(q->tenant), cc_ai(q->before > 0 ? q->before : INT64_MAX),
                             cc_ai(q->max)};
    int n = 3;

    if (set & WITHIN_TIMES) {
        args[n++] = cc_ai(q->from_ms);
        args[n++] = cc_ai(q->until_ms > 0 ? q->until_ms : FAR);
    }
    if (set & OF_ACTOR)
        args[n++] = cc_at(q->actor);
    if (set & OF_NOUN)
        args[n++] = cc_at(q->noun);
    const struct cc_step step = {&pages[set], args, (size_t)n};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, q->tenant, &rows, (struct cc_steps){&step, 1});

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_entry(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}
