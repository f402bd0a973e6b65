/*
 * session.h - conversations and their messages.  All calls wait.
 */
#ifndef CC_STORE_SESSION_H
#define CC_STORE_SESSION_H

#include <stdbool.h>
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
                   struct cc_arena *mem, struct cc_session *ret); /* NOTFOUND */

/* What was said before the first question, a JSON object; the last one counts.  NOTFOUND */
int cc_session_form(struct cc_pg *pool, const char *tenant, const char *session, const char *form);

/*
 * A visitor wants a person:
 *
 *     "" --ask--> waiting --somebody is given it--> joined --closed--> ended --ask--> waiting
 *                    \--------------closed--------------------------->/
 *
 * The other changes are of whoever marks conversations (conversation.h).
 */
struct cc_handoff {
    const char *tenant, *session, *email, *note; /* "": nothing new */
};
struct cc_handoff_state {
    const char *state; /* static */
    int64_t at_ms;     /* when it was first asked for; Unix */
    bool news;         /* nobody knew it before */
};
/* Asking again leaves the state as it is.  What was closed is open again.  NOTFOUND */
int cc_session_handoff(struct cc_pg *pool, const struct cc_handoff *ask,
                       struct cc_handoff_state *ret);

struct cc_message {
    const char *id, *answer;
    const char *role; /* "user", "assistant" */
    const char *text;
    const char *sources; /* JSON array; "[]" */
    const char *state;   /* of the answer: running done cancelled failed expired dead */
    const char *rating;  /* of the answer, in a page: "up", "down", ""; else NULL */
    int64_t at_ms;       /* Unix */
};
/* The last max messages, oldest first, without those of the answer `except` (may be ""). */
int cc_message_list(struct cc_pg *pool, const char *tenant, const char *session, const char *except,
                    int max, struct cc_arena *mem, struct cc_message **ret, int *ret_n);

/* The last max messages before the message `before` ("": before none), oldest first, and how the
 * conversation is.  One that is not there is empty. */
struct cc_message_page {
    const char *session, *before;
    int max;
};
struct cc_said {
    struct cc_message *messages;
    int n;
    const char *handoff; /* "" waiting joined ended */
    bool form;           /* was one sent? */
};
int cc_message_page(struct cc_pg *pool, const char *tenant, const struct cc_message_page *page,
                    struct cc_arena *mem, struct cc_said *ret);

struct cc_feedback {
    const char *tenant, *answer, *rating, *comment; /* rating: "up", "down" */
};
int cc_feedback_put(struct cc_pg *pool,
                    const struct cc_feedback *feedback); /* NOTFOUND; the last one counts */

#endif
