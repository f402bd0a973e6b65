/*
 * audit.h - who changed what: the log that the database itself writes (schema 005).  Waits.
 */
#ifndef CC_STORE_AUDIT_H
#define CC_STORE_AUDIT_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_audit_entry {
    int64_t id, at_ms;
    const char *actor;          /* a user's or key's id, or "operator" */
    const char *address;        /* of the client; "" if none */
    const char *action;         /* insert, update, delete */
    const char *noun, *row;     /* the table, and which of its rows */
    const char *const *changed; /* columns, of an update */
    int changed_n;
    const char *before, *after; /* SHA-256 of the row as JSON; "": there was or is none */
};
/* Newest first, from below `before`; 0: from the newest.  What is "" or 0 is not asked for. */
struct cc_audit_query {
    const char *tenant, *actor, *noun;
    int64_t from_ms, until_ms; /* from_ms <= at < until_ms */
    int64_t before;
    int max;
};
int cc_audit_list(struct cc_pg *pool, const struct cc_audit_query *query, struct cc_arena *mem,
                  struct cc_audit_entry **ret, int *ret_n);

#endif
