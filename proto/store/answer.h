/*
 * answer.h - one answer: who is at work on it, and what came of it.
 *
 *     (none) --claim--> running --finish--> done | cancelled
 *                         |  \--fail-----> failed | expired | dead
 *                         +--lease over, claim by another: attempt + 1, running
 *
 * The attempt number is the fence: finish, fail and beat name it, and change nothing once a later
 * attempt has begun (FENCED).  Only PostgreSQL's clock counts.  All calls wait.
 */
#ifndef CC_STORE_ANSWER_H
#define CC_STORE_ANSWER_H

#include <stdint.h>

#include "proto/store/pg.h"

/* What cc_turn_begin() of turn.h claims. */
struct cc_answer_claim {
    const char *tenant, *answer, *bot, *session, *client_message, *owner; /* owner: this process */
    const char *question; /* stored as the user's message by the first claim */
    const char *tier;
    int64_t asked_ms;
    int lease_ms;
    /* who asks, as the job says; NULL or "": nobody in particular */
    const char *visitor, *visitor_external, *visitor_name, *visitor_email;
};
enum cc_claim_outcome {
    CC_CLAIM_OURS,    /* attempt says which */
    CC_CLAIM_RUNNING, /* somebody's lease is not over: leave it pending */
    CC_CLAIM_OVER,    /* ended before: tell the end again and acknowledge */
};
struct cc_claimed {
    enum cc_claim_outcome outcome;
    int64_t attempt;
    bool files; /* the visitor has given some to the session (session_file.h) */
};
int cc_answer_beat(struct cc_pg *pool, const char *tenant, const char *answer, int64_t attempt,
                   int lease_ms); /* FENCED */

struct cc_answer_result {
    const char *tenant, *answer, *bot, *session;
    int64_t attempt;
    const char *state;          /* "done", "cancelled" */
    const char *message;        /* msg_ id of the assistant's message */
    const char *text, *sources; /* sources: JSON array */
    const char *provider, *model, *finish;
    const char *pin; /* the pinned answer that it is: its hit is counted, too; NULL: none */
    int64_t input_tokens, output_tokens, cached_tokens; /* of this attempt */
    int64_t cost;                                       /* of them, in millionths (limits.h) */
    bool capped;                                        /* there may be a hold (spend.h) */
    bool from_cache;
    int64_t first_ms, total_ms; /* since asked */
};
/* One transaction and round trip: the answer's end, the message, the ledger row, the day's sums,
 * the end of its hold.  FENCED.  When the reply was lost, finish again with the same message id: it
 * stores once. */
int cc_answer_finish(struct cc_pg *pool, const struct cc_answer_result *result);
/* The same for one without a message; what was used is booked all the same.  Of the result count
 * who, state (failed expired dead), provider and model (NULL: none was chosen), tokens, cost,
 * capped. FENCED */
int cc_answer_fail(struct cc_pg *pool, const struct cc_answer_result *result, const char *code);
/* Ends our lease now, so that another takes over at once: for a graceful stop or another try.  What
 * was used so far is booked; the same members count.  FENCED */
int cc_answer_release(struct cc_pg *pool, const struct cc_answer_result *so_far);

struct cc_answer_view {
    const char *state, *session, *bot, *visitor; /* visitor: of the session; "": nobody */
    const char *message, *text, *sources, *finish, *code, *model;
    int64_t attempt, input_tokens, output_tokens, cached_tokens;
    bool from_cache;
};
int cc_answer_read(struct cc_pg *pool, const char *tenant, const char *answer, struct cc_arena *mem,
                   struct cc_answer_view *ret); /* NOTFOUND */

#endif
