/*
 * How many rows PostgreSQL reads for what is asked most often, among thousands of others.
 *
 * A plan that goes through all rows of a tenant passes every other test and is only slow.
 * PostgreSQL itself counts what the very statements read, once as on a fresh database without
 * statistics, once with them; a pool of one connection, so that it runs the plans it has settled
 * on.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/store/audit.h"
#include "proto/store/conversation.h"
#include "proto/store/erasure.h"
#include "proto/store/invitation.h"
#include "proto/store/member.h"
#include "proto/store/pg_run.h"
#include "proto/store/pin.h"
#include "proto/store/session_file.h"
#include "proto/store/source.h"
#include "proto/store/spend.h"
#include "proto/store/usage.h"
#include "proto/store/visitor.h"
#include "tests/support/store.h"

#define MANY 3000

static struct store s;
static struct cc_pg *one, *one_sweep; /* pools of one connection */

/* What it reads is counted before it returns, and not while something else is. */
static void sql(const char *text)
{
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem, "%s; SELECT pg_stat_force_next_flush()", text));
}

/* {T}: the tenant, {B}: its bot, {N}: how many. */
static void fill(const char *what)
{
    struct cc_buf out;

    cc_buf_init(&out, 4096);
    for (; *what; what++) {
        bool name = what[0] == '{' && what[1] && what[2] == '}';

        if (!name)
            cc_buf_char(&out, *what);
        else if (what[1] == 'N')
            cc_buf_printf(&out, "%d", MANY);
        else
            cc_buf_text(&out, what[1] == 'T' ? s.tenant : s.bot);
        what += name ? 2 : 0;
    }
    cr_assert_not(cc_buf_over(&out));
    sql(out.bytes);
    cc_buf_done(&out);
}

static bool has_pgvector(void)
{
    const char *name;

    cr_assert_eq(cc_chunk_store_name(s.pg, &name), 0);
    return strcmp(name, "pgvector") == 0;
}

/* Conversations, some of them of thirty answers each, all over but ten. */
static void fill_answers(void)
{
    fill("INSERT INTO sessions (tenant_id, id, bot_id) SELECT '{T}', 'ses_' || i, '{B}'"
         " FROM generate_series(1, {N}) i");
    fill("INSERT INTO answers (tenant_id, id, bot_id, session_id, client_message, state, attempt,"
         " lease_until, owner, tier, asked_at, ended_at) SELECT '{T}', 'ans_' || i, '{B}',"
         " 'ses_' || 1 + i % ({N} / 30), 'cm_' || i, CASE WHEN i <= 10 THEN 'running' ELSE 'done'"
         " END, 1, now(), 'x', 'free', now(), now() FROM generate_series(1, {N}) i");
    fill("INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources)"
         " SELECT '{T}', 'msg_' || r || i, 'ses_' || 1 + i % ({N} / 30), 'ans_' || i, r, 'text',"
         " '[]' FROM generate_series(1, {N}) i, unnest(ARRAY['user', 'assistant']) r");
}

/* Documents of one passage, of three vectors and twenty words, one of them in three passages. */
static void fill_documents(void)
{
    fill("INSERT INTO documents (tenant_id, id, filename, title, url, sha256, type, size, status,"
         " generation, active, active_chunks, active_words) SELECT '{T}', 'doc_' || i, 'f', 't',"
         " '', i, 'x', 1, CASE WHEN i <= 3 THEN 'pending' ELSE 'ready' END, 1000000 + i,"
         " 1000000 + i, 1, 20 FROM generate_series(1, {N}) i");
    fill("INSERT INTO chunks (tenant_id, id, document_id, generation, idx, text, section, page,"
         " tokens, words, sha256) OVERRIDING SYSTEM VALUE SELECT '{T}', 1000000 + i, 'doc_' || i,"
         " 1000000 + i, 0, 'text', '', 1, 20, 20, i FROM generate_series(1, {N}) i");
    fill("INSERT INTO postings SELECT '{T}', CASE WHEN w = 1 AND i <= 3 THEN 'rare' ELSE 'w' || "
         "(i * 7 + w * 131) % 5000"
         " END, 1000000 + i, 1000000 + i, 1, 20 FROM generate_series(1, {N}) i,"
         " generate_series(1, 20) w");
    fill(has_pgvector()
             ? "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part, model, dimension, v)"
               " SELECT '{T}', 1000000 + i, 1000000 + i, p, 'test', 4, '[1,0,0,0]'"
               " FROM generate_series(1, {N}) i, generate_series(0, 2) p"
             : "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part, model, dimension, v)"
               " SELECT '{T}', 1000000 + i, 1000000 + i, p, 'test', 4,"
               " '\\x0000803f000000000000000000000000'"
               " FROM generate_series(1, {N}) i, generate_series(0, 2) p");
}

