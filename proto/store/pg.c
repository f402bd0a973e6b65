/* The pool: who holds which connection, who waits for one. */
#include "proto/store/pg.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

#include "proto/base/clock.h"
#include "proto/store/migrate.h"
#include "proto/store/pg_inside.h"
#include "proto/store/vector_cache.h"

/* Connecting to a server that is down costs; everybody asks once in this time. */
#define REFUSED_MS 200

int cc_pg_open(const struct cc_pg_opts *opts, struct cc_pg **ret)
{
    struct cc_pg *pool;
    char *conninfo;
    int rc = cc_pg_resolve(opts->conninfo, &conninfo);

    if (rc)
        return rc;
    pool = calloc(1, sizeof *pool);
    if (!pool)
        abort();
    pool->conninfo = conninfo;
    pool->size = opts->size ? opts->size : 8;
    pool->queue = opts->queue ? opts->queue : 10000;
    pool->connect_ms = opts->connect_ms ? opts->connect_ms : 3000;
    TAILQ_INIT(&pool->idle);
    TAILQ_INIT(&pool->waiters);
    *ret = pool;
    return 0;
}

static void drop_idle(struct cc_pg_conn *conn)
{
    TAILQ_REMOVE(&conn->pool->idle, conn, list);
    cc_pg_disconnect(conn);
}

void cc_pg_close(struct cc_pg **pool)
{
    struct cc_pg_conn *conn;

    if (!*pool)
        return;
    while ((conn = TAILQ_FIRST(&(*pool)->idle)))
        drop_idle(conn);
    assert((*pool)->open == 0); /* a task still holds a connection */
    cc_vector_cache_free(&(*pool)->vectors);
    free((*pool)->conninfo);
    free(*pool);
    *pool = NULL;
}

/* An idle connection has nothing to hear but that its server is going: first some last words, which
 * one read takes, then the end, which the next one finds. */
static bool is_alive(struct cc_pg_conn *conn)
{
    struct pollfd fd = {.fd = PQsocket(conn->pg), .events = POLLIN};

    if (poll(&fd, 1, 0) == 0)
        return true;
    return PQconsumeInput(conn->pg) && !PQisBusy(conn->pg) && PQconsumeInput(conn->pg) &&
           PQstatus(conn->pg) == CONNECTION_OK;
}

static void on_event(struct cc_watch *watch, unsigned events)
{
    struct cc_pg_conn *conn = watch->arg;

    (void)events;
    if (conn->leased)
        cc_wait_done(&conn->wait);
    else if (!is_alive(conn))
        drop_idle(conn);
}

/* libpq may close its socket and open another within one call. */
static void follow_socket(struct cc_pg_conn *conn)
{
    if (conn->watched && conn->watch.fd == PQsocket(conn->pg))
        return;
    if (conn->watched)
        cc_watch_done(&conn->watch);
    cc_watch_init(&conn->watch, PQsocket(conn->pg), on_event, conn);
    conn->watched = true;
}

int cc_pg_wait_io(struct cc_pg_conn *conn, unsigned events, int64_t end_ms)
{
    int rc;

    follow_socket(conn);
    conn->wait.done = false;
    cc_watch_want(&conn->watch, events);
    rc = cc_wait_for(&conn->wait, end_ms);
    conn->watch.want = CC_READ;
    return rc;
}

static void wake_first(struct cc_pg *pool, struct cc_pg_conn *conn)
{
    struct cc_pg_waiter *waiter = TAILQ_FIRST(&pool->waiters);

    TAILQ_REMOVE(&pool->waiters, waiter, list);
    pool->waiting--;
    waiter->conn = conn;
    cc_wait_done(&waiter->wait);
}

void cc_pg_disconnect(struct cc_pg_conn *conn)
{
    struct cc_pg *pool = conn->pool;

    if (conn->watched)
        cc_watch_done(&conn->watch);
    PQfinish(conn->pg);
    free(conn);
    pool->open--;
    pool->heard_ms = 0; /* perhaps the server ends */
    if (!TAILQ_EMPTY(&pool->waiters))
        wake_first(pool, NULL);
}

static struct cc_pg_conn *take_idle(struct cc_pg *pool)
{
    struct cc_pg_conn *conn;

