/*
 * member.h - who works in a tenant, and as what.  All calls wait.
 *
 * A tenant always has an owner: the last one cannot be removed or given another role, whoever else
 * is at it at the same time.  With another role, or none, all logins of that person in the tenant
 * are over, and with one that invites nobody the open invitations; who calls tells the gateways
 * ("tenant <id>").
 */
#ifndef CC_STORE_MEMBER_H
#define CC_STORE_MEMBER_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_member {
    const char *user, *email, *name, *role;
    int64_t created_ms;
};
/* By id, oldest first, from behind `after` ("": from the first). */
int cc_member_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                   struct cc_arena *mem, struct cc_member **ret, int *ret_n);
int cc_member_get(struct cc_pg *pool, const char *tenant, const char *user, struct cc_arena *mem,
                  struct cc_member *ret); /* NOTFOUND */
/* NOTFOUND: no such user; CONFLICT: is a member already. */
int cc_member_add(struct cc_pg *pool, const char *tenant, const char *user, const char *role);

/* was: the role that the caller saw.  NOTFOUND; CONFLICT: it is another by now, or the last
 * owner's. */
struct cc_member_change {
    const char *tenant, *user, *was;
    const char *role; /* NULL: no member any more */
};
int cc_member_change(struct cc_pg *pool, const struct cc_member_change *change);

/* Where a person is a member: tenants that are open, by id, from behind `after`. */
struct cc_membership {
    const char *tenant, *name, *tier, *role;
    int64_t created_ms; /* of the tenant */
};
int cc_membership_list(struct cc_pg *pool, const char *user, const char *after, int max,
                       struct cc_arena *mem, struct cc_membership **ret, int *ret_n);

#endif
