/*
 * tenant_key.h - the key pairs of tenants: the public half, and the secret one as the operator's
 * key sealed it (proto/seal/seal.h).
 */
#ifndef CC_STORE_TENANT_KEY_H
#define CC_STORE_TENANT_KEY_H

#include "proto/seal/seal.h"
#include "proto/store/pg.h"

struct cc_tenant_key {
    struct cc_seal_public public;
    struct cc_sealed sealed;  /* the secret half */
    const char *operator_kid; /* what it is sealed to */
};

/* Waits.  The public half that the tenant's secrets are sealed to: the oldest pair, made now if
 * there is none.  NOTFOUND: no such tenant; DOWN with words: `cc-ctl seal init` was never run. */
int cc_tenant_key_need(struct cc_pg *pool, const char *tenant, struct cc_seal_public *ret);

/* Waits.  All pairs of a tenant, the oldest first. */
int cc_tenant_key_list(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                       struct cc_tenant_key **ret, int *ret_n);

/* Waits.  The same pair, sealed to another operator's key.  FENCED: it is not sealed to was_kid any
 * more; NOTFOUND: there is no such operator's key. */
int cc_tenant_key_rewrap(struct cc_pg *pool, const char *tenant, const struct cc_tenant_key *key,
                         const char *was_kid);

/* Waits.  Ids of all tenants behind `after`, in their order. */
int cc_tenant_sweep(struct cc_pg *sweep, const char *after, int max, struct cc_arena *mem,
                    const char ***ret, int *ret_n);

#endif
