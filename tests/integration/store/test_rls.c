/*
 * Row-level security as the second belt: what happens when somebody forgets the first.
 *
 * The last tests run every statement of proto/store with its tenant condition cut out, by standing
 * between it and libpq.
 */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/base/buf.h"
#include "proto/base/hash.h"
#include "proto/seal/key.h"
#include "proto/store/audit.h"
#include "proto/store/check.h"
#include "proto/store/conversation.h"
#include "proto/store/erasure.h"
#include "proto/store/export.h"
#include "proto/store/invitation.h"
#include "proto/store/member.h"
#include "proto/store/session_file.h"
#include "proto/store/source.h"
#include "proto/store/visitor.h"
#include "tests/support/store.h"

/* ---- cutting the tenant out of statements ---- */

static bool cutting;
static int cuts;

/* "x.tenant_id = $1" becomes "$1::text IS NOT NULL", and the same for the setting. */
static void cut(const char *sql, struct cc_buf *out)
{
    static const char name[] = "tenant_id = ";

    while (*sql) {
        const char *at = strstr(sql, name);

        if (!at || (at[sizeof name - 1] != '$' &&
                    strncmp(at + sizeof name - 1, "current_setting", 15) != 0)) {
            size_t len = at ? (size_t)(at - sql) + sizeof name - 1 : strlen(sql);
            cc_buf_add(out, sql, len);
            sql += len;
            continue;
        }
        const char *value = at + sizeof name - 1, *begin = at;
        size_t len = *value == '$' ? 2 : strcspn(value, ")") + 1;
        if (at > sql && at[-1] == '.')
            for (begin--; begin > sql && begin[-1] != ' ' && begin[-1] != '('; begin--)
                ;
        cc_buf_add(out, sql, (size_t)(begin - sql));
        cc_buf_add(out, value, len);
        cc_buf_text(out, "::text IS NOT NULL");
        sql = value + len;
        cuts++;
    }
}

int PQsendPrepare(PGconn *pg, const char *name, const char *sql, int n, const Oid *types)
{
    int (*real)(PGconn *, const char *, const char *, int, const Oid *);
    struct cc_buf cut_sql;
    int ok;

    *(void **)&real = dlsym(RTLD_NEXT, "PQsendPrepare");
    if (!cutting)
        return real(pg, name, sql, n, types);
    cc_buf_init(&cut_sql, 65536);
    cut(sql, &cut_sql);
    ok = real(pg, name, cut_sql.bytes, n, types);
    cc_buf_done(&cut_sql);
    return ok;
}

/* ---- two tenants, one with something to see ---- */

static struct store s, other;
static char doc[CC_ID_MAX], answer[CC_ID_MAX], message[CC_ID_MAX], key[CC_KEY_MAX],
    key_id[CC_ID_MAX];
static int64_t chunk;
static PGconn *pg;

