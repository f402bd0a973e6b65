/*
 * operator_key.h - the public halves of the operator's keys (proto/seal/seal.h).
 */
#ifndef CC_STORE_OPERATOR_KEY_H
#define CC_STORE_OPERATOR_KEY_H

#include "proto/seal/seal.h"
#include "proto/store/pg.h"

/* Waits.  The one that is sealed to now.  NOTFOUND: `cc-ctl seal init` was never run. */
int cc_operator_key_current(struct cc_pg *pool, struct cc_seal_public *ret);

struct cc_operator_key {
    struct cc_seal_public public;
    bool current;
    const char *created_at; /* ISO 8601 */
};
/* Waits.  All, the current one first. */
int cc_operator_key_list(struct cc_pg *pool, struct cc_arena *mem, struct cc_operator_key **ret,
                         int *ret_n);

/* ---- with the owner's connection only (cc-ctl) ---- */
/* Waits.  Adds it if it is new and makes it the current one. */
int cc_operator_key_set(struct cc_pg *owner, const struct cc_seal_public *key);
/* Waits.  CONFLICT: it is the current one, or tenants' keys are still sealed to it; NOTFOUND. */
int cc_operator_key_drop(struct cc_pg *owner, const char *kid);

#endif
