/*
 * turn.h - the claim of an answer, and all that it needs to know to begin: one round trip.
 */
#ifndef CC_STORE_TURN_H
#define CC_STORE_TURN_H

#include "proto/store/answer.h"
#include "proto/store/session.h"
#include "proto/store/tenant.h"

struct cc_turn {
    struct cc_claimed claimed;   /* the rest is there if it is OURS */
    struct cc_bot bot;           /* id NULL: there is no such bot */
    struct cc_message *messages; /* the last ones before the question, oldest first */
    int messages_n;
    struct cc_tenant_state tenant;
};
/*
 * Waits.  Takes the answer if it is new, or if its owner's lease has run out; makes the session if
 * it is new, and the first claim stores the question.  history: how many messages are wanted.
 *
 * CONFLICT: another answer of the session is at client_message, or has answered it.  NOTFOUND: the
 * bot was gone before there was a session, the session is another visitor's, or it or he was erased
 * after this was asked; nothing is stored.  FENCED never: claiming again what a
 * lost reply left in doubt is safe, it only costs an attempt.
 */
int cc_turn_begin(struct cc_pg *pool, const struct cc_answer_claim *claim, int history,
                  struct cc_arena *mem, struct cc_turn *ret);

#endif