/* What no call of this test makes: all of the tenant whose id stands in the setting. */
#define OURS "current_setting('app.tenant_id')"
static void fill_directly(void)
{
    static const char *const rows[] = {
        "UPDATE sessions SET flagged = true, visitor_id = 'vis_1', form = '{\"a\":\"canary\"}',"
        " handoff = 'waiting', handoff_note = 'canary' WHERE tenant_id = " OURS,
        "INSERT INTO chunk_edits (tenant_id, document_id, text_sha256, text)"
        " SELECT tenant_id, id, '', 'canary' FROM documents WHERE tenant_id = " OURS,
        "INSERT INTO vector_garbage (tenant_id, generation)"
        " SELECT tenant_id, generation FROM documents WHERE tenant_id = " OURS,
        "INSERT INTO sources (tenant_id, id, kind, url, title, depth, max_pages, every_s)"
        " VALUES (" OURS ", 'src_1', 'page', 'https://x.example/', 'canary', 0, 1, 0)",
        "INSERT INTO source_pages (tenant_id, source_id, url, depth, visit, state)"
        " VALUES (" OURS ", 'src_1', 'https://x.example/', 0, 1, 'waiting')",
        "INSERT INTO users (id, email, email_key, name, password)"
        " VALUES ('usr_' || " OURS ", 'canary', 'canary' || " OURS ", 'canary', '')",
        "INSERT INTO members (tenant_id, user_id, role)"
        " VALUES (" OURS ", 'usr_' || " OURS ", 'viewer')",
        "INSERT INTO logins (tenant_id, id, user_id, expires_at)"
        " VALUES (" OURS ", 'lgn_1', 'usr_' || " OURS ", now())",
        "INSERT INTO invitations (tenant_id, id, email, email_key, role, invited_by, expires_at)"
        " VALUES (" OURS ", 'inv_1', 'canary', 'new', 'viewer', '', now() + '1 day')",
        "INSERT INTO pins (tenant_id, id, bot_id, answer)"
        " SELECT tenant_id, 'pin_1', id, 'canary' FROM bots WHERE tenant_id = " OURS,
        "INSERT INTO pin_questions (tenant_id, pin_id, bot_id, normal, question)"
        " SELECT tenant_id, id, bot_id, 'canary', 'Canary?' FROM pins WHERE tenant_id = " OURS,
        "INSERT INTO audit_log (tenant_id, actor, address, trace, action, noun, row_id, changed)"
        " VALUES (" OURS ", 'operator', '', '', 'update', 'bots', 'canary', '{}')",
        "INSERT INTO visitors (tenant_id, id, external) VALUES (" OURS ", 'vis_1', 'canary')",
        "INSERT INTO session_files (tenant_id, id, session_id, filename, type, size, sha256,"
        " status, bytes, texts, terms, pages) SELECT tenant_id, 'fil_' || n, id, 'canary', '', 1,"
        " n, CASE n WHEN 1 THEN 'ready' ELSE 'pending' END, 'canary', '{canary}', '{canary}', '{1}'"
        " FROM sessions, generate_series(1, 2) n WHERE tenant_id = " OURS,
        "INSERT INTO erasures (tenant_id, id, kind, subject, asked_by)"
        " VALUES (" OURS ", 'ers_1', 'visitor', 'canary', 'usr_1')",
        "INSERT INTO spend_holds (tenant_id, answer_id, bot_id, attempt, model, input_tokens,"
        " output_tokens, cost, expires_at)"
        " VALUES (" OURS ", 'ans_1', 'bot_1', 0, 'canary', 1, 1, 1, 'infinity')",
        "INSERT INTO operator_keys (kid, public, current) VALUES ('0', sha256('0'), false)"
        " ON CONFLICT DO NOTHING",
        "INSERT INTO tenant_keys (tenant_id, id, public, sealed, operator_kid)"
        " VALUES (" OURS ", 'canary', sha256('1'), '', '0')",
        "INSERT INTO providers (tenant_id, name, model, sealed)"
        " VALUES (" OURS ", 'openai', 'canary', '')",
    };
    char sql[600];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(sql, sizeof sql, "SELECT set_config('app.tenant_id', '%s', false); %s", s.tenant,
                 rows[i]);
        store_sql(&s, "CC_PG_SUPER", sql);
    }
}

static void fill(void)
{
    static const char *const canary[] = {"canary"};
    static const float v[] = {1, 0, 0, 0};
    struct cc_answer_claim claim = {s.tenant, answer,        s.bot, s.session, "m-1", "w", "canary",
                                    "free",   1763620000000, 60000, "",        "",    "",  ""};
    struct cc_answer_result done = {.tenant = s.tenant,
                                    .answer = answer,
                                    .bot = s.bot,
                                    .session = s.session,
                                    .attempt = 1,
                                    .state = "done",
                                    .message = cc_id_sorted("msg", message),
                                    .text = "canary",
                                    .sources = "[]",
                                    .provider = "p",
                                    .model = "m",
                                    .finish = "stop"};
    struct cc_turn turn;
    struct cc_feedback feedback = {s.tenant, answer, "up", "canary"};
    struct cc_chunk_hit *hits;
    struct cc_scope here = {.tenant = s.tenant, .bot = s.bot};
    int n;

    store_document(&s, "canary", doc);
    struct cc_document_hold hold = store_claim(&s, doc);
    store_publish(&s, &hold, canary, 1, v);
    cr_assert_eq(cc_chunk_lexical(s.pg, &here, canary, 1, 1, s.mem, &hits, &n), 0);
    chunk = hits[0].chunk;
    cr_assert_eq(cc_turn_begin(s.pg, &claim, 0, s.mem, &turn), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_answer_finish(s.pg, &done), 0);
    cr_assert_eq(cc_feedback_put(s.pg, &feedback), 0);
    cr_assert_eq(cc_api_key_add(s.pg, s.tenant, "", cc_id_sorted("key", key_id),
                                cc_key_make(CC_KEY_SECRET, key)),
                 0);
    fill_directly();
}

static void setup(void)
{
    store_open(&s);
    cc_id_random("ans", answer);
    store_other(&s, &other);
    fill();
    pg = PQconnectdb(store_env("CC_PG"));
}

static void teardown(void)
{
    PQfinish(pg);
    store_close(&s);
}

