#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/hash.h"
#include "proto/store/migrate.h"

const char *store_env(const char *name)
{
    const char *value = getenv(name);

    cr_assert_not_null(value, "%s is not set: run me under tests/support/servers", name);
    return value;
}

static void make_tenant(struct store *s)
{
    cc_id_sorted("ten", s->tenant);
    cc_id_sorted("bot", s->bot);
    cc_id_random("ses", s->session);
    struct cc_tenant tenant = {.id = s->tenant, .name = "Test", .tier = "free"};
    struct cc_bot bot = {.id = s->bot,
                         .tenant = s->tenant,
                         .name = "Bot",
                         .system = "",
                         .provider = "",
                         .model = "",
                         .temperature = -1,
                         .max_tokens = 500,
                         .top_k = 5,
                         .origins = "[\"*\"]",
                         .widget = "{}",
                         .refusal = ""};
    cr_assert_eq(cc_tenant_add(s->pg, &tenant), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_bot_add(s->pg, &bot), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_session_open(s->pg, s->tenant, s->bot, s->session, ""), 0, "%s",
                 cc_fail_text());
}

void store_open(struct store *s)
{
    struct cc_pg_opts app = {.conninfo = store_env("CC_PG")},
                      sweep = {.conninfo = store_env("CC_PG_SWEEP")};
    struct cc_migrated done;

    memset(s, 0, sizeof *s);
    cr_assert_eq(cc_migrate(store_env("CC_PG_OWNER"), &done), 0, "%s", cc_fail_text());
    cc_loop_init(NULL);
    s->mem = cc_arena_new(256 << 20);
    cr_assert_eq(cc_pg_open(&app, &s->pg), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_pg_open(&sweep, &s->sweep), 0, "%s", cc_fail_text());
    make_tenant(s);
}

void store_close(struct store *s)
{
    cc_pg_close(&s->pg);
    cc_pg_close(&s->sweep);
    cc_arena_free(&s->mem);
    cc_loop_done();
}

void store_other(const struct store *s, struct store *ret)
{
    *ret = *s;
    make_tenant(ret);
}

static PGresult *run_sql(const char *role, const char *sql)
{
    PGconn *pg = PQconnectdb(store_env(role));
    PGresult *res = PQexec(pg, sql);

    PQfinish(pg);
    return res;
}

const char *store_sql(const struct store *s, const char *role, const char *sql)
{
    PGresult *res = run_sql(role, sql);
    ExecStatusType status = PQresultStatus(res);
    const char *value = NULL;

    cr_assert(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, "%s: %s", sql,
              PQresultErrorMessage(res));
    if (PQntuples(res) > 0)
        value = cc_arena_dup(s->mem, PQgetvalue(res, 0, 0));
    PQclear(res);
    return value;
}

const char *store_sql_error(const struct store *s, const char *role, const char *sql)
{
    PGresult *res = run_sql(role, sql);
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *copy = cc_arena_dup(s->mem, state ? state : "");

    PQclear(res);
    return copy;
}

void store_document(const struct store *s, const char *text, char out[CC_ID_MAX])
{
    char sha256[CC_SHA256_HEX];
    struct cc_document d = {.id = cc_id_sorted("doc", out),
                            .tenant = s->tenant,
                            .bot = "",
                            .filename = "a.txt",
                            .title = "A",
                            .url = "",
                            .sha256 = cc_sha256_hex(text, strlen(text), sha256),
                            .type = "text/plain",
                            .bytes = text,
                            .size = (int64_t)strlen(text)};

    cr_assert_eq(cc_document_add(s->pg, &d), 0, "%s", cc_fail_text());
}

struct cc_document_hold store_claim(const struct store *s, const char *document)
{
    struct cc_document_lease lease = {s->tenant, document, "test", 60000, 3};
    struct cc_document_claimed got;

    cr_assert_eq(cc_document_claim(s->pg, &lease, &got), 0, "%s", cc_fail_text());
    cr_assert_eq(got.outcome, CC_DOC_OURS);
    return (struct cc_document_hold){s->tenant, document, got.attempt, got.generation};
}

static void count_term(struct cc_chunk_term *terms, int *n, const char *word)
{
    for (int i = 0; i < *n; i++)
        if (strcmp(terms[i].text, word) == 0) {
            terms[i].count++;
            return;
        }
    terms[(*n)++] = (struct cc_chunk_term){word, 1};
}

struct cc_chunk store_chunk(const struct store *s, int64_t index, const char *text,
                            const float *vector)
{
    struct cc_chunk_term *terms = cc_arena_array(s->mem, strlen(text) + 1, sizeof *terms);
    char *sha256 = cc_arena_get(s->mem, CC_SHA256_HEX), *rest = NULL;
    struct cc_chunk c = {.index = index, .text = text, .section = "S", .page = 1, .tokens = 3};

    c.sha256 = cc_sha256_hex(text, strlen(text), sha256);
    for (char *w = strtok_r(cc_arena_dup(s->mem, text), " ", &rest); w;
         w = strtok_r(NULL, " ", &rest)) {
        count_term(terms, &c.terms_n, w);
        c.words++;
    }
    c.terms = terms;
    c.vectors = vector;
    c.parts = vector ? 1 : 0;
    return c;
}

void store_publish(const struct store *s, const struct cc_document_hold *hold,
                   const char *const *texts, int n, const float *vectors)
{
    struct cc_chunk *chunks = cc_arena_array(s->mem, (size_t)n, sizeof *chunks);
    struct cc_chunk_batch batch = {chunks, n, 4, "test"};

    for (int i = 0; i < n; i++)
        chunks[i] = store_chunk(s, i, texts[i], vectors ? vectors + 4 * i : NULL);
    cr_assert_eq(cc_chunk_put(s->pg, hold, &batch), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_chunk_publish(s->pg, hold, n, 0), 0, "%s", cc_fail_text());
}
