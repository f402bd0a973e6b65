/*
 * spend.h - money and tokens of answers that are under way: held before they are spent.
 *
 *     (none) --reserve--> reserved --raise--> at its bound --finish, fail (answer.h)--> (none)
 *        \                  |  \--drop--> (none)    |
 *         \-----------------+----------raise--------+--release--> reserved
 *
 * What a day has used is usage_daily and the holds that have not expired, together.  A hold is only
 * made or raised while the sum stays within every cap, one after the other under a lock of the
 * tenant.  The transaction that ends the answer takes the hold away and books what was used.
 *
 * A raised hold belongs to an attempt.  When a later one finds it, the earlier one died or was
 * taken for dead while a model worked for it: nobody knows what it used, so the whole of it is
 * booked.  So it also counts until the day is over, even if nobody ever comes back to it; one that
 * was only reserved expires when its answer cannot be under way any more.  All calls wait.
 */
#ifndef CC_STORE_SPEND_H
#define CC_STORE_SPEND_H

#include "proto/store/limits.h"
#include "proto/store/pg.h"

struct cc_spend {
    const char *tenant, *bot, *answer;
    int64_t attempt;                /* of a raise: the fence */
    const char *model;              /* of a raise: whom to book for if the attempt is lost */
    int64_t input, output, cost;    /* at most; cost in millionths */
    int64_t for_ms;                 /* so long may the answer be under way from now on */
    struct cc_limits whole, of_bot; /* the tenant's caps and the bot's; -1: none */
};

/* QUOTA: it does not fit under a cap; then *ret_waits says whether it would without the other
 * holds, so that waiting for them may help.  An answer that has a hold keeps it. */
int cc_spend_reserve(struct cc_pg *pool, const struct cc_spend *spend, bool *ret_waits);
/* The same for an attempt, before a model is asked.  FENCED: the hold stays as it was.  QUOTA:
 * there is none any more. */
int cc_spend_raise(struct cc_pg *pool, const struct cc_spend *spend);
/* The answer will never be under way.  One that has been raised stays. */
int cc_spend_drop(struct cc_pg *pool, const char *tenant, const char *answer);
/* Of a model that was asked for no answer's sake: what was used instead of what was reserved.
 * Repeated, it counts again. */
int cc_spend_book(struct cc_pg *pool, const struct cc_spend *used);

/* What the day has used so far; bot "": of the whole tenant. */
struct cc_spent {
    int64_t cost, tokens;           /* booked */
    int64_t held_cost, held_tokens; /* under way */
    int64_t answers;
};
int cc_spend_today(struct cc_pg *pool, const char *tenant, const char *bot, struct cc_spent *ret);
/* {spent, reserved, tokens, reservedTokens, answers}: a new object. */
json_t *cc_spent_json(const struct cc_spent *spent);

#endif