static void fill_others(void)
{
    struct cc_bot bot;

    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0);
    bot.id = "bot_many";
    cr_assert_eq(cc_bot_add(s.pg, &bot), 0, "%s", cc_fail_text());
    fill("INSERT INTO pins (tenant_id, id, bot_id, answer) SELECT '{T}', 'pin_' || i,"
         " CASE WHEN i = 1 THEN '{B}' ELSE 'bot_many' END, 'a' FROM generate_series(1, {N}) i");
    fill("INSERT INTO pin_questions (tenant_id, pin_id, bot_id, normal, question) SELECT '{T}',"
         " 'pin_' || i, CASE WHEN i = 1 THEN '{B}' ELSE 'bot_many' END, 'q' || i, 'q'"
         " FROM generate_series(1, {N}) i");
    fill("INSERT INTO sources (tenant_id, id, kind, url, title, depth, max_pages, every_s, next_at)"
         " SELECT '{T}', 'src_' || i, 'page', 'u', 't', 0, 1, 0, CASE WHEN i <= 3 THEN now()"
         " ELSE 'infinity' END FROM generate_series(1, {N}) i");
    /* without the trigger, which would leave a dead row of each document */
    fill("SET session_replication_role = replica; INSERT INTO chunk_edits (tenant_id, document_id,"
         " text_sha256, text) SELECT '{T}', 'doc_' || i, '', 't' FROM generate_series(1, {N}) i;"
         " RESET session_replication_role");
}

/* Eight years of days, and some answers under way. */
static void fill_usage(void)
{
    fill("INSERT INTO usage_daily (tenant_id, day, bot_id, model, answers, input_tokens,"
         " output_tokens, cached_tokens, cost) SELECT '{T}', date '2015-01-01' + i, '{B}', 'm', 1,"
         " 1, 1, 0, 1 FROM generate_series(1, {N}) i");
    fill("INSERT INTO spend_holds (tenant_id, answer_id, bot_id, attempt, model, input_tokens,"
         " output_tokens, cost, expires_at) SELECT '{T}', 'ans_' || i, '{B}', 0, 'm', 1, 1, 1,"
         " 'infinity' FROM generate_series(1, 10) i");
}

/* People who work in every tenant that is filled. */
static void fill_people(void)
{
    fill("INSERT INTO users (id, email, email_key, name, password) SELECT 'usr_' || i, 'e',"
         " 'e{T}' || i, 'n', '' FROM generate_series(1, {N}) i ON CONFLICT (id) DO NOTHING");
    fill("INSERT INTO members (tenant_id, user_id, role) SELECT '{T}', 'usr_' || i,"
         " CASE WHEN i <= 2 THEN 'owner' ELSE 'viewer' END FROM generate_series(1, {N}) i");
    fill("INSERT INTO invitations (tenant_id, id, email, email_key, role, invited_by, expires_at)"
         " SELECT '{T}', 'inv_' || i, 'e', 'e' || i, 'viewer', '', now() + '1 day'"
         " FROM generate_series(1, {N}) i");
    fill("INSERT INTO logins (tenant_id, id, user_id, expires_at) SELECT '{T}', 'lgn_' || i,"
         " 'usr_' || i, now() + '1 day' FROM generate_series(1, {N}) i");
}

/* Bots of which most are deleted, versions, keys, and who changed what. */
static void fill_office(void)
{
    fill("INSERT INTO bots (tenant_id, id, name, system, provider, model, temperature, max_tokens,"
         " top_k, threshold, origins, server_use, widget, refusal, deleted_at) SELECT '{T}',"
         " 'bot_' || lpad(i::text, 8, '0'), 'n', '', '', '', 0, 1, 1, 0, '[]', false, '{}', '',"
         " CASE WHEN i % 2 = 0 THEN now() END FROM generate_series(1, {N}) i");
    fill("INSERT INTO bot_versions (tenant_id, bot_id, version, config) SELECT '{T}', '{B}', i,"
         " '{}' FROM generate_series(2, {N}) i");
    fill("INSERT INTO api_keys (tenant_id, id, bot_id, secret, sha256, hint) SELECT '{T}',"
         " 'key_' || i, CASE WHEN i % 10 = 0 THEN '{B}' END, false,"
         " encode(sha256(('{T}' || i)::bytea), 'hex'), 'h' FROM generate_series(1, {N}) i");
    fill("INSERT INTO audit_log (tenant_id, actor, address, trace, action, noun, row_id, changed)"
         " SELECT '{T}', CASE WHEN i <= 30 THEN 'usr_seldom' ELSE 'usr_often' END, '', '',"
         " 'update', CASE WHEN i <= 30 THEN 'tenants' ELSE 'bots' END, 'r', '{}'"
         " FROM generate_series(1, {N}) i");
}

/* Conversations of another bot, a minute apart and of one exchange each; few are flagged, liked or
 * of somebody known. */
