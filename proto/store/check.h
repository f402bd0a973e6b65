/*
 * check.h - is the database set up as the promises need it?  For cc-ctl doctor and for tests.
 */
#ifndef CC_STORE_CHECK_H
#define CC_STORE_CHECK_H

#include "proto/store/pg.h"

struct cc_store_check {
    const char *role;
    bool superuser, bypasses; /* of our login: both must be false */
    const char *unprotected;  /* tables with tenant_id without forced row-level security, "" */
    const char *definers;     /* functions that run with their owner's rights, views that copy or
                               * borrow rights: "" */
    bool vector_available, vector_made; /* pgvector: files on the server, extension made */
    const char *fsync;                  /* the server's setting */
};
int cc_store_check(struct cc_pg *pool, struct cc_arena *mem,
                   struct cc_store_check *ret); /* Waits. */

#endif
