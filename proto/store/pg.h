/*
 * pg.h - a small pool of pipelined connections; a transaction is one round trip.
 *
 * Every statement runs inside a transaction that knows its tenant (set_config('app.tenant_id', $1,
 * true)); row-level security sees nothing without.  A connection whose work was given up
 * half-way (deadline, cancelled task) is closed, never reused.  libpq's types stay inside
 * proto/store (pg_run.h); others use the files of nouns.
 *
 * When the connection is lost while a transaction commits, nobody knows whether it counted: the
 * call returns DOWN, TIMEOUT or CANCELLED, and running it again does no harm, as claims are fenced
 * and ends find their own traces.
 *
 * Each call of a noun waits at most CC_PG_MS (less if the task's deadline is nearer) and returns 0,
 * DOWN, TIMEOUT, CANCELLED, BUSY, REPLY, or what its header adds.
 */
#ifndef CC_STORE_PG_H
#define CC_STORE_PG_H

#include <stdbool.h>

#include "proto/base/arena.h"
#include "proto/task/task.h"

#define CC_PG_MS 5000

struct cc_pg;

struct cc_pg_opts {
    const char *conninfo; /* host= a socket folder, or hostaddr=: names are looked up before */
    int size;             /* connections at most; 0: 8 */
    int queue;            /* tasks that may wait for one; 0: 10000 */
    int connect_ms;       /* 0: 3000 */
};
int cc_pg_open(const struct cc_pg_opts *opts, struct cc_pg **ret); /* connects when needed */
void cc_pg_close(struct cc_pg **pool);
int cc_pg_ping(struct cc_pg *pool, int timeout_ms); /* Waits. */
/* Waits, but seldom: 0 at once if the server did something for us within the last age_ms and no
 * connection has ended since, else it is asked. */
int cc_pg_heard(struct cc_pg *pool, int age_ms);

/* Waits.  Are the tables as new as this binary wants (schema/NNN)?  CONFLICT with words if not. */
int cc_pg_check_schema(struct cc_pg *pool);

#endif
