/*
 * login.h - who is logged in: a row per login, until it ends.  All calls wait.
 *
 *     begun --refresh, refresh, ...--> revoked (logout, switch, password, reuse, removed)
 *                                 \--> expired (30 days without a refresh)
 *
 * A refresh token names the row and its counter.  An older counter than the row's means that
 * somebody uses a copy: then the login is over, whoever it was.
 */
#ifndef CC_STORE_LOGIN_H
#define CC_STORE_LOGIN_H

#include <stdint.h>

#include "proto/store/pg.h"

#define CC_LOGIN_DAYS 30

struct cc_login {
    const char *id, *tenant, *user;
    const char *agent, *address; /* of the client that began it */
    int64_t created_ms, used_ms, expires_ms;
    const char *proof; /* the password's hash that it was begun with; NULL: with something else */
};
/* NOTFOUND: the user is no member; AUTH: the password is another by now. */
int cc_login_add(struct cc_pg *pool, const struct cc_login *login);

/* Who it is, and what he is in the tenant. */
struct cc_login_who {
    const char *id, *tenant, *user, *role, *tier;
    const char *limits, *ceiling; /* as of a caller with a key (tenant.h) */
};
/* NOTFOUND: there is none, it is over, or the tenant is closed. */
int cc_login_find(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                  struct cc_login_who *ret);

/* The counter goes from n to n + 1.  NOTFOUND: the login is over; FENCED: n is an older one, and
 * now it is over. */
int cc_login_refresh(struct cc_pg *pool, const struct cc_login_who *who, int64_t n);

/* Of this user, in any tenant.  NOTFOUND: there is none, or it is over already. */
int cc_login_end(struct cc_pg *pool, const char *user, const char *id, const char *reason);

/* Those that go on, newest first, in all tenants of the user. */
int cc_login_list(struct cc_pg *pool, const char *user, const char *after, int max,
                  struct cc_arena *mem, struct cc_login **ret, int *ret_n);

#endif
