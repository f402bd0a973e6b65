/*
 * turn_inside.h - statements and rows of other nouns that turn.c asks for in one round trip.
 * For proto/store alone.
 */
#ifndef CC_STORE_TURN_INSIDE_H
#define CC_STORE_TURN_INSIDE_H

#include "proto/store/answer.h"
#include "proto/store/pg_run.h"
#include "proto/store/session.h"
#include "proto/store/tenant.h"

extern const struct cc_stmt cc_visitor_seen;   /* tenant, visitor, external, name, email */
extern const struct cc_stmt cc_answer_session; /* tenant, session, bot, visitor */
extern const struct cc_stmt
    cc_answer_take; /* the claim: see turn.c; a row with the attempt if it is ours now */
extern const struct cc_stmt cc_answer_look; /* tenant, answer */
extern const struct cc_stmt cc_bot_by_id;   /* tenant, bot */
extern const struct cc_stmt
    cc_message_last; /* tenant, session, except, before, max; newest first */
extern const struct cc_stmt cc_tenant_state; /* tenant, bot: see cc_tenant_state_row() */

/* What came of the steps `take` and `look`. */
int cc_claimed_row(const struct cc_rows *rows, int take, int look, struct cc_claimed *ret);
void cc_tenant_state_row(struct cc_row *row, struct cc_tenant_state *ret);
void cc_bot_row(struct cc_row *row, struct cc_bot *ret);
void cc_message_row(struct cc_row row, struct cc_message *ret);

#endif
