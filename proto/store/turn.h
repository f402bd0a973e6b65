/*
 * turn.h - all that an answer needs to know before it begins, in one round trip.
 */
#ifndef CC_STORE_TURN_H
#define CC_STORE_TURN_H

#include "proto/store/session.h"
#include "proto/store/tenant.h"

struct cc_turn_query {
    const char *tenant, *bot, *session;
    const char *except; /* the answer itself: its question is not history */
    int max;            /* messages */
};
struct cc_turn {
    struct cc_bot bot;
    struct cc_message *messages; /* the last ones, oldest first */
    int messages_n;
    int64_t knowledge; /* cc_knowledge_version() */
};
/* Waits.  NOTFOUND: no such bot. */
int cc_turn_load(struct cc_pg *pool, const struct cc_turn_query *query, struct cc_arena *mem,
                 struct cc_turn *ret);

#endif
