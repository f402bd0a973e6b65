/*
 * store.h - a tenant of its own for each test, in a real PostgreSQL.
 *
 *     struct store s;
 *     store_open(&s);   connects as CC_PG says, migrates once, makes tenant, bot and session
 *     store_close(&s);
 *
 * Runs under tests/support/servers; without CC_PG the test fails with a word about it.
 */
#ifndef CC_TESTS_STORE_H
#define CC_TESTS_STORE_H

#include "proto/base/id.h"
#include "proto/store/answer.h"
#include "proto/store/chunk.h"
#include "proto/store/document.h"
#include "proto/store/session.h"
#include "proto/store/turn.h"

struct store {
    struct cc_pg *pg, *sweep;
    struct cc_arena *mem;
    char tenant[CC_ID_MAX], bot[CC_ID_MAX], session[CC_ID_MAX];
};
void store_open(struct store *s);
void store_close(struct store *s);
/* Another tenant with its bot and session, sharing pools and memory of s. */
void store_other(const struct store *s, struct store *ret);

const char *store_env(const char *name); /* fails the test when it is not set */
/* Runs SQL as the role of that variable (CC_PG_SUPER, ...); first column of the first row, in mem;
 * NULL if there was no row.  An error fails the test unless it begins with "ERROR" in the result of
 * store_sql_error(). */
const char *store_sql(const struct store *s, const char *role, const char *sql);
const char *store_sql_error(const struct store *s, const char *role,
                            const char *sql); /* SQLSTATE */

/* A document with that text as its file; id in out. */
void store_document(const struct store *s, const char *text, char out[CC_ID_MAX]);
/* Claims it with a lease of a minute. */
struct cc_document_hold store_claim(const struct store *s, const char *document);
/* One chunk per text, terms split at spaces, vectors of dimension 4 (may be NULL), published. */
void store_publish(const struct store *s, const struct cc_document_hold *hold,
                   const char *const *texts, int n, const float *vectors);
/* The chunk of a text as store_publish() makes it. */
struct cc_chunk store_chunk(const struct store *s, int64_t index, const char *text,
                            const float *vector);

#endif
