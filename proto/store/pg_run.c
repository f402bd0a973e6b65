/* A transaction as one pipeline: all is sent, then all results are read. */
#include "proto/store/pg_run.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/actor.h"
#include "proto/base/clock.h"
#include "proto/store/pg_inside.h"

static const struct cc_stmt BEGIN = {"BEGIN"}, COMMIT = {"COMMIT"}, ROLLBACK = {"ROLLBACK"},
                            TENANT = {"SELECT set_config('app.tenant_id', $1, true)"},
                            ACTOR = {"SELECT set_config('app.actor', $1, true)"};

/* What comes back, in order: for each statement perhaps the result of its preparation, then its
 * own.  Beside the steps there are BEGIN, the tenant, the actor and COMMIT. */
#define PLAN_MAX (2 * (CC_STEPS_MAX + 4))

struct plan {
    struct {
        const struct cc_stmt *prepares; /* NULL: the statement itself */
        int step;                       /* whose result it is; -1: nobody's */
    } expect[PLAN_MAX];
    int n, preparing;
};

struct params { /* as libpq wants them */
    const char *values[CC_ARGS_MAX];
    int lengths[CC_ARGS_MAX], formats[CC_ARGS_MAX];
    char digits[CC_ARGS_MAX][25];
};

static int broken(struct cc_pg_conn *conn)
{
    const char *words = PQerrorMessage(conn->pg);

    conn->broken = true;
    return cc_fail(CC_E_DOWN, "PostgreSQL: %.*s", (int)strcspn(words, "\n"), words);
}

static void set_param(struct params *p, size_t i, const struct cc_arg *arg)
{
    p->values[i] = p->digits[i];
    p->lengths[i] = 0;
    p->formats[i] = 0;
    switch (arg->kind) {
    case CC_ARG_TEXT: p->values[i] = arg->v.text; break;
    case CC_ARG_INT:
        snprintf(p->digits[i], sizeof p->digits[i], "%lld", (long long)arg->v.i);
        break;
    case CC_ARG_REAL: snprintf(p->digits[i], sizeof p->digits[i], "%.17g", arg->v.d); break;
    case CC_ARG_BYTES:
        p->values[i] = arg->v.bytes ? arg->v.bytes : "";
        p->lengths[i] = arg->len;
        p->formats[i] = 1;
        break;
    }
}

/* The statement's number on this connection; it is prepared there, or will be by this plan. */
static int find_prepared(const struct cc_pg_conn *conn, const struct plan *plan,
                         const struct cc_stmt *stmt)
{
    int number = conn->prepared_n;

    for (int i = 0; i < conn->prepared_n; i++)
        if (conn->prepared[i] == stmt)
            return i;
    for (int i = 0; i < plan->n; i++) {
        if (plan->expect[i].prepares == stmt)
            return number;
        number += plan->expect[i].prepares != NULL;
    }
    return -1;
}

static void expect(struct plan *plan, const struct cc_stmt *prepares, int step)
{
    assert(plan->n < PLAN_MAX);
    plan->expect[plan->n].prepares = prepares;
    plan->expect[plan->n++].step = step;
}

static int send_step(struct cc_pg_conn *conn, struct plan *plan, const struct cc_step *step,
                     int index)
{
    struct params p;
    char name[16];
    int number = find_prepared(conn, plan, step->stmt);
    bool fresh = number < 0;

    assert(step->n <= CC_ARGS_MAX);
    if (fresh)
        number = conn->prepared_n + plan->preparing++;
    assert(number < CC_PG_PREPARED);
    snprintf(name, sizeof name, "s%d", number);
    if (fresh) {
        if (!PQsendPrepare(conn->pg, name, step->stmt->sql, 0, NULL))
            return broken(conn);
        expect(plan, step->stmt, -1);
    }
    for (size_t i = 0; i < step->n; i++)
        set_param(&p, i, &step->args[i]);
    if (!PQsendQueryPrepared(conn->pg, name, (int)step->n, p.values, p.lengths, p.formats, 1))
        return broken(conn);
    expect(plan, NULL, index);
    return 0;
}

static int send_all(struct cc_pg_conn *conn, struct plan *plan, const char *tenant,
                    struct cc_steps steps)
{
    const char *actor = cc_actor_get();
    int rc = send_step(conn, plan, &(struct cc_step){&BEGIN, NULL, 0}, -1);

    if (rc == 0 && tenant)
        rc = send_step(conn, plan, &(struct cc_step)CC_STEP(TENANT, cc_at(tenant)), -1);
    if (rc == 0 && *actor)
        rc = send_step(conn, plan, &(struct cc_step)CC_STEP(ACTOR, cc_at(actor)), -1);
    for (size_t i = 0; rc == 0 && i < steps.n; i++)
        rc = send_step(conn, plan, &steps.step[i], (int)i);
    if (rc == 0)
        rc = send_step(conn, plan, &(struct cc_step){&COMMIT, NULL, 0}, -1);
    return rc;
}

/* Waits.  *ret may be NULL: that ends the results of one statement. */
static int next_result(struct cc_pg_conn *conn, int64_t end_ms, PGresult **ret)
{
    while (PQisBusy(conn->pg)) {
        int unsent = PQflush(conn->pg);
        int rc;

        if (unsent < 0)
            return broken(conn);
        rc = cc_pg_wait_io(conn, unsent ? CC_READ | CC_WRITE : CC_READ, end_ms);
        if (rc) {
            conn->broken = true; /* given up half-way */
            return cc_fail(rc, "PostgreSQL: no answer in time");
        }
        if (!PQconsumeInput(conn->pg))
            return broken(conn);
    }
    *ret = PQgetResult(conn->pg);
    return 0;
}

