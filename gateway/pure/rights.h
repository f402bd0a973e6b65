/*
 * rights.h - what a role or a key's scopes let somebody do.
 *
 * A route names one right; a role has a set of them, and so has a secret key: its scopes are the
 * same words.  A public key has CHAT alone.
 */
#ifndef CC_GATEWAY_PURE_RIGHTS_H
#define CC_GATEWAY_PURE_RIGHTS_H

#include <stdbool.h>

/*  name      word         may */
#define CC_RIGHTS(X)                                                                               \
    X(CHAT, "chat")         /* ask, and read what visitors may */                                  \
    X(READ, "read")         /* see everything of the tenant but secrets */                         \
    X(CONVERSE, "converse") /* flag, label, close conversations */                                 \
    X(EDIT, "edit")         /* documents, sources, pins, bots */                                   \
    X(MANAGE, "manage")     /* people, keys, model credentials, limits, erasure of visitors */     \
    X(OWN, "own")           /* the tenant itself */

enum cc_right_bit {
#define X(name, word) CC_RB_##name,
    CC_RIGHTS(X)
#undef X
};
enum cc_right {
    CC_RIGHT_NONE = 0,
#define X(name, word) CC_RIGHT_##name = 1 << CC_RB_##name,
    CC_RIGHTS(X)
#undef X
};

/* owner, admin, editor, agent, viewer; 0 for another word. */
unsigned cc_rights_of_role(const char *role);
/* May somebody with these rights give `role` to others, or take it?  Nobody gives more than he
 * has; owners are made by owners. */
bool cc_rights_may_give(unsigned rights, const char *role);
/* 0: no such word. */
unsigned cc_right_of_word(const char *word);
const char *cc_right_word(unsigned right); /* of one right */

#endif