    while ((conn = TAILQ_FIRST(&pool->idle))) {
        if (!is_alive(conn)) {
            drop_idle(conn);
            continue;
        }
        TAILQ_REMOVE(&pool->idle, conn, list);
        conn->leased = true;
        return conn;
    }
    return NULL;
}

static int connect_new(struct cc_pg *pool, int64_t end_ms, struct cc_pg_conn **ret)
{
    int64_t now_ms = cc_clock_ms();
    int rc;

    if (now_ms < pool->down_until_ms)
        return cc_fail(CC_E_DOWN, "PostgreSQL refused a moment ago");
    if (end_ms > now_ms + pool->connect_ms)
        end_ms = now_ms + pool->connect_ms;
    rc = cc_pg_connect(pool, end_ms, ret);
    if (rc == CC_E_DOWN)
        pool->down_until_ms = cc_clock_ms() + REFUSED_MS;
    return rc;
}

/* Waits.  *ret NULL: there is room to make a connection, or was a moment ago. */
static int stand_in_line(struct cc_pg *pool, int64_t end_ms, struct cc_pg_conn **ret)
{
    struct cc_pg_waiter waiter = {0};
    int rc;

    if (pool->waiting >= pool->queue)
        return cc_fail(CC_E_BUSY, "%d tasks wait for PostgreSQL", pool->waiting);
    TAILQ_INSERT_TAIL(&pool->waiters, &waiter, list);
    pool->waiting++;
    rc = cc_wait_for(&waiter.wait, end_ms);
    if (rc) { /* nobody has served us, so we are still in the line */
        TAILQ_REMOVE(&pool->waiters, &waiter, list);
        pool->waiting--;
        return rc;
    }
    *ret = waiter.conn;
    return 0;
}

/* Whoever was woken because there is room, and does not take it, wakes the next: nobody else would.
 */
static void pass_room_on(struct cc_pg *pool)
{
    if (pool->open < pool->size && !TAILQ_EMPTY(&pool->waiters))
        wake_first(pool, NULL);
}

int cc_pg_lease(struct cc_pg *pool, int64_t end_ms, struct cc_pg_conn **ret)
{
    struct cc_pg_conn *conn = take_idle(pool);
    int rc = 0;

    while (!conn && rc == 0) {
        if (pool->open < pool->size)
            rc = connect_new(pool, end_ms, &conn);
        else
            rc = stand_in_line(pool, end_ms, &conn);
    }
    if (rc == 0)
        *ret = conn;
    else
        pass_room_on(pool);
    return rc;
}

void cc_pg_release(struct cc_pg_conn *conn)
{
    struct cc_pg *pool = conn->pool;

    if (conn->broken) {
        cc_pg_disconnect(conn);
    } else if (!TAILQ_EMPTY(&pool->waiters)) {
        wake_first(pool, conn);
    } else {
        conn->leased = false;
        follow_socket(conn);
        cc_watch_want(&conn->watch, CC_READ);
        TAILQ_INSERT_HEAD(&pool->idle, conn, list);
    }
}

int cc_pg_ping(struct cc_pg *pool, int timeout_ms)
{
    static const struct cc_stmt PING = {"SELECT 1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    return cc_pg_run_by(pool, cc_clock_ms() + timeout_ms, NULL, &rows,
                        CC_STEPS(CC_PLAIN_STEP(PING)));
}

int cc_pg_heard(struct cc_pg *pool, int age_ms)
{
    bool lately = pool->heard_ms && cc_clock_ms() - pool->heard_ms < age_ms;

    return lately ? 0 : cc_pg_ping(pool, CC_PG_MS);
}

int cc_pg_check_schema(struct cc_pg *pool)
{
    static const struct cc_stmt NEWEST = {"SELECT coalesce(max(version), 0) FROM schema_version"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int64_t have, want = cc_schema_newest();
    int rc = cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_PLAIN_STEP(NEWEST)));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 0, 0, NULL);
    have = cc_row_int(&row);
    if (have < want)
        return cc_fail(CC_E_CONFLICT, "the tables are at %d, this program wants %d: cc-ctl migrate",
                       (int)have, (int)want);
    return 0;
}
