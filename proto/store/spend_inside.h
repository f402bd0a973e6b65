/*
 * spend_inside.h - what the end of an answer does to its hold.  For proto/store alone.
 */
#ifndef CC_STORE_SPEND_INSIDE_H
#define CC_STORE_SPEND_INSIDE_H

#include "proto/store/pg_run.h"

/* Fenced: takes the hold away; the whole of one that an earlier attempt left is booked. */
extern const struct cc_stmt cc_spend_end; /* tenant, answer, attempt */
/* After the attempt has booked what it used: the rest stays, for the next. */
extern const struct cc_stmt cc_spend_rest; /* tenant, answer, attempt, input, output, cost */

/* Adds one row of these columns to the day's sums; they come from `from`. */
#define CC_DAILY_ADD                                                                               \
    "INSERT INTO usage_daily AS d (tenant_id, day, bot_id, model, answers, input_tokens,"          \
    " output_tokens, cached_tokens, cost) "
#define CC_DAILY_SUM                                                                               \
    " ON CONFLICT (tenant_id, day, bot_id, model) DO UPDATE SET"                                   \
    " answers = d.answers + excluded.answers,"                                                     \
    " input_tokens = d.input_tokens + excluded.input_tokens,"                                      \
    " output_tokens = d.output_tokens + excluded.output_tokens,"                                   \
    " cached_tokens = d.cached_tokens + excluded.cached_tokens,"                                   \
    " cost = d.cost + excluded.cost"
#define CC_TODAY "(now() AT TIME ZONE 'UTC')::date"

#endif