TestSuite(row_security, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(statements_without_their_tenant, .init = setup, .fini = teardown, .timeout = 60);

/* First column of the first row, or the SQLSTATE. */
__attribute__((format(printf, 2, 3))) static const char *on(PGconn *conn, const char *fmt, ...)
{
    char sql[1000];
    va_list args;
    PGresult *res;
    const char *value;

    va_start(args, fmt);
    vsnprintf(sql, sizeof sql, fmt, args);
    va_end(args);
    res = PQexec(conn, sql);
    value = PQresultStatus(res) == PGRES_FATAL_ERROR ? PQresultErrorField(res, PG_DIAG_SQLSTATE)
            : PQntuples(res) > 0                     ? PQgetvalue(res, 0, 0)
                                                     : PQcmdTuples(res);
    value = cc_arena_dup(s.mem, value);
    PQclear(res);
    return value;
}

#define TENANT_TABLES                                                                              \
    "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attname = "      \
    "'tenant_id' WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"

/* How many rows of how many tenant tables the connection sees. */
static int visible(PGconn *conn, int *ret_tables)
{
    PGresult *tables = PQexec(conn, TENANT_TABLES);
    int rows = 0;

    *ret_tables = PQntuples(tables);
    for (int i = 0; i < *ret_tables; i++)
        rows +=
            (int)strtol(on(conn, "SELECT count(*) FROM %s", PQgetvalue(tables, i, 0)), NULL, 10);
    PQclear(tables);
    return rows;
}

Test(row_security, shows_nothing_when_no_tenant_is_set)
{
    int tables;

    cr_assert_eq(visible(pg, &tables), 0);
    cr_assert_geq(tables, 21);
}

Test(row_security, shows_every_table_to_its_tenant_and_none_after_the_commit)
{
    int tables, rows;

    on(pg, "BEGIN");
    on(pg, "SELECT set_config('app.tenant_id', '%s', true)", s.tenant);
    rows = visible(pg, &tables);
    cr_assert_geq(rows, tables, "each table has a row of ours");
    on(pg, "COMMIT");

    cr_assert_str_eq(on(pg, "SELECT current_setting('app.tenant_id', true)"), "",
                     "'' and not NULL: hence nullif in the policy");
    cr_assert_eq(visible(pg, &tables), 0);
}

Test(row_security, holds_for_the_owner_of_the_tables_too)
{
    PGconn *owner = PQconnectdb(store_env("CC_PG_OWNER"));
    int tables, rows = visible(owner, &tables);

    PQfinish(owner);
    cr_assert_eq(rows, 0);
}

Test(row_security, shows_no_row_of_another_tenant)
{
    on(pg, "BEGIN");
    on(pg, "SELECT set_config('app.tenant_id', '%s', true)", other.tenant);

    cr_assert_str_eq(on(pg, "SELECT count(*) FROM messages"), "0");
    cr_assert_str_eq(on(pg, "SELECT count(*) FROM chunks WHERE id = %lld", (long long)chunk), "0");
    cr_assert_str_eq(on(pg, "SELECT count(*) FROM tenants"), "1", "our own");
    cr_assert_str_eq(on(pg, "UPDATE documents SET title = 'x'"), "0");
    cr_assert_str_eq(on(pg, "DELETE FROM documents"), "0");
}

Test(row_security, refuses_a_row_for_another_tenant)
{
    on(pg, "SELECT set_config('app.tenant_id', '%s', false)", other.tenant);

    cr_assert_str_eq(on(pg, "INSERT INTO sessions (tenant_id, id, bot_id) VALUES ('%s', 'x', '%s')",
                        s.tenant, s.bot),
                     "42501");
    cr_assert_str_eq(on(pg, "UPDATE bots SET tenant_id = '%s'", s.tenant), "42501");
}

Test(row_security, refuses_what_the_application_has_no_business_with)
{
    on(pg, "SELECT set_config('app.tenant_id', '%s', false)", s.tenant);

    cr_assert_str_eq(on(pg, "ALTER TABLE messages DISABLE ROW LEVEL SECURITY"), "42501");
    cr_assert_str_eq(on(pg, "UPDATE usage_ledger SET input_tokens = 0"), "42501");
    cr_assert_str_eq(on(pg, "DELETE FROM usage_ledger"), "0", "only where a whole tenant goes");
    cr_assert_str_eq(on(pg, "DELETE FROM usage_daily"), "0");
    cr_assert_str_eq(on(pg, "TRUNCATE messages"), "42501");
    cr_assert_str_eq(on(pg, "CREATE TABLE x ()"), "42501");
    cr_assert_str_eq(on(pg, "SELECT cc_protect('messages')"), "42501");
    cr_assert_str_eq(on(pg, "SET ROLE cc_owner"), "42501");
}

Test(row_security, shows_a_key_only_to_who_presents_its_hash)
{
    char hash[CC_SHA256_HEX];

    on(pg, "SELECT set_config('app.key_hash', '%s', false)", cc_key_hash(key, hash));

    cr_assert_str_eq(on(pg, "SELECT count(*) FROM api_keys"), "1");
    cr_assert_str_eq(on(pg, "UPDATE api_keys SET revoked_at = now()"), "0");
    cr_assert_str_eq(on(pg, "SELECT count(*) FROM tenants"), "0");
}

Test(row_security, tells_who_presents_the_id_of_a_bot_whose_it_is_and_nothing_else)
{
    on(pg, "SELECT set_config('app.bot_id', '%s', false)", s.bot);

    cr_assert_str_eq(on(pg, "SELECT count(*) FROM bot_ids"), "1");
    cr_assert_str_eq(on(pg, "SELECT tenant_id FROM bot_ids"), s.tenant);
    cr_assert_str_eq(on(pg, "SELECT count(*) FROM bots"), "0");
    cr_assert_str_eq(on(pg, "SELECT count(*) FROM api_keys"), "0");
    cr_assert_str_eq(on(pg, "SELECT count(*) FROM tenants"), "0");
    cr_assert_str_eq(on(pg, "DELETE FROM bot_ids"), "0");
    cr_assert_str_eq(on(pg, "INSERT INTO bot_ids VALUES ('%s', 'bot_x')", s.tenant), "42501");
    on(pg, "SELECT set_config('app.bot_id', '', false)");
    cr_assert_str_eq(on(pg, "SELECT count(*) FROM bot_ids"), "0");
}

Test(row_security, lets_nobody_change_a_loader_that_pages_pin)
{
    cr_assert_str_eq(on(pg, "INSERT INTO loaders (version, bytes) VALUES ('0a0b0c0d', 'x')"
                            " ON CONFLICT DO NOTHING"),
                     "1");
    cr_assert_str_eq(on(pg, "UPDATE loaders SET bytes = 'y'"), "42501");
    cr_assert_str_eq(on(pg, "DELETE FROM loaders"), "42501");
    store_sql(&s, "CC_PG_SUPER", "DELETE FROM loaders WHERE version = '0a0b0c0d'");
}

Test(row_security, lets_the_sweeping_role_see_ids_and_nothing_else)
{
    PGconn *sweep = PQconnectdb(store_env("CC_PG_SWEEP"));
    const char *ids, *title, *file, *text, *all, *change;

    ids = on(sweep, "SELECT id FROM documents WHERE tenant_id = '%s'", s.tenant);
    title = on(sweep, "SELECT title FROM documents");
    all = on(sweep, "SELECT * FROM answers");
    file = on(sweep, "SELECT count(*) FROM document_files");
    text = on(sweep, "SELECT count(*) FROM messages");
    change = on(sweep, "UPDATE documents SET status = 'dead'");
    PQfinish(sweep);

    cr_assert_str_eq(ids, doc);
    cr_assert_str_eq(title, "42501");
    cr_assert_str_eq(all, "42501");
    cr_assert_str_eq(file, "42501");
    cr_assert_str_eq(text, "42501");
    cr_assert_str_eq(change, "42501");
}

/* Else a taken key would tell that another tenant has it. */
Test(row_security, has_no_unique_key_across_tenants)
{
    static const char across[] =
        "SELECT coalesce(string_agg(i.indexrelid::regclass::text, ' '), '') FROM pg_index i"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'tenant_id'"
        " JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace"
        " WHERE i.indisunique AND i.indkey[0] <> a.attnum";

    cr_assert_str_eq(store_sql(&s, "CC_PG_SUPER", across), "");
}

Test(row_security, check_notices_a_table_a_view_and_a_function_that_are_open)
{
    struct cc_store_check found;
    struct cc_pg *super;
    char info[400];
    struct cc_pg_opts opts = {.conninfo = info, .size = 1};

    /* in a schema of its own, so that no test beside us sees it */
    store_sql(&s, "CC_PG_SUPER", "DROP DATABASE IF EXISTS planted");
    store_sql(&s, "CC_PG_SUPER", "CREATE DATABASE planted");
    snprintf(info, sizeof info, "host=%s user=postgres dbname=planted", store_env("CC_TEST_DIR"));
    PGconn *planted = PQconnectdb(info);
    on(planted,
       "CREATE TABLE open (tenant_id text);"
       "CREATE TABLE half (tenant_id text); ALTER TABLE half ENABLE ROW LEVEL SECURITY;"
       "CREATE MATERIALIZED VIEW copied AS SELECT 1 AS x; CREATE VIEW borrowed AS SELECT 1 AS x;"
       "CREATE VIEW honest WITH (security_invoker) AS SELECT 1 AS x;"
       "CREATE FUNCTION lent() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'");
    PQfinish(planted);
    cr_assert_eq(cc_pg_open(&opts, &super), 0);
    int rc = cc_store_check(super, s.mem, &found);
    cc_pg_close(&super);
    store_sql(&s, "CC_PG_SUPER", "DROP DATABASE planted WITH (FORCE)");

    cr_assert_eq(rc, 0);
    cr_assert(found.superuser);
    cr_assert_str_eq(found.unprotected, "half, open");
    cr_assert_str_eq(found.definers, "borrowed, copied, lent");
}

/* ---- the same calls as another tenant, with the first belt cut ---- */

static const char *sha256_of(const char *text)
{
    return cc_sha256_hex(text, strlen(text), cc_arena_get(s.mem, CC_SHA256_HEX));
}

static int read_sources(struct cc_pg *pool, const char *tenant)
{
    struct cc_source source, *sources;
    struct cc_source_page *pages;
    int n, seen = cc_source_get(pool, tenant, "src_1", s.mem, &source) == 0;

    if (cc_source_list(pool, tenant, "", 10, s.mem, &sources, &n) == 0)
        seen += n;
    if (cc_source_pages(pool, tenant, "src_1", "", 10, s.mem, &pages, &n) == 0)
        seen += n;
    return seen;
}

static const char *person(void)
{
    return cc_arena_printf(s.mem, "usr_%s", s.tenant);
}

static int read_people(struct cc_pg *pool, const char *tenant)
{
    struct cc_member member, *members;
    struct cc_invitation invitation, *invitations;
    int n, seen = cc_member_get(pool, tenant, person(), s.mem, &member) == 0;

    seen += cc_invitation_get(pool, tenant, "inv_1", s.mem, &invitation) == 0;
    if (cc_member_list(pool, tenant, "", 10, s.mem, &members, &n) == 0)
        seen += n;
    if (cc_invitation_list(pool, tenant, "", 10, s.mem, &invitations, &n) == 0)
        seen += n;
    return seen;
}

static int read_office(struct cc_pg *pool, const char *tenant)
{
    struct cc_audit_query log = {.tenant = tenant, .actor = "", .noun = "", .max = 10};
    struct cc_api_key_page page = {tenant, "", "", 10};
    struct cc_bot bot = {.id = s.bot, .tenant = tenant};
    struct cc_bot_version version, *versions;
    struct cc_bot_entry entry, *bots;
    struct cc_api_key one, *keys;
    struct cc_audit_entry *entries;
    int n, seen = cc_bot_read(pool, tenant, s.bot, s.mem, &entry) == 0;

    if (cc_bot_list(pool, tenant, "", 10, s.mem, &bots, &n) == 0)
        for (int i = 0; i < n; i++)
            seen += strcmp(bots[i].bot.id, s.bot) == 0;
    seen += cc_bot_version_get(pool, &bot, 1, s.mem, &version) == 0;
    if (cc_bot_version_list(pool, &bot, 0, 10, s.mem, &versions, &n) == 0)
        seen += n;
    seen += cc_api_key_get(pool, tenant, key_id, s.mem, &one) == 0;
    if (cc_api_key_list(pool, &page, s.mem, &keys, &n) == 0)
        seen += n;
    if (cc_audit_list(pool, &log, s.mem, &entries, &n) == 0)
        seen += n;
    return seen;
}

static struct cc_conversation_filter every_talk(void)
{
    return (struct cc_conversation_filter){.bot = "",
                                           .visitor = "",
                                           .label = "",
                                           .status = "",
                                           .rating = "",
                                           .handoff = "",
                                           .flagged = -1,
                                           .until_us = INT64_C(253402300800000000)};
}

static int list_talks(struct cc_pg *pool, const char *tenant)
{
    static const char *const words[] = {"canary"};
    struct cc_conversation_filter filters[6] = {every_talk(), every_talk(), every_talk(),
                                                every_talk(), every_talk(), every_talk()};
    struct cc_conversation_place first = {0, ""};
    struct cc_conversation_page page;
    int seen = 0;

    filters[0].words = words;
    filters[0].words_n = 1;
    filters[1].bot = s.bot;
    filters[2].flagged = 1;
    filters[3].visitor = "vis_1";
    filters[4].rating = "up";
    filters[5].handoff = "waiting";
    for (int i = 0; i < 6; i++)
        if (cc_conversation_list(pool, tenant, &filters[i], &first, 500, s.mem, &page) == 0)
            for (int k = 0; k < page.n; k++)
                seen += strcmp(page.at[k].id, s.session) == 0;
    return seen;
}

static int sum_up_talks(struct cc_pg *pool, const char *tenant)
{
    static struct cc_overview days[CC_OVERVIEW_DAYS];
    struct cc_overview all = {0};
    struct cc_overview_range range = {s.bot, 1763620000 / 86400 - 1, 3};
    struct cc_model_day *list;
    int n, seen = 0;

    if (cc_overview_get(pool, tenant, &range, &all, days) == 0)
        seen += all.questions > 0;
    range.from_day = (int64_t)time(NULL) / 86400 - 2;
    range.days = 4;
    if (cc_overview_get(pool, tenant, &range, &all, days) == 0)
        seen += (all.conversations > 0) + (all.up > 0);
    if (cc_model_days(pool, tenant, &range, s.mem, &list, &n) == 0)
        seen += n > 0;
    return seen;
}

static int read_talks(struct cc_pg *pool, const char *tenant)
{
    const char *session = s.session, *prompt;
    struct cc_exchange_page page = {session, "", 10};
    struct cc_exchange_run run = {&session, 1, 10, 0};
    struct cc_conversation talk;
    struct cc_exchange *list;
    int n, seen = list_talks(pool, tenant) + sum_up_talks(pool, tenant);

    seen += cc_conversation_get(pool, tenant, session, s.mem, &talk) == 0;
    seen += cc_conversation_knows_bot(pool, tenant, s.bot) == 0;
    seen += cc_conversation_prompt(pool, tenant, s.bot, s.mem, &prompt) == 0;
    if (cc_exchange_page(pool, tenant, &page, s.mem, &list, &n) == 0)
        seen += n;
    if (cc_exchange_list(pool, tenant, &run, s.mem, &list, &n) == 0)
        seen += n;
    return seen;
}
#define TALKS 15 /* that read_talks() shows their owner */

/* A tenant's export has its own rows; seen are the parts that have one of the first tenant's. */
static int read_exports(struct cc_pg *pool, const char *tenant)
{
    struct cc_export_line *lines;
    int n, seen = 0;

    for (int part = 0; part < cc_export_parts(); part++) {
        bool foreign = false;

        if (cc_export_read(pool, tenant, part, "", s.mem, &lines, &n) != 0)
            continue;
        for (int i = 0; i < n; i++)
            foreign |= strstr(lines[i].json, "canary") != NULL;
        seen += foreign;
    }
    return seen;
}

#define EXPORTED 15 /* parts of an export that have a canary */
#define FILES    3
#define VISITORS (7 + FILES + EXPORTED)
static int read_files(struct cc_pg *pool, const char *tenant)
{
    struct cc_session_file *files;
    struct cc_session_file_read *contents;
    int n, seen = 0;

    if (cc_session_file_list(pool, tenant, s.session, s.mem, &files, &n) == 0)
        seen += n;
    if (cc_session_file_contents(pool, tenant, s.session, s.mem, &contents, &n) == 0)
        seen += n;
    return seen;
}

static int read_visitors(struct cc_pg *pool, const char *tenant)
{
    const struct cc_visitor_page page = {.bot = "", .after = "", .max = 10};
    struct cc_visitor visitor, *visitors;
    struct cc_erasure receipt, *receipts;
    int n, seen = cc_visitor_get(pool, tenant, "vis_1", "", s.mem, &visitor) == 0;

    if (cc_visitor_list(pool, tenant, &page, s.mem, &visitors, &n) == 0)
        seen += n;
    for (int kind = CC_VISITOR_MESSAGES; kind <= CC_VISITOR_FILES; kind++) {
        const struct cc_visitor_said what = {s.session, (enum cc_visitor_kind)kind, "", 10};
        struct cc_visitor_line *said;

        if (cc_visitor_said(pool, tenant, &what, s.mem, &said, &n) == 0)
            seen += n > 0;
    }
    seen += cc_erasure_get(pool, tenant, "ers_1", s.mem, &receipt) == 0;
    if (cc_erasure_list(pool, tenant, "", 10, s.mem, &receipts, &n) == 0)
        seen += n;
    return seen + read_files(pool, tenant) + read_exports(pool, tenant);
}

static int erase_visitors(struct cc_pg *pool, const char *tenant)
{
    struct cc_erasure_ask who = {.tenant = tenant,
                                 .id = "ers_2",
                                 .subject = "vis_1",
                                 .asked_by = ""},
                          what = {.tenant = tenant, .id = "ers_3", .asked_by = ""};
    struct cc_erasure_open open = {tenant, "ers_1"};
    struct cc_erasure_running running;
    struct cc_erasure_work work;
    struct cc_erasure receipt;
    int done;

    what.subject = s.session;
    done = cc_erasure_visitor(pool, &who, s.mem, &receipt) == 0;
    done += cc_erasure_conversation(pool, &what, s.mem, &receipt) == 0;
    done += cc_erasure_clear(pool, &what, s.mem, &receipt, &running) == 0;
    done += cc_erasure_claim(pool, &open, 1000, s.mem, &work) == 0;
    done += cc_visitor_secret_rotate(pool, tenant, s.bot) == 0;
    return done;
}

/* Everything that reads, with the ids of the first tenant: how many rows come back. */
static int read_everything(struct cc_pg *pool, const char *tenant)
{
    static const char *const words[] = {"canary"};
    static const float v[] = {1, 0, 0, 0};
    struct cc_scope there = {.tenant = tenant, .bot = s.bot};
    struct cc_query_vector near = {v, 4, "test"};
    struct cc_bot bot;
    struct cc_session session;
    struct cc_answer_view view;
    struct cc_document document;
    struct cc_document_status status, *list;
    struct cc_document_change *changes;
    const char *same;
    struct cc_message_page page = {s.session, "", 10};
    struct cc_message *messages;
    struct cc_said said;
    struct cc_chunk_hit *hits;
    struct cc_passage *passages;
    struct cc_chunk_vectors *vectors;
    struct cc_chunk known = store_chunk(&s, 0, "canary", v);
    int n, seen = 0;

    seen += cc_bot_get(pool, tenant, s.bot, s.mem, &bot) == 0;
    seen += cc_session_get(pool, tenant, s.session, s.mem, &session) == 0;
    seen += cc_answer_read(pool, tenant, answer, s.mem, &view) == 0;
    seen += cc_document_load(pool, tenant, doc, s.mem, &document) == 0;
    seen += cc_document_status(pool, tenant, doc, s.mem, &status) == 0;
    if (cc_document_list(pool, tenant, NULL, "", 500, s.mem, &list, &n) == 0)
        seen += n;
    seen += cc_document_same(pool, tenant, "", sha256_of("canary"), s.mem, &same) == 0;
    if (cc_document_changes(pool, tenant, doc, 10, s.mem, &changes, &n) == 0)
        seen += n;
    if (cc_message_list(pool, tenant, s.session, "", 10, s.mem, &messages, &n) == 0)
        seen += n;
    if (cc_message_page(pool, tenant, &page, s.mem, &said) == 0)
        seen += said.n + said.form + (*said.handoff != '\0');
    if (cc_chunk_lexical(pool, &there, words, 1, 10, s.mem, &hits, &n) == 0)
        seen += n;
    if (cc_chunk_nearest(pool, &there, &near, 10, s.mem, &hits, &n) == 0)
        seen += n;
    if (cc_chunk_load(pool, &there, &chunk, 1, s.mem, &passages, &n) == 0)
        seen += n;
    if (cc_chunk_known(pool, &(struct cc_chunk_known){tenant, "test", 4, 1, &known.sha256}, s.mem,
                       &vectors, &n) == 0)
        seen += n;
    return seen + read_talks(pool, tenant) + read_sources(pool, tenant) +
           read_people(pool, tenant) + read_office(pool, tenant) + read_visitors(pool, tenant);
}

static int change_sources(struct cc_pg *pool, const char *tenant)
{
    struct cc_source mine = {.id = "src_1", .tenant = tenant, .title = "mine", .max_pages = 1};
    struct cc_source_due due = {tenant, "src_1"};
    struct cc_source_hold hold;
    int done = 0;

    done += cc_source_set(pool, &mine) == 0;
    done += cc_source_visit(pool, tenant, "src_1") == 0;
    done += cc_source_claim(pool, &due, "x", 1000, 3, s.mem, &hold) == 0;
    done += cc_source_delete(pool, tenant, "src_1") == 0;
    return done;
}

static int change_people(struct cc_pg *pool, const char *tenant)
{
    struct cc_member_change change = {tenant, person(), "viewer", "agent"};
    struct cc_newcomer mine = {tenant, "inv_1", person(), "", NULL};
    int done = cc_member_change(pool, &change) == 0;

    change.role = NULL;
    done += cc_member_change(pool, &change) == 0;
    done += cc_invitation_accept(pool, &mine) == 0;
    return done + (cc_invitation_delete(pool, tenant, "inv_1") == 0);
}

static int change_office(struct cc_pg *pool, const char *tenant)
{
    struct cc_bot bot = {.id = s.bot,
                         .tenant = tenant,
                         .name = "mine",
                         .system = "",
                         .provider = "",
                         .model = "",
                         .origins = "[]",
                         .widget = "{}",
                         .refusal = ""};
    struct cc_bot_draft draft = {tenant, s.bot, "", "{}"};
    struct cc_api_key_change mine = {.id = key_id, .tenant = tenant, .name = "mine"};
    char id[CC_ID_MAX], words[CC_KEY_MAX];
    struct cc_api_key_rotation rotation = {.tenant = tenant,
                                           .old = key_id,
                                           .id = cc_id_sorted("key", id),
                                           .key = cc_key_make(CC_KEY_SECRET, words),
                                           .created_by = "x"};
    const char *const *hashes;
    const char *hash;
    int n, done = 0;

    done += cc_bot_set(pool, &bot) == 0;
    done += cc_bot_draft_put(pool, &draft) == 0;
    done += cc_api_key_set(pool, &mine, s.mem, &hash) == 0;
    done += cc_api_key_rotate(pool, &rotation, s.mem, &hash) == 0;
    done += cc_bot_delete(pool, tenant, s.bot, s.mem, &hashes, &n) == 0;
    return done;
}

static int change_files(struct cc_pg *pool, const char *tenant)
{
    static const char *const texts[] = {"mine"};
    static const int64_t pages[] = {1};
    const struct cc_session_file_new mine = {.tenant = tenant,
                                             .session = s.session,
                                             .id = "fil_3",
                                             .filename = "mine",
                                             .type = "",
                                             .sha256 = "mine",
                                             .bytes = "mine",
                                             .size = 4,
                                             .most = 5};
    const struct cc_session_file_passages passages = {texts, texts, pages, 1, false};
    const struct cc_session_file_hold hold = {tenant, "fil_2", 0};
    struct cc_session_file_bytes bytes;
    struct cc_session_file file;
    int done = cc_session_file_add(pool, &mine, s.mem, &file) == 0;

    done += cc_session_file_beat(pool, &hold, 1000) == 0;
    done += cc_session_file_ready(pool, &hold, &passages) == 0;
    done += cc_session_file_failed(pool, &hold, "internal") == 0;
    done += cc_session_file_claim(pool, tenant, hold.id, 1000, s.mem, &bytes) == 0;
    return done + (cc_session_file_delete(pool, tenant, s.session, "fil_1") == 0);
}

static int mark_talk(struct cc_pg *pool, const char *tenant)
{
    struct cc_conversation_mark mark = {
        .id = s.session, .bot = "", .flagged = 0, .closed = 1, .labels_n = -1, .note = "mine"};

    return cc_conversation_set(pool, tenant, &mark) == 0;
}

/* Everything that changes or takes: how many calls were let through. */
static int change_everything(struct cc_pg *pool, const char *tenant)
{
    struct cc_feedback feedback = {tenant, answer, "down", "mine"};
    struct cc_handoff wish = {tenant, s.session, "mine", "mine"};
    struct cc_handoff_state state;
    struct cc_document_hold hold = {tenant, doc, 1, 1};
    struct cc_document_progress progress = {"parsing", "", 0, 0, 0};
    struct cc_document_edit edit = {.title = "mine", .tags_n = -1, .enabled = -1};
    struct cc_document file = {.id = doc,
                               .tenant = tenant,
                               .filename = "x",
                               .sha256 = "x",
                               .type = "text/plain",
                               .bytes = "x",
                               .size = 1};
    const char *hash;
    int64_t generation;
    int done = 0;

    done += cc_feedback_put(pool, &feedback) == 0;
    done += cc_session_form(pool, tenant, s.session, "{\"mine\":\"mine\"}") == 0;
    done += cc_session_handoff(pool, &wish, &state) == 0;
    done += cc_answer_beat(pool, tenant, answer, 1, 1000) == 0;
    done += cc_document_progress(pool, &hold, &progress, 1000) == 0;
    done += cc_document_retry(pool, tenant, doc) == 0;
    done += cc_document_again(pool, tenant, doc, &generation) == 0;
    done += cc_document_skip(pool, tenant, doc) == 0;
    done += cc_document_set(pool, tenant, doc, &edit) == 0;
    done += cc_document_replace(pool, &file, &generation) == 0;
    done += cc_document_delete(pool, tenant, doc) == 0;
    done += cc_api_key_revoke(pool, tenant, key_id, s.mem, &hash) == 0;
    return done + mark_talk(pool, tenant) + change_files(pool, tenant) +
           change_sources(pool, tenant) + change_people(pool, tenant) +
           change_office(pool, tenant) + erase_visitors(pool, tenant);
}

static struct cc_pg *open_cut(const char *role)
{
    struct cc_pg_opts opts = {.conninfo = store_env(role), .size = 1};
    struct cc_pg *pool;

    cr_assert_eq(cc_pg_open(&opts, &pool), 0);
    cutting = true;
    return pool;
}

Test(statements_without_their_tenant, still_show_and_change_nothing_foreign)
{
    struct cc_pg *app = open_cut("CC_PG");
    int seen = read_everything(app, other.tenant), done = change_everything(app, other.tenant);
    int own = read_everything(app, s.tenant);

    cc_pg_close(&app);

    cr_assert_eq(seen, 0);
    cr_assert_eq(done, 0);
    cr_assert_eq(own, 32 + TALKS + VISITORS, "the same calls show the owner everything");
    cr_assert_gt(cuts, 25, "statements were cut");
}

Test(statements_without_their_tenant, show_everything_where_there_are_no_policies)
{
    struct cc_pg *super = open_cut("CC_PG_SUPER");
    int seen = read_everything(super, other.tenant);

    cc_pg_close(&super);

    cr_assert_geq(seen, 28 + TALKS + VISITORS, "else the test above would prove nothing");
}
