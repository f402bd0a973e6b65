/*
 * pg_run.h - statements as data, and the one function that runs them.  Only for proto/store.
 *
 *     static const struct cc_stmt GET = {"SELECT name FROM bots WHERE tenant_id = $1 AND id = $2"};
 *     CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
 *     rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(id))));
 *
 * The steps of one call are one transaction and one round trip: BEGIN, the tenant, who acts
 * (base/actor.h), the steps and COMMIT leave together, prepared on each connection at first use. So
 * no step can depend on what an earlier one returned; it may depend on what that one did to the
 * tables, and steps that follow a fence ask for it themselves.
 *
 * When the connection is lost after COMMIT was sent nobody knows whether it counted.  The caller
 * gets DOWN, TIMEOUT or CANCELLED and may run the same again: nouns are written so that a repeated
 * claim, finish or batch finds its own traces and does no harm.
 */
#ifndef CC_STORE_PG_RUN_H
#define CC_STORE_PG_RUN_H

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/clean.h"
#include "proto/store/pg.h"

#define CC_STEPS_MAX 16 /* of one transaction */
#define CC_ARGS_MAX  24 /* of one statement */

struct cc_stmt { /* static: known to connections by its address */
    const char *sql;
};
struct cc_arg {
    enum { CC_ARG_TEXT, CC_ARG_INT, CC_ARG_REAL, CC_ARG_BYTES } kind;
    int len; /* of bytes */
    union {
        const char *text; /* NULL: SQL's NULL */
        const void *bytes;
        int64_t i;
        double d;
    } v;
};
static inline struct cc_arg cc_at(const char *text)
{
    return (struct cc_arg){CC_ARG_TEXT, 0, {.text = text}};
}
static inline struct cc_arg cc_ai(int64_t i)
{
    return (struct cc_arg){CC_ARG_INT, 0, {.i = i}};
}
static inline struct cc_arg cc_ad(double d)
{
    return (struct cc_arg){CC_ARG_REAL, 0, {.d = d}};
}
static inline struct cc_arg cc_ab(bool b)
{
    return cc_at(b ? "t" : "f");
}
/* In the binary form of the parameter's type; len < 1 GiB. */
static inline struct cc_arg cc_abytes(const void *bytes, size_t len)
{
    return (struct cc_arg){CC_ARG_BYTES, (int)len, {.bytes = bytes}};
}

struct cc_step {
    const struct cc_stmt *stmt;
    const struct cc_arg *args;
    size_t n;
};
struct cc_steps {
    const struct cc_step *step;
    size_t n;
};
#define CC_PLAIN_STEP(stmt)                                                                        \
    {                                                                                              \
        &(stmt), NULL, 0                                                                           \
    } /* without parameters */
#define CC_ARGS(...)                                                                               \
    (const struct cc_arg[])                                                                        \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define CC_STEP(stmt, ...)                                                                         \
    {                                                                                              \
        &(stmt), CC_ARGS(__VA_ARGS__), sizeof(CC_ARGS(__VA_ARGS__)) / sizeof(struct cc_arg)        \
    }
#define CC_STEPS(...)                                                                              \
    (struct cc_steps)                                                                              \
    {                                                                                              \
        (const struct cc_step[]){__VA_ARGS__},                                                     \
            sizeof((const struct cc_step[]){__VA_ARGS__}) / sizeof(struct cc_step)                 \
    }

/* One result per step, columns in binary form. */
struct cc_rows {
    PGresult *of[CC_STEPS_MAX];
};
void cc_rows_done(struct cc_rows *rows);
static inline int cc_rows_n(const struct cc_rows *rows, int step)
{
    return PQntuples(rows->of[step]);
}
/* Rows that the step inserted, updated or deleted. */
int64_t cc_rows_changed(const struct cc_rows *rows, int step);

/* Waits.  tenant NULL: none is set, only what needs none is seen.  Besides the codes of pg.h:
 * CONFLICT (a unique key is taken), NOTFOUND (a row that is referred to is missing), INVALID (a
 * value that the column refuses).  *ret is untouched on failure. */
int cc_pg_run(struct cc_pg *pool, const char *tenant, struct cc_rows *ret, struct cc_steps steps);

/* Waits.  The same with a moment of its own instead of CC_PG_MS. */
int cc_pg_run_by(struct cc_pg *pool, int64_t end_ms, const char *tenant, struct cc_rows *ret,
                 struct cc_steps steps);

/* Waits.  Runs one step; `none` with these words if it returned and changed no row. */
int cc_pg_must(struct cc_pg *pool, const char *tenant, struct cc_step step, int none,
               const char *words);

/* Reads the columns of one row from left to right, in the order of the SELECT. */
struct cc_row {
    const PGresult *res;
    struct cc_arena *mem; /* where texts go; NULL if there are none */
    int row, col;
};
static inline struct cc_row cc_row(const struct cc_rows *rows, int step, int row,
                                   struct cc_arena *mem)
{
    return (struct cc_row){rows->of[step], mem, row, 0};
}
const char *cc_row_text(struct cc_row *row); /* NULL reads as "" */
int64_t cc_row_int(struct cc_row *row);      /* any integer type; NULL reads as 0 */
double cc_row_real(struct cc_row *row);      /* float8 */
bool cc_row_bool(struct cc_row *row);
const void *cc_row_bytes(struct cc_row *row, size_t *ret_len);   /* points into the result */
const char *const *cc_row_texts(struct cc_row *row, int *ret_n); /* of text[], in row->mem */

/* For "id < $n", a page of a list by ids, newest first: from behind this id, "" for the first page.
 * Always a range, so that an index is entered where the page begins.  Ids (id.h) come before "zzz"
 * in any order. */
#define cc_abehind(after) cc_at(*(after) ? (after) : "zzz")

/* An array parameter: '{"a","b"}' of texts, '{1,2}' of numbers. */
struct cc_buf;
char *cc_array_texts(struct cc_arena *mem, const char *const *texts, int n);
char *cc_array_ints(struct cc_arena *mem, const int64_t *ints, int n);

#endif
