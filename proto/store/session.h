/*
 * session.h - conversations and their messages.  All calls wait.
 */
#ifndef CC_STORE_SESSION_H
#define CC_STORE_SESSION_H

#include <stdint.h>

#include "proto/store/pg.h"

/* Makes the session if it is new.  CONFLICT: the id belongs to another bot of the tenant, or to
 * another visitor ("": nobody in particular). */
int cc_session_open(struct cc_pg *pool, const char *tenant, const char *bot, const char *session,
                    const char *visitor);
struct cc_session {
    const char *bot, *visitor;
};
int cc_session_get(struct cc_pg *pool, const char *tenant, const char *session,
                   struct cc_arena *mem, struct cc_session *ret);                  /* NOTFOUND */
int cc_session_clear(struct cc_pg *pool, const char *tenant, const char *session); /* NOTFOUND */

struct cc_message {
    const char *id, *answer;
    const char *role; /* "user", "assistant" */
    const char *text;
    const char *sources; /* JSON array; "[]" */
    const char *state;   /* of the answer: running done cancelled failed expired dead */
    int64_t at_ms;       /* Unix */
};
/* The last max messages, oldest first, without those of the answer `except` (may be ""). */
int cc_message_list(struct cc_pg *pool, const char *tenant, const char *session, const char *except,
                    int max, struct cc_arena *mem, struct cc_message **ret, int *ret_n);

/* The last max messages before the message `before` ("": before none), oldest first. */
struct cc_message_page {
    const char *session, *before;
    int max;
};
int cc_message_page(struct cc_pg *pool, const char *tenant, const struct cc_message_page *page,
                    struct cc_arena *mem, struct cc_message **ret, int *ret_n);

struct cc_feedback {
    const char *tenant, *answer, *rating, *comment; /* rating: "up", "down" */
};
int cc_feedback_put(struct cc_pg *pool,
                    const struct cc_feedback *feedback); /* NOTFOUND; the last one counts */

#endif
