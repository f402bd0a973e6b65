/* Making a connection without blocking. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/store/pg_inside.h"

#define CONNINFO_MAX 4096

/*
 * A statement whose client went away ends by itself; the longest of ours takes seconds.  Plans do
 * not look at the tenant: of one that came after the last statistics PostgreSQL believes that it
 * has no rows, and then any index seems as good as the right one.  Nor are they compiled, which
 * takes longer than the longest of ours does.
 */
#define SESSION_OPTIONS                                                                            \
    "-c statement_timeout=30s -c idle_in_transaction_session_timeout=30s -c client_min_messages="  \
    "error -c bytea_output=hex -c extra_float_digits=3 -c plan_cache_mode=force_generic_plan -c "  \
    "jit=off"

CC_CLEANER(PQconninfoOption *, PQconninfoFree)

static bool is_numeric(const char *host)
{
    struct in6_addr any;

    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

/* Blocks: only at the start of a process. */
static int look_up(const char *host, char out[INET6_ADDRSTRLEN])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int bad = getaddrinfo(host, NULL, &hints, &found);

    if (bad)
        return cc_fail(CC_E_DOWN, "PostgreSQL host %s: %s", host, gai_strerror(bad));
    bad = getnameinfo(found->ai_addr, found->ai_addrlen, out, INET6_ADDRSTRLEN, NULL, 0,
                      NI_NUMERICHOST);
    freeaddrinfo(found);
    return bad ? cc_fail(CC_E_DOWN, "PostgreSQL host %s: %s", host, gai_strerror(bad)) : 0;
}

static void add_pair(struct cc_buf *out, const char *key, const char *value)
{
    cc_buf_printf(out, "%s='", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            cc_buf_char(out, '\\');
        cc_buf_char(out, *value);
    }
    cc_buf_text(out, "' ");
}

static const char *value_of(const PQconninfoOption *all, const char *key)
{
    for (; all->keyword; all++)
        if (strcmp(all->keyword, key) == 0)
            return all->val ? all->val : "";
    return "";
}

static int add_address(struct cc_buf *out, const PQconninfoOption *all)
{
    const char *host = value_of(all, "host");
    char address[INET6_ADDRSTRLEN];
    int rc;

    if (*host == '\0' || *host == '/' || *host == '@' || *value_of(all, "hostaddr"))
        return 0;
    if (is_numeric(host)) {
        add_pair(out, "hostaddr", host);
        return 0;
    }
    rc = look_up(host, address);
    if (rc == 0)
        add_pair(out, "hostaddr", address);
    return rc;
}

int cc_pg_resolve(const char *conninfo, char **ret)
{
    char *why = NULL;
    CC_AUTO(PQconninfoFree)
    PQconninfoOption *all = PQconninfoParse(conninfo, &why);
    struct cc_buf out;
    int rc;

    if (!all) {
        rc = cc_fail(CC_E_INVALID, "connection string: %s", why ? why : "out of memory");
        PQfreemem(why);
        return rc;
    }
    cc_buf_init(&out, CONNINFO_MAX);
    for (const PQconninfoOption *o = all; o->keyword; o++)
        if (o->val && *o->val)
            add_pair(&out, o->keyword, o->val);
    rc = add_address(&out, all);
    if (!*value_of(all, "options"))
        add_pair(&out, "options", SESSION_OPTIONS);
    if (rc == 0 && cc_buf_over(&out))
        rc = cc_fail(CC_E_TOOBIG, "connection string: longer than %d bytes", CONNINFO_MAX);
    if (rc == 0)
        *ret = strdup(out.bytes);
    cc_buf_done(&out);
    return rc;
}

static int say_why(struct cc_pg_conn *conn)
{
    const char *words = PQerrorMessage(conn->pg);

    return cc_fail(CC_E_DOWN, "PostgreSQL: %.*s", (int)strcspn(words, "\n"), words);
}

/* Waits. */
static int poll_connection(struct cc_pg_conn *conn, int64_t end_ms)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    int rc = PQstatus(conn->pg) == CONNECTION_BAD ? say_why(conn) : 0;

    while (rc == 0 && state != PGRES_POLLING_OK) {
        rc = cc_pg_wait_io(conn, state == PGRES_POLLING_WRITING ? CC_WRITE : CC_READ, end_ms);
        if (rc)
            break;
        int socket_before = PQsocket(conn->pg);
        state = PQconnectPoll(conn->pg);
        if (PQsocket(conn->pg) != socket_before && conn->watched) {
            cc_watch_done(&conn->watch);
            conn->watched = false;
        }
        if (state == PGRES_POLLING_FAILED)
            rc = say_why(conn);
    }
    return rc;
}

static void ignore_notice(void *arg, const PGresult *notice)
{
    (void)arg;
    (void)notice;
}

int cc_pg_connect(struct cc_pg *pool, int64_t end_ms, struct cc_pg_conn **ret)
{
    struct cc_pg_conn *conn = calloc(1, sizeof *conn);
    int rc;

    if (!conn)
        abort();
    conn->pool = pool;
    conn->leased = true;
    pool->open++;
    conn->pg = PQconnectStart(pool->conninfo);
    if (!conn->pg)
        abort();
    PQsetNoticeReceiver(conn->pg, ignore_notice, NULL);
    rc = poll_connection(conn, end_ms);
    if (rc == 0 && (PQsetnonblocking(conn->pg, 1) != 0 || !PQenterPipelineMode(conn->pg)))
        rc = say_why(conn);
    if (rc)
        cc_pg_disconnect(conn);
    else
        *ret = conn;
    return rc;
}