static void fill_talks(void)
{
    fill("INSERT INTO sessions (tenant_id, id, bot_id, created_at, flagged, visitor_id,"
         " handoff) SELECT '{T}',"
         " 'talk_' || i, 'bot_many', now() - i * interval '1 min', i % 500 = 0,"
         " CASE WHEN i % 500 = 0 THEN 'vis_1' ELSE '' END,"
         " CASE WHEN i % 500 = 0 THEN 'waiting' ELSE '' END FROM generate_series(1, {N}) i");
    fill("INSERT INTO answers (tenant_id, id, bot_id, session_id, state, attempt, lease_until,"
         " owner, tier, asked_at, ended_at) SELECT '{T}', 'ans_talk_' || i, 'bot_many',"
         " 'talk_' || i, 'done', 1, now(), 'x', 'free', now() - i * interval '1 min', now()"
         " FROM generate_series(1, {N}) i");
    fill("INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources)"
         " SELECT '{T}', 'msg_talk_' || r || i, 'talk_' || i, 'ans_talk_' || i, r, 'text', '[]'"
         " FROM generate_series(1, {N}) i, unnest(ARRAY['user', 'assistant']) r");
    fill("INSERT INTO feedback (tenant_id, answer_id, rating, comment) SELECT '{T}',"
         " 'ans_talk_' || i, CASE WHEN i % 100 = 0 THEN 'up' ELSE 'down' END, ''"
         " FROM generate_series(1, {N}) i");
}

/* Many of them without a conversation; what was erased is done, but for a few. */
static void fill_visitors(void)
{
    fill("INSERT INTO visitors (tenant_id, id, external) SELECT '{T}', 'vis_' || i, 'u' || i"
         " FROM generate_series(1, {N}) i");
    fill("INSERT INTO erasures (tenant_id, id, kind, subject, state, asked_by) SELECT '{T}',"
         " 'ers_' || i, 'visitor', encode(sha256(i::text::bytea), 'hex'),"
         " CASE WHEN i <= 5 THEN 'pending' ELSE 'done' END, '' FROM generate_series(1, {N}) i");
}

/* Two of each of the conversations that have answers, but none of another one. */
static void fill_files(void)
{
    fill("INSERT INTO session_files (tenant_id, id, session_id, filename, type, size, sha256, "
         "status)"
         " SELECT '{T}', 'fil_' || i, 'ses_' || 1 + i % ({N} / 2), 'f', 't', 1, i, 'ready'"
         " FROM generate_series(1, {N}) i");
}

static void fill_all(void)
{
    fill_visitors();
    fill_people();
    fill_usage();
    fill_answers();
    fill_documents();
    fill_others();
    fill_office();
    fill_talks();
    fill_files();
}

static void setup(void)
{
    struct cc_pg_opts app = {.conninfo = store_env("CC_PG"), .size = 1},
                      sweep = {.conninfo = store_env("CC_PG_SWEEP"), .size = 1};

    store_open(&s);
    sql("SET client_min_messages = error; TRUNCATE tenants CASCADE"); /* those of other tests */
    store_other(&s, &s);
    cr_assert_eq(cc_pg_open(&app, &one), 0);
    cr_assert_eq(cc_pg_open(&sweep, &one_sweep), 0);
}

static void teardown(void)
{
    cc_pg_close(&one);
    cc_pg_close(&one_sweep);
    store_close(&s);
}

TestSuite(plans, .init = setup, .fini = teardown, .timeout = 120);

/* ---- what is counted ---- */

/* The connection tells at the end of this what it has read so far. */
static void tell(struct cc_pg *pool)
{
    static const struct cc_stmt TELL = {"SELECT pg_stat_force_next_flush()"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    cr_assert_eq(cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_PLAIN_STEP(TELL))), 0, "%s",
                 cc_fail_text());
}

/* Rows of the table, or entries of its indexes, that anybody has read. */
static int64_t read_of(const char *table)
{
    tell(one);
    tell(one_sweep);
    const char *n = store_sql(
        &s, "CC_PG_SUPER",
        cc_arena_printf(s.mem,
                        "SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = '%s')"
                        " + (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes"
                        " WHERE relname = '%s')",
                        table, table));
    return strtoll(n, NULL, 10);
}

/* ---- what is asked ---- */

static void must(int rc)
{
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
}

static struct cc_scope scope(void)
{
    return (struct cc_scope){s.tenant, s.bot, NULL};
}

static const char *numbered(const char *kind, int i)
{
    return cc_arena_printf(s.mem, "%s_%d", kind, i);
}

static void claim_in(const char *session, int i)
{
    struct cc_turn turn;
    struct cc_answer_claim what = {.tenant = s.tenant,
                                   .answer = numbered("ans_new", i),
                                   .bot = s.bot,
                                   .session = session,
                                   .client_message = numbered("cm_new", i),
                                   .owner = "me",
                                   .question = "Why?",
                                   .tier = "free",
                                   .asked_ms = 1763620000000,
                                   .lease_ms = 60000};

    must(cc_turn_begin(one, &what, 20, s.mem, &turn));
}

static void claim(int i)
{
    claim_in("ses_7", i);
}

static void list_visitors(int i)
{
    const struct cc_visitor_page page = {.bot = "", .after = "", .max = 51};
    struct cc_visitor *list;
    int n;

    (void)i;
    must(cc_visitor_list(one, s.tenant, &page, s.mem, &list, &n));
    cr_assert_gt(n, 0);
}

static void find_visitor(int i)
{
    struct cc_visitor who;

    must(cc_visitor_get(one, s.tenant, i % 2 ? "vis_7" : "vis_17", "", s.mem, &who));
}

static void list_receipts(int i)
{
    struct cc_erasure *list;
    int n;

    (void)i;
    must(cc_erasure_list(one, s.tenant, "", 51, s.mem, &list, &n));
    cr_assert_gt(n, 0);
}

