#include "proto/store/migrate.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/store/schema_files.h"

/* Any number that nobody else locks in this database. */
#define LOCK_SQL "SELECT pg_advisory_lock(7741001)"

CC_CLEANER(PGconn *, PQfinish)
CC_CLEANER(PGresult *, PQclear)

int cc_schema_newest(void)
{
    int newest = 0;

    for (const struct cc_schema_file *f = cc_schema_files; f->sql; f++)
        newest = f->number;
    return newest;
}

static int run(PGconn *pg, const char *sql, const char *what)
{
    CC_AUTO(PQclear)
    PGresult *res = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(res);
    const char *words = PQerrorMessage(pg);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return 0;
    return cc_fail(CC_E_REPLY, "%s: %.*s", what, (int)strcspn(words, "\n"), words);
}

static int read_version(PGconn *pg, int *ret)
{
    CC_AUTO(PQclear)
    PGresult *res = PQexec(pg, "SELECT coalesce(max(version), 0) FROM schema_version");

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return cc_fail(CC_E_REPLY, "schema_version: %s", PQerrorMessage(pg));
    *ret = (int)strtol(PQgetvalue(res, 0, 0), NULL, 10);
    return 0;
}

static int note(PGconn *pg, const struct cc_schema_file *file)
{
    char number[12];
    const char *values[] = {number, file->name};

    snprintf(number, sizeof number, "%d", file->number);
    CC_AUTO(PQclear)
    PGresult *res =
        PQexecParams(pg, "INSERT INTO schema_version (version, name) VALUES ($1::int, $2)", 2, NULL,
                     values, NULL, NULL, 0);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        return cc_fail(CC_E_REPLY, "schema_version: %s", PQerrorMessage(pg));
    return 0;
}

static int apply(PGconn *pg, const struct cc_schema_file *file)
{
    int rc = run(pg, "BEGIN", file->name);

    if (rc == 0)
        rc = run(pg, file->sql, file->name);
    if (rc == 0)
        rc = note(pg, file);
    if (rc == 0)
        rc = run(pg, "COMMIT", file->name);
    return rc; /* the connection is closed after a failure: that rolls back */
}

static int apply_newer(PGconn *pg, struct cc_migrated *ret)
{
    struct cc_migrated done;
    int rc = read_version(pg, &done.from);

    done.to = done.from;
    for (const struct cc_schema_file *f = cc_schema_files; rc == 0 && f->sql; f++) {
        if (f->number <= done.from)
            continue;
        rc = apply(pg, f);
        if (rc == 0)
            done.to = f->number;
    }
    if (rc == 0)
        *ret = done;
    return rc;
}

static void ignore_notice(void *arg, const char *words)
{
    (void)arg;
    (void)words;
}

int cc_migrate(const char *owner_conninfo, struct cc_migrated *ret)
{
    CC_AUTO(PQfinish)
    PGconn *pg = PQconnectdb(owner_conninfo);
    int rc;

    if (PQstatus(pg) != CONNECTION_OK)
        return cc_fail(CC_E_DOWN, "%s", PQerrorMessage(pg));
    PQsetNoticeProcessor(pg, ignore_notice, NULL);
    rc = run(pg, LOCK_SQL, "lock");
    if (rc == 0)
        rc = run(pg,
                 "CREATE TABLE IF NOT EXISTS schema_version (version int PRIMARY KEY,"
                 " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
                 "GRANT SELECT ON schema_version TO cc_app, cc_sweep",
                 "schema_version");
    return rc ? rc : apply_newer(pg, ret);
}
