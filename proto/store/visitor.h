/*
 * visitor.h - people that a tenant's server has vouched for, and what they said.  All calls wait.
 *
 * A visitor's id follows from the tenant and the owner's own name of the person (external), so that
 * nobody needs to look it up.  The row is made by the claim of his first question (turn.h), or when
 * he leaves something before.
 */
#ifndef CC_STORE_VISITOR_H
#define CC_STORE_VISITOR_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_visitor {
    const char *id, *external, *name, *email;
    int64_t created_ms, seen_ms;
    int64_t talks, messages; /* with the bot that was named, else with all */
};
/* bot "": of all bots; else only who has a conversation with it.  NOTFOUND. */
int cc_visitor_get(struct cc_pg *pool, const char *tenant, const char *id, const char *bot,
                   struct cc_arena *mem, struct cc_visitor *ret);

/* Somebody was vouched for, and has left something before his first question; "" stays as it was.
 */
struct cc_visitor_met {
    const char *tenant, *id, *external, *name, *email;
};
int cc_visitor_meet(struct cc_pg *pool, const struct cc_visitor_met *who);

struct cc_visitor_page {
    const char *bot;
    const char *after; /* in the order of ids, backwards; "": from the first */
    int max;
};
int cc_visitor_list(struct cc_pg *pool, const char *tenant, const struct cc_visitor_page *page,
                    struct cc_arena *mem, struct cc_visitor **ret, int *ret_n);

struct cc_visitor_line {
    const char *key; /* where to go on */
    const char *json;
};
/* His conversations, each an object without what was said in it. */
int cc_visitor_talks(struct cc_pg *pool, const char *tenant, const char *visitor,
                     const struct cc_visitor_page *page, struct cc_arena *mem,
                     struct cc_visitor_line **ret, int *ret_n);

/* What is stored of one of them, however long it is: its messages, what he thought of answers, the
 * files that he gave, with what was read of them. */
enum cc_visitor_kind { CC_VISITOR_MESSAGES, CC_VISITOR_FEEDBACK, CC_VISITOR_FILES };
struct cc_visitor_said {
    const char *session;
    enum cc_visitor_kind kind;
    const char *after; /* "": from the first */
    int max;
};
int cc_visitor_said(struct cc_pg *pool, const char *tenant, const struct cc_visitor_said *what,
                    struct cc_arena *mem, struct cc_visitor_line **ret, int *ret_n);

/* The secret that a bot's visitors are signed with becomes another one.  NOTFOUND. */
int cc_visitor_secret_rotate(struct cc_pg *pool, const char *tenant, const char *bot);

#endif