static void erase_talk(int i)
{
    static int nth; /* each but once */
    const struct cc_erasure_ask ask = {.tenant = s.tenant,
                                       .id = numbered("ers_talk", nth),
                                       .subject = numbered("talk", 1000 + nth),
                                       .asked_by = ""};
    struct cc_erasure receipt;

    (void)i;
    nth++;
    must(cc_erasure_conversation(one, &ask, s.mem, &receipt));
}

static void clear_talk(int i)
{
    static int nth;
    const struct cc_erasure_ask ask = {.tenant = s.tenant,
                                       .id = numbered("ers_clear", nth),
                                       .subject = numbered("talk", 1200 + nth),
                                       .asked_by = "visitor"};
    struct cc_erasure_running running;
    struct cc_erasure receipt;

    (void)i;
    nth++;
    must(cc_erasure_clear(one, &ask, s.mem, &receipt, &running));
}

static void wish_for_a_person(int i)
{
    struct cc_handoff ask = {s.tenant, numbered("talk", 300 + i), "", "Please"};
    struct cc_handoff_state state;

    must(cc_session_handoff(one, &ask, &state));
}

static void sweep_erasures(int i)
{
    struct cc_erasure_open list[16];
    int n;

    (void)i;
    must(cc_erasure_waiting(one_sweep, 16, s.mem, list, &n));
    cr_assert_gt(n, 0);
}

/* On answers that claim() has begun before. */
static void beat(int i)
{
    must(cc_answer_beat(one, s.tenant, numbered("ans_new", i), 1, 60000));
}

static void finish(int i)
{
    struct cc_answer_result result = {.tenant = s.tenant,
                                      .answer = numbered("ans_new", i),
                                      .bot = s.bot,
                                      .session = "ses_7",
                                      .attempt = 1,
                                      .state = "done",
                                      .message = numbered("msg_new", i),
                                      .text = "So.",
                                      .sources = "[]",
                                      .provider = "",
                                      .model = "",
                                      .finish = "stop",
                                      .pin = "pin_1"};

    must(cc_answer_finish(one, &result));
}

static void read_answer(int i)
{
    struct cc_answer_view view;

    must(cc_answer_read(one, s.tenant, numbered("ans", 100 + i), s.mem, &view));
}

static void read_history(int i)
{
    struct cc_message *list;
    int n;

    (void)i;
    must(cc_message_list(one, s.tenant, "ses_7", "", 20, s.mem, &list, &n));
}

static void read_page(int i)
{
    const struct cc_message_page page = {numbered("talk", 100 + i), "", 100};
    struct cc_said said;

    must(cc_message_page(one, s.tenant, &page, s.mem, &said));
    cr_assert_eq(said.n, 2);
}

static void list_files(int i)
{
    struct cc_session_file *list;
    int n;

    must(cc_session_file_list(one, s.tenant, numbered("ses", 100 + i), s.mem, &list, &n));
    cr_assert_eq(n, 2);
}

static void read_files(int i)
{
    struct cc_session_file_read *list;
    int n;

    must(cc_session_file_contents(one, s.tenant, numbered("ses", 100 + i), s.mem, &list, &n));
    cr_assert_eq(n, 2);
}

static void add_file(int i)
{
    const struct cc_session_file_new file = {.tenant = s.tenant,
                                             .session = numbered("ses", 200 + i),
                                             .id = numbered("fil_new", i),
                                             .filename = "f",
                                             .type = "t",
                                             .sha256 = "new",
                                             .bytes = "b",
                                             .size = 1,
                                             .most = 5};
    struct cc_session_file added;

    must(cc_session_file_add(one, &file, s.mem, &added));
}

static void search_words(int i)
{
    struct cc_scope here = scope();
    const char *term = "rare";
    struct cc_chunk_hit *hit;
    int n;

    (void)i;
    must(cc_chunk_lexical(one, &here, &term, 1, 50, s.mem, &hit, &n));
    cr_assert_eq(n, 3);
}

static void search_vectors(int i)
{
    static const float v[4] = {1, 0, 0, 0};
    struct cc_scope here = scope();
    struct cc_query_vector query = {v, 4, "test"};
    struct cc_chunk_hit *hit;
    int n;

    (void)i;
    must(cc_chunk_nearest(one, &here, &query, 50, s.mem, &hit, &n));
    cr_assert_eq(n, 50);
}

static void load_passages(int i)
{
    int64_t ids[8];
    struct cc_scope here = scope();
    struct cc_passage *passage;
    int n;

    for (int k = 0; k < 8; k++)
        ids[k] = 1000100 + i * 8 + k;
    must(cc_chunk_load(one, &here, ids, 8, s.mem, &passage, &n));
    cr_assert_eq(n, 8);
}

static void claim_document(int i)
{
    const char *id = numbered("doc", 200 + i);
    struct cc_document_lease lease = {s.tenant, id, "me", 60000, 3};
    struct cc_document_claimed got;

    must(cc_document_claim(one, &lease, &got));
}

static void read_edits(int i)
{
    struct cc_chunk_edit *edit;
    int n;

    must(cc_chunk_edits(one, s.tenant, numbered("doc", 300 + i), s.mem, &edit, &n));
    cr_assert_eq(n, 1);
}

