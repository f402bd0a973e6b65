/*
 * invitation.h - who has been asked to work in a tenant and has not answered yet.  All calls wait.
 *
 * There is one open invitation per address and tenant.  Its token is not stored: it is signed and
 * names tenant and id.
 */
#ifndef CC_STORE_INVITATION_H
#define CC_STORE_INVITATION_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/store/pg.h"

struct cc_invitation {
    const char *id, *email;
    const char *email_key; /* as cc_user's: what a login looks for */
    const char *role, *invited_by;
    int64_t created_ms, expires_ms; /* Unix */
};
/* One that has expired makes room.  CONFLICT: the address has an open one, or is a member's;
 * FORBIDDEN: who invites is no owner or admin (any more). */
int cc_invitation_add(struct cc_pg *pool, const char *tenant,
                      const struct cc_invitation *invitation);
/* Those that are open, expired or not; newest first. */
int cc_invitation_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                       struct cc_arena *mem, struct cc_invitation **ret, int *ret_n);
/* NOTFOUND: none that can still be accepted, or the tenant is closed. */
int cc_invitation_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                      struct cc_invitation *ret);
int cc_invitation_delete(struct cc_pg *pool, const char *tenant, const char *id); /* NOTFOUND */

/* Who accepts: a user that is there, or one that is made in the same transaction. */
struct cc_newcomer {
    const char *tenant, *invitation;
    const char *user;            /* id */
    const char *name, *password; /* password: the hash; NULL: the user is there */
};
/* NOTFOUND: somebody was quicker, or it has expired; CONFLICT: the address has an account by now.
 * A member stays what he was. */
int cc_invitation_accept(struct cc_pg *pool, const struct cc_newcomer *newcomer);

#endif
