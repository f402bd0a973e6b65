/*
 * user.h - people who log in: one account each, whatever tenants they work in.  All calls wait.
 *
 * A row is seen by who presents its e-mail or its id, so whoever calls has proved the one or
 * the other, or is about to compare a password.
 */
#ifndef CC_STORE_USER_H
#define CC_STORE_USER_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_user {
    const char *id, *email, *name;
    const char *email_key; /* lower-cased: what a login looks for */
    const char *password;  /* its hash */
    int64_t created_ms;
};
int cc_user_find(struct cc_pg *pool, const char *email_key, struct cc_arena *mem,
                 struct cc_user *ret); /* NOTFOUND */
int cc_user_get(struct cc_pg *pool, const char *id, struct cc_arena *mem,
                struct cc_user *ret);                                     /* NOTFOUND */
int cc_user_add(struct cc_pg *pool, const struct cc_user *user);          /* CONFLICT: the e-mail */
int cc_user_rename(struct cc_pg *pool, const char *id, const char *name); /* NOTFOUND */

/*
 * Another password; all logins of the person but one are over.  Who calls tells the gateways:
 * ret_ended are their ids.  CONFLICT: the password is not `was` any more.
 */
struct cc_password_change {
    const char *user, *was, *hash; /* was: hash that is replaced; NULL: whatever it is */
    const char *keep;              /* login that goes on; "": none */
};
int cc_user_set_password(struct cc_pg *pool, const struct cc_password_change *change,
                         struct cc_arena *mem, const char *const **ret_ended, int *ret_n);

/* Where a login of this person begins: in `wanted`, or if that is "", where the last one was, or
 * in the oldest membership; not in a tenant that is closed.  NOTFOUND: in none. */
int cc_user_home(struct cc_pg *pool, const char *user, const char *wanted, struct cc_arena *mem,
                 const char **ret_tenant);

/* A person with a tenant of his own, and that with a bot and its public key: all or nothing.
 * CONFLICT: the e-mail has an account. */
struct cc_account {
    struct cc_user user;
    const char *tenant, *company;
    const char *bot, *bot_name;
    const char *key_id, *key; /* key: as it is shown; its hash is stored */
};
int cc_account_add(struct cc_pg *pool, const struct cc_account *account);

#endif