/* SQLSTATEs begin with a class of two characters; the first row that fits counts. */
static int code_of(const char *state)
{
    static const struct {
        const char *begins;
        int code;
    } table[] = {{"23505", CC_E_CONFLICT}, {"23503", CC_E_NOTFOUND}, {"23", CC_E_INVALID},
                 {"22", CC_E_INVALID},     {"57014", CC_E_TIMEOUT},  {"57P", CC_E_DOWN},
                 {"53", CC_E_BUSY},        {"40", CC_E_BUSY},        {"55P03", CC_E_BUSY},
                 {"42501", CC_E_FORBIDDEN}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strncmp(state, table[i].begins, strlen(table[i].begins)) == 0)
            return table[i].code;
    return CC_E_REPLY;
}

static int refused(struct cc_pg_conn *conn, const PGresult *res)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *words = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

    if (!state || !severity || strcmp(severity, "ERROR") != 0)
        conn->broken = true; /* FATAL: the server closes the connection */
    if (!state) {
        words = PQresultErrorMessage(res);
        return cc_fail(CC_E_DOWN, "PostgreSQL: %.*s", (int)strcspn(words, "\n"), words);
    }
    return cc_fail(code_of(state), "PostgreSQL %s: %s", state, words ? words : "");
}

/* Waits.  The result of one statement and the NULL that ends it. */
static int read_one(struct cc_pg_conn *conn, int64_t end_ms, PGresult **ret)
{
    PGresult *res = NULL, *end = NULL;
    int rc = next_result(conn, end_ms, &res);

    if (rc == 0 && !res)
        rc = broken(conn);
    if (rc == 0)
        rc = next_result(conn, end_ms, &end);
    if (rc == 0 && end)
        rc = broken(conn);
    PQclear(end);
    if (rc)
        PQclear(res);
    else
        *ret = res;
    return rc;
}

static void keep_or_clear(PGresult *res, struct cc_rows *rows, int step)
{
    if (step >= 0 && rows)
        rows->of[step] = res;
    else
        PQclear(res);
}

/* Waits.  Reads on after a refusal, so that the connection stays usable. */
static int read_all(struct cc_pg_conn *conn, const struct plan *plan, int64_t end_ms,
                    struct cc_rows *rows)
{
    int first_bad = 0;

    for (int i = 0; i < plan->n; i++) {
        PGresult *res;
        ExecStatusType status;
        int rc = read_one(conn, end_ms, &res);

        if (rc)
            return first_bad ? first_bad : rc;
        status = PQresultStatus(res);
        if (status == PGRES_FATAL_ERROR && !first_bad)
            first_bad = refused(conn, res);
        else if (status == PGRES_COMMAND_OK && plan->expect[i].prepares)
            conn->prepared[conn->prepared_n++] = plan->expect[i].prepares;
        keep_or_clear(res, rows, plan->expect[i].step);
    }
    return first_bad;
}

static int read_sync(struct cc_pg_conn *conn, int64_t end_ms)
{
    PGresult *res = NULL;
    int rc = conn->broken ? CC_E_DOWN : next_result(conn, end_ms, &res);

    if (rc == 0 && PQresultStatus(res) != PGRES_PIPELINE_SYNC)
        rc = broken(conn);
    PQclear(res);
    return rc;
}

/* Waits.  The server answers to what was sent with `plan`. */
static int collect(struct cc_pg_conn *conn, const struct plan *plan, int64_t end_ms,
                   struct cc_rows *rows)
{
    int rc, sync_rc;

    if (!PQpipelineSync(conn->pg) || PQflush(conn->pg) < 0)
        return broken(conn);
    rc = read_all(conn, plan, end_ms, rows);
    if (conn->broken)
        return rc;
    sync_rc = read_sync(conn, end_ms);
    return rc ? rc : sync_rc;
}

/* Waits.  After a refusal the transaction is still there, and refuses everything. */
static void roll_back(struct cc_pg_conn *conn, int64_t end_ms)
{
    struct plan plan = {0};
    char words[CC_FAIL_TEXT];

    snprintf(words, sizeof words, "%s", cc_fail_text());
    if (send_step(conn, &plan, &(struct cc_step){&ROLLBACK, NULL, 0}, -1) ||
        collect(conn, &plan, end_ms, NULL))
        conn->broken = true;
    cc_fail(CC_E_REPLY, "%s", words); /* what matters is why we roll back */
}

int cc_pg_run_by(struct cc_pg *pool, int64_t end_ms, const char *tenant, struct cc_rows *ret,
                 struct cc_steps steps)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct plan plan = {0};
    struct cc_pg_conn *conn;
    int rc = cc_pg_lease(pool, end_ms, &conn);

    assert(steps.n <= CC_STEPS_MAX);
    if (rc)
        return rc;
    rc = send_all(conn, &plan, tenant, steps);
    if (rc == 0)
        rc = collect(conn, &plan, end_ms, &rows);
    if (rc && !conn->broken)
        roll_back(conn, end_ms);
    if (rc == 0)
        pool->heard_ms = cc_clock_ms();
    cc_pg_release(conn);
    if (rc == 0) {
        *ret = rows;
        rows = (struct cc_rows){0};
    }
    return rc;
}

int cc_pg_run(struct cc_pg *pool, const char *tenant, struct cc_rows *ret, struct cc_steps steps)
{
    return cc_pg_run_by(pool, cc_clock_ms() + CC_PG_MS, tenant, ret, steps);
}

int cc_pg_must(struct cc_pg *pool, const char *tenant, struct cc_step step, int none,
               const char *words)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){&step, 1});

    if (rc == 0 && cc_rows_n(&rows, 0) == 0 && cc_rows_changed(&rows, 0) == 0)
        return cc_fail(none, "%s", words);
    return rc;
}
