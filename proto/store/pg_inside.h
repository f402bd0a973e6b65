/*
 * pg_inside.h - a pool and its connections, for pg.c, pg_connect.c and pg_run.c alone.
 *
 *     a connection is:  connecting --> leased <--> idle      on one list: pool->idle
 *                            \-----------\----------\--> closed
 */
#ifndef CC_STORE_PG_INSIDE_H
#define CC_STORE_PG_INSIDE_H

#include <sys/queue.h>

#include "proto/store/pg_run.h"

#define CC_PG_PREPARED 256 /* statements of the whole of proto/store */

struct cc_pg_conn {
    PGconn *pg;
    struct cc_pg *pool;
    struct cc_watch watch;
    struct cc_wait wait; /* of the task that leases us */
    bool leased, watched;
    bool broken; /* not to be used again: close */
    const struct cc_stmt *prepared[CC_PG_PREPARED];
    int prepared_n;
    TAILQ_ENTRY(cc_pg_conn) list;
};
struct cc_pg_waiter {
    struct cc_wait wait;
    struct cc_pg_conn *conn; /* NULL when woken: there is room to make one */
    TAILQ_ENTRY(cc_pg_waiter) list;
};
struct cc_pg {
    char *conninfo;
    int size, queue, connect_ms;
    TAILQ_HEAD(, cc_pg_conn) idle;
    TAILQ_HEAD(, cc_pg_waiter) waiters;
    int open, waiting;
    int64_t down_until_ms;    /* the server refused: do not ask again before */
    int64_t heard_ms;         /* when it last did what we asked; 0: not since a connection ended */
    unsigned vector_oid;      /* of chunk_vectors.v */
    const char *vector_store; /* NULL until asked */
    struct cc_vector_cache *vectors;
};

/* Waits. */
int cc_pg_lease(struct cc_pg *pool, int64_t end_ms, struct cc_pg_conn **ret);
void cc_pg_release(struct cc_pg_conn *conn);
int cc_pg_connect(struct cc_pg *pool, int64_t end_ms, struct cc_pg_conn **ret);
void cc_pg_disconnect(struct cc_pg_conn *conn);
/* Waits until the socket is as wished; the watch goes on hearing what the server says. */
int cc_pg_wait_io(struct cc_pg_conn *conn, unsigned events, int64_t end_ms);
/* The conninfo with names looked up: libpq would block on them later. */
int cc_pg_resolve(const char *conninfo, char **ret);

#endif