static void list_passages(int i)
{
    struct cc_chunk_view *view;
    int n;

    must(cc_chunk_list(one, s.tenant, numbered("doc", 300 + i), -1, 20, s.mem, &view, &n));
    cr_assert_eq(n, 1);
}

static void list_documents(int i)
{
    struct cc_document_status *list;
    int n;

    must(cc_document_list(one, s.tenant, NULL, i % 2 ? "doc_5" : "", 20, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void delete_document(int i)
{
    must(cc_document_delete(one, s.tenant, numbered("doc", 400 + i)));
}

static void read_source(int i)
{
    struct cc_source source;

    must(cc_source_get(one, s.tenant, numbered("src", 100 + i), s.mem, &source));
}

static void list_sources(int i)
{
    struct cc_source *list;
    int n;

    must(cc_source_list(one, s.tenant, i % 2 ? "src_5" : "", 20, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void list_pins(int i)
{
    struct cc_pin *list;
    int n;

    must(cc_pin_list(one, s.tenant, i % 4 < 2 ? "bot_many" : "", i % 2 ? "pin_5" : "", 20, s.mem,
                     &list, &n));
    cr_assert_eq(n, 20);
}

static void list_bots(int i)
{
    struct cc_bot_entry *list;
    int n;

    must(cc_bot_list(one, s.tenant, i % 2 ? "bot_00002000" : "", 20, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void read_bot(int i)
{
    struct cc_bot_entry entry;

    must(cc_bot_read(one, s.tenant, i % 2 ? s.bot : "", s.mem, &entry));
    cr_assert(entry.oldest);
}

static void list_versions(int i)
{
    struct cc_bot bot = {.id = s.bot, .tenant = s.tenant};
    struct cc_bot_version *list;
    int n;

    must(cc_bot_version_list(one, &bot, i % 2 ? 2000 : 0, 20, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void list_keys(int i)
{
    struct cc_api_key_page page = {s.tenant, "", i % 2 ? "key_2000" : "", 20};
    struct cc_api_key *list;
    int n;

    must(cc_api_key_list(one, &page, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void list_log(int i)
{
    static const char *const actors[] = {"", "usr_seldom", "usr_often", "usr_seldom"};
    static const char *const nouns[] = {"", "tenants", "", ""};
    struct cc_audit_query query = {
        .tenant = s.tenant, .actor = actors[i % 4], .noun = nouns[i % 4], .max = 20};
    struct cc_audit_entry *list;
    int n;

    must(cc_audit_list(one, &query, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void list_members(int i)
{
    struct cc_member *list;
    int n;

    must(cc_member_list(one, s.tenant, i % 2 ? "usr_5" : "", 20, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void list_invitations(int i)
{
    struct cc_invitation *list;
    int n;

    must(cc_invitation_list(one, s.tenant, i % 2 ? "inv_5" : "", 20, s.mem, &list, &n));
    cr_assert_eq(n, 20);
}

static void list_memberships(int i)
{
    struct cc_membership *list;
    int n;

    must(cc_membership_list(one, numbered("usr", 100 + i), "", 20, s.mem, &list, &n));
    cr_assert_geq(n, 1);
}

static void change_role(int i)
{
    const struct cc_member_change change = {s.tenant, "usr_100", i % 2 ? "agent" : "viewer",
                                            i % 2 ? "viewer" : "agent"};

    must(cc_member_change(one, &change));
}

static void find_pin(int i)
{
    struct cc_pin_query query = {
        .tenant = s.tenant, .bot = s.bot, .normal = numbered("none", i), .threshold = 0.9};
    struct cc_pin_match match;

    cr_assert_eq(cc_pin_find(one, &query, s.mem, &match), CC_E_NOTFOUND);
}

static void sweep_documents(int i)
{
    struct cc_document_waiting *list;
    int n;

    (void)i;
    must(cc_document_sweep(one_sweep, 0, 50, s.mem, &list, &n));
    cr_assert_geq(n, 3);
}

static void sweep_oldest(int i)
{
    int64_t seconds;

    (void)i;
    must(cc_document_oldest(one_sweep, &seconds));
}

static void sweep_sources(int i)
{
    struct cc_source_due *list;
    int n;

    (void)i;
    must(cc_source_sweep(one_sweep, 50, s.mem, &list, &n));
    cr_assert_geq(n, 3);
}

/* One more batch of a document that is already long. */
static void store_batch(int i)
{
    static const struct cc_chunk_term terms[] = {{"alpha", 1}, {"beta", 2}, {"gamma", 1}};
    static const float v[4] = {1, 0, 0, 0};
    static struct cc_document_hold hold;
    struct cc_chunk chunk[64];
    const struct cc_chunk_batch batch = {chunk, 64, 4, "test"};
    char *id = cc_arena_get(s.mem, CC_ID_MAX);

    if (i == 0) {
        store_document(&s, "long", id);
        hold = store_claim(&s, id);
    }
    for (int k = 0; k < 64; k++)
        chunk[k] = (struct cc_chunk){.index = 64 * i + k,
                                     .text = "alpha beta beta gamma",
                                     .section = "",
                                     .tokens = 4,
                                     .sha256 = numbered("sha", 64 * i + k),
                                     .terms = terms,
                                     .terms_n = 3,
                                     .words = 4,
                                     .vectors = v,
                                     .parts = 1};
    must(cc_chunk_put(one, &hold, &batch));
}

static struct cc_spend spend(const char *kind, int i)
{
    return (struct cc_spend){.tenant = s.tenant,
                             .bot = s.bot,
                             .answer = numbered(kind, i),
                             .attempt = 1,
                             .model = "m",
                             .input = 1,
                             .output = 1,
                             .cost = 1,
                             .for_ms = 60000,
                             .whole = {-1, 1000000, 1000000},
                             .of_bot = {-1, -1, -1}};
}

static void reserve(int i)
{
    struct cc_spend what = spend("ans_held", i);
    bool waits;

    must(cc_spend_reserve(one, &what, &waits));
    must(cc_spend_drop(one, s.tenant, what.answer));
}

static void raise_hold(int i)
{
    struct cc_spend what = spend("ans_new", i);

    must(cc_spend_raise(one, &what));
}

static void read_today(int i)
{
    struct cc_spent spent;

    (void)i;
    must(cc_spend_today(one, s.tenant, "", &spent));
}

static void list_usage(int i)
{
    struct cc_usage_query query = {s.tenant, "", 17000, 17029, (enum cc_usage_group)(i % 3)};
    struct cc_usage *list;
    int n;

    must(cc_usage_list(one, &query, s.mem, &list, &n));
    cr_assert_eq(n, query.group == CC_USAGE_DAY ? 30 : 1);
}

static int64_t now_us(void)
{
    const char *at =
        store_sql(&s, "CC_PG_SUPER", "SELECT (extract(epoch FROM now()) * 1000000)::bigint");

    return strtoll(at, NULL, 10);
}

static struct cc_conversation_filter every_talk(void)
{
    int64_t now = now_us();

    return (struct cc_conversation_filter){.bot = "",
                                           .visitor = "",
                                           .label = "",
                                           .status = "",
                                           .rating = "",
                                           .handoff = "",
                                           .flagged = -1,
                                           .from_us = now - INT64_C(90) * 24 * 3600 * 1000000,
                                           .until_us = now - 60000000};
}

static int list_talks(const struct cc_conversation_filter *filter, int i)
{
    struct cc_conversation_place after = {0, ""};
    struct cc_conversation_page page;

    if (i % 2)
        after = (struct cc_conversation_place){now_us() - INT64_C(100) * 60000000, "talk_9"};
    must(cc_conversation_list(one, s.tenant, filter, &after, 20, s.mem, &page));
    return page.n;
}

static void list_all_talks(int i)
{
    struct cc_conversation_filter filter = every_talk();

    cr_assert_eq(list_talks(&filter, i), 20);
}

static void list_talks_of_bot(int i)
{
    struct cc_conversation_filter filter = every_talk();

    filter.bot = "bot_many";
    cr_assert_eq(list_talks(&filter, i), 20);
}

static void list_flagged_talks(int i)
{
    struct cc_conversation_filter filter = every_talk();

    filter.flagged = 1;
    cr_assert_geq(list_talks(&filter, i), 5);
}

static void list_talks_of_visitor(int i)
{
    struct cc_conversation_filter filter = every_talk();

    filter.visitor = "vis_1";
    cr_assert_geq(list_talks(&filter, i), 5);
}

static void list_waiting_talks(int i)
{
    struct cc_conversation_filter filter = every_talk();

    filter.handoff = "waiting";
    cr_assert_geq(list_talks(&filter, i), 5);
}

static void search_talks(int i)
{
    static const char *const words[] = {"nowhere"};
    struct cc_conversation_filter filter = every_talk();

    filter.words = words;
    filter.words_n = 1;
    cr_assert_eq(list_talks(&filter, i), 0);
}

static void list_liked_talks(int i)
{
    struct cc_conversation_filter filter = every_talk();

    filter.rating = "up";
    cr_assert_geq(list_talks(&filter, i), 15);
}

static void read_talk(int i)
{
    struct cc_exchange_page page = {"ses_7", i % 2 ? "msg_user2906" : "", 20};
    struct cc_conversation talk;
    struct cc_exchange *list;
    int n;

    must(cc_conversation_get(one, s.tenant, "ses_7", s.mem, &talk));
    must(cc_exchange_page(one, s.tenant, &page, s.mem, &list, &n));
    cr_assert_geq(n, 20);
}

static void export_talks(int i)
{
    const char *ids[16];
    struct cc_exchange_run run = {ids, 16, 20, 0};
    struct cc_exchange *list;
    int n;

    for (int k = 0; k < 16; k++)
        ids[k] = numbered("talk", 100 + i * 16 + k);
    must(cc_exchange_list(one, s.tenant, &run, s.mem, &list, &n));
    cr_assert_eq(n, 16);
}

static void sum_up_a_day(int i)
{
    struct cc_overview all, day;
    struct cc_overview_range range = {"", now_us() / 1000000 / 86400 - 1, 1};

    (void)i;
    must(cc_overview_get(one, s.tenant, &range, &all, &day));
    cr_assert_eq(all.questions, day.questions);
    cr_assert_gt(all.questions, 0);
}

static void enter_by_bot(int i)
{
    struct cc_caller caller;

    (void)i;
    must(cc_api_key_of_bot(one, s.bot, s.mem, &caller));
    cr_assert_str_eq(caller.tenant, s.tenant);
}

#define A_DAY 1440 /* conversations of fill_talks() */

/* most: rows of the table that one call may read, on average; dead ones count, too. */
static const struct asked {
    const char *name;
    void (*run)(int i);
    const char *table;
    int most;
} all[] = {
    {"claim an answer", claim, "answers", 60},
    {"its history", claim, "messages", 100},
    {"its session", claim, "sessions", 60},
    {"its bot", claim, "bots", 20},
    {"its bot's pins", claim, "pins", 10},
    {"what was erased", claim, "erasures", 10},
    {"whether there are files", claim, "session_files", 10},
    {"list files", list_files, "session_files", 10},
    {"read files", read_files, "session_files", 10},
    {"add a file", add_file, "session_files", 30},
    {"add a file: sessions", add_file, "sessions", 10},
    {"beat", beat, "answers", 200},
    {"finish", finish, "answers", 40},
    {"count the hit", finish, "pins", 10},
    {"read an answer", read_answer, "answers", 10},
    {"read its message", read_answer, "messages", 10},
    {"read a conversation", read_history, "messages", 1000},
    {"read a page of it", read_page, "messages", 20},
    {"read a page of it: ratings", read_page, "feedback", 10},
    {"read a page of it: answers", read_page, "answers", 20},
    {"search by words: postings", search_words, "postings", 10},
    {"search by words: documents", search_words, "documents", 2 * MANY + 10},
    {"search by words: passages", search_words, "chunks", 10},
    {"search by vectors: what is kept", search_vectors, "chunk_vectors", 10},
    {"search by vectors: documents", search_vectors, "documents", 10},
    {"load passages", load_passages, "chunks", 20},
    {"load their documents", load_passages, "documents", 20},
    {"claim a document", claim_document, "documents", 20},
    {"read the edits of a document", read_edits, "chunk_edits", 10},
    {"list passages", list_passages, "chunks", 10},
    {"list documents", list_documents, "documents", 60},
    {"read a source", read_source, "sources", 10},
    {"read a source: documents", read_source, "documents", 10},
    {"list sources", list_sources, "sources", 60},
    {"list sources: documents", list_sources, "documents", 60},
    {"list pins", list_pins, "pins", 60},
    {"list pins: questions", list_pins, "pin_questions", 60},
    {"list bots", list_bots, "bots", 100},
    {"read a bot", read_bot, "bots", 10},
    {"list versions", list_versions, "bot_versions", 60},
    {"list what was changed", list_log, "audit_log", 100},
    /* of a tenant that is newer than the statistics all are sorted: they are few */
    {"list keys", list_keys, "api_keys", 2 * MANY},
    {"enter by the id of a bot", enter_by_bot, "api_keys", 20},
    {"enter by the id of a bot: bots", enter_by_bot, "bots", 10},
    {"enter by the id of a bot: whose it is", enter_by_bot, "bot_ids", 10},
    {"list members", list_members, "members", MANY},
    {"list members: users", list_members, "users", 60},
    {"list invitations", list_invitations, "invitations", 60},
    {"the tenants of a person", list_memberships, "members", 10},
    {"change a role", change_role, "members", 20},
    {"change a role: logins", change_role, "logins", 20},
    {"find a pin", find_pin, "pin_questions", 10},
    {"find a pin: pins", find_pin, "pins", 10},
    {"list conversations", list_all_talks, "sessions", 60},
    {"list conversations: messages", list_all_talks, "messages", 150},
    {"list conversations: answers", list_all_talks, "answers", 100},
    {"list conversations: ratings", list_all_talks, "feedback", 60},
    {"list conversations of a bot", list_talks_of_bot, "sessions", 60},
    {"list flagged conversations", list_flagged_talks, "sessions", 60},
    {"list conversations of a visitor", list_talks_of_visitor, "sessions", 60},
    {"list conversations that wait", list_waiting_talks, "sessions", 60},
    /* looking for the end of what is looked at, and looking */
    {"search conversations", search_talks, "sessions", 4 * CC_CONVERSATION_SCAN + 10},
    {"search conversations: messages", search_talks, "messages", 4 * CC_CONVERSATION_SCAN + 10},
    {"list liked conversations", list_liked_talks, "sessions", 4 * CC_CONVERSATION_SCAN + 200},
    {"list liked conversations: messages", list_liked_talks, "messages",
     4 * CC_CONVERSATION_SCAN + 200},
    {"list liked conversations: ratings", list_liked_talks, "feedback",
     2 * CC_CONVERSATION_SCAN + 200},
    {"read a conversation's exchanges", read_talk, "messages", 400},
    {"read a conversation's exchanges: answers", read_talk, "answers", 300},
    {"export conversations", export_talks, "messages", 120},
    {"export conversations: answers", export_talks, "answers", 60},
    {"sum up a day", sum_up_a_day, "answers", 2 * A_DAY + 200},
    {"sum up a day: conversations", sum_up_a_day, "sessions", 2 * A_DAY + 200},
    {"list visitors", list_visitors, "visitors", 60},
    {"list visitors: sessions", list_visitors, "sessions", 60},
    {"find a visitor", find_visitor, "visitors", 1},
    {"list visitors: messages", list_visitors, "messages", 60},
    {"list receipts", list_receipts, "erasures", 60},
    {"sweep erasures", sweep_erasures, "erasures", 60},
    {"sweep documents", sweep_documents, "documents", 150},
    {"sweep: the oldest", sweep_oldest, "documents", 150},
    {"sweep sources", sweep_sources, "sources", 60},
    {"reserve: the day", reserve, "usage_daily", 10},
    {"reserve: what is held", reserve, "spend_holds", 120},
    {"raise: the day", raise_hold, "usage_daily", 10},
    {"raise: what is held", raise_hold, "spend_holds", 120},
    {"raise: the answer", raise_hold, "answers", 120},
    {"read what today has used", read_today, "usage_daily", 10},
    {"list a month of use", list_usage, "usage_daily", 60},
    {"store a batch: postings", store_batch, "postings", 10},
    {"store a batch: vectors", store_batch, "chunk_vectors", 10},
    /* last: the others are to find what they look for */
    {"erase a conversation: answers", erase_talk, "answers", 10},
    {"erase a conversation: messages", erase_talk, "messages", 10},
    {"clear a conversation: answers", clear_talk, "answers", 10},
    {"clear a conversation: messages", clear_talk, "messages", 10},
    {"clear a conversation", clear_talk, "sessions", 20},
    {"wish for a person", wish_for_a_person, "sessions", 10},
    {"delete a document: edits", delete_document, "chunk_edits", 10},
};
#define WARM  8 /* a connection settles on its plan at the sixth time */
#define TIMES 10

static void restart(const struct asked *asked)
{
    fill("DELETE FROM answers WHERE tenant_id = '{T}' AND id LIKE 'ans_new%'");
    fill("DELETE FROM usage_ledger WHERE tenant_id = '{T}'");
    fill("DELETE FROM spend_holds WHERE tenant_id = '{T}' AND answer_id LIKE 'ans_new%'");
    fill("DELETE FROM messages WHERE tenant_id = '{T}' AND answer_id LIKE 'ans_new%'");
    if (asked->run == beat || asked->run == finish || asked->run == raise_hold)
        for (int i = 0; i < WARM + TIMES; i++)
            claim(i);
}

static void expect_few(const struct asked *asked)
{
    int64_t before, after;

    restart(asked);
    for (int i = 0; i < WARM; i++)
        asked->run(i);
    before = read_of(asked->table);
    for (int i = WARM; i < WARM + TIMES; i++)
        asked->run(i);
    after = read_of(asked->table);
    cr_expect_leq(after - before, (int64_t)asked->most * TIMES,
                  "%s: reads %lld rows of %s, at most %d are enough", asked->name,
                  (long long)(after - before) / TIMES, asked->table, asked->most);
}

static void expect_few_of_all(void)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        expect_few(&all[i]);
}

Test(plans, read_few_rows_without_statistics)
{
    sql("DELETE FROM pg_statistic");
    sql("UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace");
    fill_all();
    expect_few_of_all();
}

Test(plans, read_few_rows_of_a_tenant_that_came_after_the_statistics)
{
    struct store ours = s;

    store_other(&ours, &s);
    fill_all();
    sql("ANALYZE");
    s = ours;
    fill_all();
    expect_few_of_all();
}

Test(plans, read_few_rows_with_statistics)
{
    fill_all();
    sql("ANALYZE");
    expect_few_of_all();
}

/* An index that has the id behind other columns is gone through from end to end for one id, and
 * counts one entry as read. */
static int64_t lists_entered(void)
{
    tell(one);
    return strtoll(store_sql(&s, "CC_PG_SUPER",
                             "SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_user_indexes"
                             " WHERE indexrelname IN ('sessions_by_start', 'sessions_of_bot',"
                             " 'sessions_flagged', 'sessions_handoff')"),
                   NULL, 10);
}

/* The first questions of an installation settle the plans of a connection that may last for days.
 */
Test(plans, of_one_session_enter_no_list)
{
    int64_t before = lists_entered();

    sql("DELETE FROM pg_statistic");
    sql("UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace");
    for (int i = 0; i < WARM + TIMES; i++) {
        claim_in(numbered("ses_new", i), i);
        finish(i);
    }

    cr_expect_eq(lists_entered() - before, 0, "%lld times", (long long)(lists_entered() - before));
}

/* The count is only worth something if it would see a bad plan. */
Test(plans, that_read_all_are_noticed)
{
    static const struct cc_stmt BAD = {
        "SELECT count(*) FROM answers WHERE tenant_id = $1 AND id || '' = 'ans_1'"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int64_t before;

    fill_answers();
    before = read_of("answers");

    must(cc_pg_run(one, s.tenant, &rows, CC_STEPS(CC_STEP(BAD, cc_at(s.tenant)))));

    cr_expect_geq(read_of("answers") - before, MANY);
}
