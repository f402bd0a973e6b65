#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/store/conversation.h"
#include "proto/store/erasure.h"
#include "proto/store/tenant.h"
#include "proto/store/visitor.h"
#include "proto/task/task.h"
#include "tests/support/store.h"

static struct store s;
static char answer[CC_ID_MAX], message[CC_ID_MAX], receipt_id[CC_ID_MAX];

static void setup(void)
{
    store_open(&s);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(erasure, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(visitor, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_answer_claim claim_of(const char *session, const char *visitor)
{
    return (struct cc_answer_claim){.tenant = s.tenant,
                                    .answer = cc_id_random("ans", answer),
                                    .bot = s.bot,
                                    .session = session,
                                    .client_message = "",
                                    .owner = "w",
                                    .question = "planted",
                                    .tier = "free",
                                    .asked_ms = cc_unix_ms(),
                                    .lease_ms = 60000,
                                    .visitor = visitor,
                                    .visitor_external = *visitor ? visitor + 4 : "",
                                    .visitor_name = "N",
                                    .visitor_email = ""};
}

static int claim(const struct cc_answer_claim *c)
{
    struct cc_turn turn;

    return cc_turn_begin(s.pg, c, 0, s.mem, &turn);
}

static int finish(const struct cc_answer_claim *c)
{
    struct cc_answer_result done = {.tenant = s.tenant,
                                    .answer = c->answer,
                                    .bot = s.bot,
                                    .session = c->session,
                                    .attempt = 1,
                                    .state = "done",
                                    .message = cc_id_sorted("msg", message),
                                    .text = "planted",
                                    .sources = "[]",
                                    .provider = "p",
                                    .model = "m",
                                    .finish = "stop"};

    return cc_answer_finish(s.pg, &done);
}

static void talk(const char *session, const char *visitor)
{
    struct cc_answer_claim c = claim_of(session, visitor);

    cr_assert_eq(claim(&c), 0, "%s", cc_fail_text());
    cr_assert_eq(finish(&c), 0, "%s", cc_fail_text());
}

static struct cc_erasure_ask about(const char *subject)
{
    return (struct cc_erasure_ask){.tenant = s.tenant,
                                   .id = cc_id_sorted("ers", receipt_id),
                                   .subject = subject,
                                   .asked_by = "usr_1"};
}

static int64_t count(const char *what)
{
    char sql[300];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", what);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

static int64_t ours(const char *table)
{
    char what[200];

    snprintf(what, sizeof what, "%s WHERE tenant_id = '%s'", table, s.tenant);
    return count(what);
}

static int64_t removed(const struct cc_erasure *e, const char *kind)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;

    cr_assert_eq(cc_json_parse(e->removed, strlen(e->removed), &json), 0);
    return cc_json_int(json, kind, -1);
}

Test(visitor, has_a_row_from_his_first_question_on)
{
    struct cc_visitor who;

    cr_assert_eq(cc_visitor_get(s.pg, s.tenant, "vis_1", "", s.mem, &who), CC_E_NOTFOUND);
    talk("ses_1", "vis_1");
    talk("ses_2", "vis_1");
    talk("ses_3", "");

    cr_assert_eq(cc_visitor_get(s.pg, s.tenant, "vis_1", "", s.mem, &who), 0);
    cr_expect_str_eq(who.external, "1");
    cr_expect_str_eq(who.name, "N");
    cr_expect_eq(who.talks, 2);
    cr_expect_eq(who.messages, 4);
    cr_expect_eq(ours("visitors"), 1, "nobody in particular has none");
    cr_expect_eq(cc_visitor_get(s.pg, s.tenant, "vis_1", "bot_other", s.mem, &who), CC_E_NOTFOUND);
}

Test(visitor, whose_session_it_is_not_can_claim_nothing_in_it)
{
    struct cc_answer_claim c;

    talk("ses_1", "vis_1");
    c = claim_of("ses_1", "vis_2");
    cr_expect_eq(claim(&c), CC_E_NOTFOUND);
    c = claim_of("ses_1", "");
    cr_expect_eq(claim(&c), CC_E_NOTFOUND);
    cr_expect_eq(ours("messages"), 2, "nothing was stored");
    c = claim_of("ses_1", "vis_1");
    cr_expect_eq(claim(&c), 0);
}

Test(erasure, of_a_visitor_takes_all_of_his_and_nothing_of_others)
{
    struct cc_feedback feedback = {.tenant = s.tenant, .answer = answer, .rating = "up", "planted"};
    struct cc_erasure_ask ask = about("vis_1");
    struct cc_erasure receipt;

    talk("ses_1", "vis_1");
    talk("ses_2", "vis_1");
    cr_assert_eq(cc_feedback_put(s.pg, &feedback), 0);
    talk("ses_3", "vis_2");
    talk("ses_4", "");
    cr_assert_eq(cc_erasure_visitor(s.pg, &ask, s.mem, &receipt), 0, "%s", cc_fail_text());

    cr_expect_eq(removed(&receipt, "visitors"), 1);
    cr_expect_eq(removed(&receipt, "conversations"), 2);
    cr_expect_eq(removed(&receipt, "messages"), 4);
    cr_expect_eq(removed(&receipt, "answers"), 2);
    cr_expect_eq(removed(&receipt, "feedback"), 1);
    cr_expect_str_eq(receipt.state, "pending");
    cr_expect_eq(ours("messages"), 4, "of the others");
    cr_expect_eq(ours("visitors"), 1);
    cr_expect_eq(ours("usage_ledger"), 4, "what was charged stays");
    ask = about("vis_1");
    cr_expect_eq(cc_erasure_visitor(s.pg, &ask, s.mem, &receipt), CC_E_NOTFOUND, "once");
    cr_expect_eq(ours("erasures"), 1);
}

Test(erasure, of_a_conversation_takes_it_alone)
{
    struct cc_erasure_ask ask = about("ses_1");
    struct cc_erasure receipt;

    talk("ses_1", "vis_1");
    talk("ses_2", "vis_1");
    cr_assert_eq(cc_erasure_conversation(s.pg, &ask, s.mem, &receipt), 0, "%s", cc_fail_text());

    cr_expect_eq(removed(&receipt, "conversations"), 1);
    cr_expect_eq(removed(&receipt, "messages"), 2);
    cr_expect_eq(ours("messages"), 2);
    cr_expect_eq(ours("visitors"), 1);
}

Test(erasure, keeps_out_what_was_asked_before_and_lets_in_what_comes_later)
{
    struct cc_answer_claim waiting = claim_of("ses_1", "vis_1"), session_waiting;
    struct cc_erasure_ask ask = about("vis_1");
    struct cc_erasure receipt;

    waiting.asked_ms -= 1000;
    talk("ses_2", "vis_1");
    cr_assert_eq(cc_erasure_visitor(s.pg, &ask, s.mem, &receipt), 0);
    cr_expect_eq(claim(&waiting), CC_E_NOTFOUND, "his");
    cr_expect_eq(ours("visitors"), 0, "nor is his row made again");
    cr_expect_eq(ours("sessions"), 1, "the test's own");

    talk("ses_5", "");
    session_waiting = claim_of("ses_5", "");
    session_waiting.asked_ms -= 1000;
    ask = about("ses_5");
    cr_assert_eq(cc_erasure_conversation(s.pg, &ask, s.mem, &receipt), 0);
    cr_expect_eq(claim(&session_waiting), CC_E_NOTFOUND, "of the conversation");

    waiting.asked_ms = cc_unix_ms() + 2000;
    cr_expect_eq(claim(&waiting), 0, "who comes again is new");
}

Test(erasure, ends_an_answer_that_is_being_made)
{
    struct cc_answer_claim c = claim_of("ses_1", "vis_1");
    struct cc_erasure_ask ask = about("vis_1");
    struct cc_erasure receipt;

    cr_assert_eq(claim(&c), 0);
    cr_assert_eq(cc_erasure_visitor(s.pg, &ask, s.mem, &receipt), 0);

    cr_expect_eq(finish(&c), CC_E_FENCED);
    cr_expect_eq(ours("messages"), 0);
}

static void clear(const char *session, struct cc_erasure *ret, struct cc_erasure_running *running)
{
    struct cc_erasure_ask ask = about(session);

    ask.asked_by = "visitor";
    cr_assert_eq(cc_erasure_clear(s.pg, &ask, s.mem, ret, running), 0, "%s", cc_fail_text());
}

static const char *row_of(const char *session)
{
    return store_sql(&s, "CC_PG_SUPER",
                     cc_arena_printf(s.mem,
                                     "SELECT concat_ws(' ', bot_id, visitor_id, form, handoff,"
                                     " handoff_email, handoff_note, note, labels, flagged, status)"
                                     " FROM sessions WHERE tenant_id = '%s' AND id = '%s'",
                                     s.tenant, session));
}

Test(erasure, by_its_visitor_leaves_a_conversation_as_if_nothing_had_been_said)
{
    static const char *const labels[] = {"planted"};
    struct cc_conversation_mark mark = {.id = "ses_1",
                                        .bot = "",
                                        .flagged = 1,
                                        .closed = 1,
                                        .note = "planted",
                                        .labels = labels,
                                        .labels_n = 1};
    struct cc_handoff wish = {s.tenant, "ses_1", "planted@x.example", "planted"};
    struct cc_feedback feedback = {.tenant = s.tenant, .answer = answer, .rating = "up", "planted"};
    struct cc_erasure_running running;
    struct cc_handoff_state state;
    struct cc_erasure receipt;

    talk("ses_1", "vis_1");
    cr_assert_eq(cc_feedback_put(s.pg, &feedback), 0);
    cr_assert_eq(cc_session_form(s.pg, s.tenant, "ses_1", "{\"who\":\"planted\"}"), 0);
    cr_assert_eq(cc_session_handoff(s.pg, &wish, &state), 0);
    cr_assert_eq(cc_conversation_set(s.pg, s.tenant, &mark), 0, "%s", cc_fail_text());
    talk("ses_2", "vis_1");
    clear("ses_1", &receipt, &running);

    cr_expect_str_eq(receipt.kind, "conversation");
    cr_expect_str_eq(receipt.asked_by, "visitor");
    cr_expect_eq(removed(&receipt, "messages"), 2);
    cr_expect_eq(removed(&receipt, "answers"), 1);
    cr_expect_eq(removed(&receipt, "feedback"), 1);
    cr_expect_eq(running.n, 0);
    cr_expect_str_eq(row_of("ses_1"), cc_arena_printf(s.mem, "%s vis_1 {}     {} f open", s.bot));
    cr_expect_eq(ours("messages"), 2, "of the other conversation");
    cr_expect_eq(ours("answers"), 1);
    cr_expect_eq(ours("visitors"), 1);
    cr_expect_eq(ours("usage_ledger"), 2, "what was charged stays");
    clear("ses_1", &receipt, &running);
    cr_expect_eq(removed(&receipt, "messages"), 0, "a second time there is nothing");
}

Test(erasure, by_its_visitor_of_what_is_not_there_is_none)
{
    struct cc_erasure_ask ask = about("ses_none");
    struct cc_erasure_running running;
    struct cc_erasure receipt;

    cr_expect_eq(cc_erasure_clear(s.pg, &ask, s.mem, &receipt, &running), CC_E_NOTFOUND);
    cr_expect_eq(ours("erasures"), 0);
}

Test(erasure, by_its_visitor_refuses_what_is_being_answered_and_what_was_asked_before)
{
    struct cc_answer_claim c = claim_of("ses_1", "vis_1"), waiting = claim_of("ses_1", "vis_1"),
                           late = claim_of("ses_1", "vis_1");
    char first[CC_ID_MAX], second[CC_ID_MAX], third[CC_ID_MAX];
    struct cc_erasure_running running;
    struct cc_erasure receipt;

    c.answer = cc_id_random("ans", first);
    waiting.answer = cc_id_random("ans", second);
    late.answer = cc_id_random("ans", third);
    waiting.asked_ms -= 1000;
    cr_assert_eq(claim(&c), 0);
    clear("ses_1", &receipt, &running);

    cr_assert_eq(running.n, 1);
    cr_expect_str_eq(running.answers[0], first);
    cr_expect_eq(finish(&c), CC_E_FENCED);
    cr_expect_eq(claim(&c), CC_E_NOTFOUND, "nor can it be claimed again");
    cr_expect_eq(claim(&waiting), CC_E_NOTFOUND);
    cr_expect_eq(ours("messages"), 0);
    late.asked_ms = receipt.asked_ms + 2;
    cr_expect_eq(claim(&late), 0, "it goes on: %s", cc_fail_text());
    cr_expect_eq(finish(&late), 0);
    cr_expect_eq(ours("messages"), 2);
}

/* ---- at the same moment ---- */

static int at_work, erased, claimed;

static void clear_beside(void *arg)
{
    const struct cc_erasure_ask ask = about("ses_1");
    struct cc_erasure_running running;
    struct cc_erasure receipt;

    (void)arg;
    erased = cc_erasure_clear(s.pg, &ask, s.mem, &receipt, &running);
    at_work--;
}

static void claim_beside(void *arg)
{
    struct cc_answer_claim c = claim_of("ses_1", "");

    (void)arg;
    c.asked_ms -= 1000;
    claimed = claim(&c);
    at_work--;
}

/* Begins it, and goes on when as many wait for a lock. */
static void begin_beside(void (*fn)(void *arg), const char *waiting)
{
    static const char HOW_MANY[] = "SELECT count(*) FROM pg_stat_activity"
                                   " WHERE wait_event_type = 'Lock'"
                                   " AND datname = current_database()";

    at_work++;
    cr_assert_eq(cc_task_spawn("beside", fn, NULL, NULL), 0);
    while (strcmp(store_sql(&s, "CC_PG_SUPER", HOW_MANY), waiting) != 0)
        cc_sleep(1);
}

/* Somebody holds the session until both wait for it, the erasure first. */
Test(erasure, by_its_visitor_lets_no_claim_slip_through_that_had_begun)
{
    PGconn *holder = PQconnectdb(store_env("CC_PG_SUPER"));

    talk("ses_1", "");
    PQclear(PQexec(holder, cc_arena_printf(s.mem,
                                           "BEGIN; SELECT 1 FROM sessions WHERE tenant_id = '%s'"
                                           " AND id = 'ses_1' FOR UPDATE",
                                           s.tenant)));
    begin_beside(clear_beside, "1");
    begin_beside(claim_beside, "2");
    PQclear(PQexec(holder, "COMMIT"));
    while (at_work > 0)
        cc_sleep(1);

    cr_expect_eq(erased, 0);
    cr_expect_eq(claimed, CC_E_NOTFOUND, "refused as one of an erased conversation: %d", claimed);
    cr_expect_eq(ours("messages"), 0);
    cr_expect_eq(ours("answers"), 0);
    cr_expect_eq(ours("sessions"), 2, "the conversation itself is there");
    PQfinish(holder);
}

Test(erasure, has_one_at_work_on_it_and_ends_without_a_trace)
{
    struct cc_erasure_ask ask = about("vis_1");
    struct cc_erasure_open what = {s.tenant, receipt_id}, waiting[64];
    struct cc_erasure_work work;
    struct cc_erasure receipt;
    bool covered;
    int n;

    talk("ses_1", "vis_1");
    cr_assert_eq(cc_erasure_visitor(s.pg, &ask, s.mem, &receipt), 0);
    cr_assert_eq(cc_erasure_claim(s.pg, &what, 60000, s.mem, &work), 0, "%s", cc_fail_text());
    cr_expect_str_eq(work.kind, "visitor");
    cr_expect_eq(work.sessions_n, 1);
    cr_expect_eq(work.answers_n, 1);
    cr_expect_str_eq(work.answers[0], answer);
    cr_expect_eq(cc_erasure_claim(s.pg, &what, 60000, s.mem, &work), CC_E_NOTFOUND);
    cr_assert_eq(cc_erasure_covers(s.pg, s.tenant, "ses_1", &covered), 0);
    cr_expect(covered);
    cr_assert_eq(cc_erasure_waiting(s.sweep, 64, s.mem, waiting, &n), 0, "%s", cc_fail_text());
    for (int i = 0; i < n; i++)
        cr_expect_str_neq(waiting[i].id, receipt_id, "somebody is at it");

    cr_assert_eq(cc_erasure_note(s.pg, &what, 0, "{\"questions\": 3}"), 0, "its lease is over");
    cr_assert_eq(cc_erasure_claim(s.pg, &what, 60000, s.mem, &work), 0, "another takes over");
    cr_assert_eq(cc_erasure_done(s.pg, &what), 0);
    cr_assert_eq(cc_erasure_get(s.pg, s.tenant, receipt_id, s.mem, &receipt), 0);
    cr_expect_str_eq(receipt.state, "done");
    cr_expect_eq(removed(&receipt, "questions"), 3);
    cr_expect_eq(removed(&receipt, "messages"), 2);
    cr_expect_geq(receipt.done_ms, receipt.asked_ms);
    cr_expect_eq(count("erasures WHERE cardinality(sessions) + cardinality(answers) > 0"
                       " AND state = 'done'"),
                 0);
    cr_assert_eq(cc_erasure_covers(s.pg, s.tenant, "ses_1", &covered), 0);
    cr_expect_not(covered);
}

Test(erasure, of_a_session_with_an_own_name_leaves_only_its_hash_in_the_log)
{
    struct cc_erasure_ask ask = about("a-name-of-his-own-planted");
    struct cc_erasure receipt;
    char sql[400];

    talk("a-name-of-his-own-planted", "");
    snprintf(sql, sizeof sql,
             "SELECT set_config('app.actor', 'usr_1' || chr(10) || chr(10), false);"
             " UPDATE sessions SET flagged = true WHERE tenant_id = '%s'",
             s.tenant);
    store_sql(&s, "CC_PG_SUPER", sql);
    cr_assert_eq(cc_erasure_conversation(s.pg, &ask, s.mem, &receipt), 0);

    cr_expect_gt(ours("audit_log"), 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM audit_log a WHERE a::text LIKE '%%planted%%'");
    cr_expect_str_eq(store_sql(&s, "CC_PG_SUPER", sql), "0");
}

Test(erasure, of_a_tenant_wants_its_name_and_closes_it_at_once)
{
    struct cc_erasure_ask ask = about("not its name");
    struct cc_erasure receipt;
    struct cc_tenant tenant;

    cr_assert_eq(cc_tenant_get(s.pg, s.tenant, s.mem, &tenant), 0);
    cr_expect_eq(cc_erasure_tenant(s.pg, &ask, s.mem, &receipt), CC_E_CONFLICT);
    cr_expect_eq(ours("tenants t NATURAL JOIN (SELECT tenant_id FROM tenants"
                      " WHERE closed_at IS NOT NULL) closed"),
                 0);
    cr_expect_eq(ours("erasures"), 0);
    ask.subject = tenant.name;
    cr_assert_eq(cc_erasure_tenant(s.pg, &ask, s.mem, &receipt), 0, "%s", cc_fail_text());
    cr_expect_str_eq(receipt.kind, "tenant");
    cr_expect_eq(ours("tenants t NATURAL JOIN (SELECT tenant_id FROM tenants"
                      " WHERE closed_at IS NOT NULL) closed"),
                 1);
}

Test(erasure, of_a_tenant_empties_every_table_and_keeps_the_receipt)
{
    struct store other;
    struct cc_erasure_ask ask = about("");
    struct cc_erasure_open what = {s.tenant, receipt_id};
    enum cc_erasure_left left = CC_ERASURE_MORE;
    struct cc_erasure_work work;
    struct cc_erasure receipt;
    struct cc_tenant tenant;
    char doc[CC_ID_MAX];

    store_other(&s, &other);
    talk("ses_1", "vis_1");
    store_document(&s, "planted", doc);
    cr_assert_eq(cc_tenant_get(s.pg, s.tenant, s.mem, &tenant), 0);
    ask.subject = tenant.name;
    cr_assert_eq(cc_erasure_tenant(s.pg, &ask, s.mem, &receipt), 0);
    cr_assert_eq(cc_erasure_claim(s.pg, &what, 60000, s.mem, &work), 0);
    for (int i = 0; i < 200 && left != CC_ERASURE_NOTHING; i++)
        cr_assert_eq(cc_erasure_batch(s.pg, &what, 60000, &left), 0, "%s", cc_fail_text());

    cr_assert_eq(left, CC_ERASURE_NOTHING);
    for (const char *const *table = cc_erasure_tables(); *table; table++)
        cr_expect_eq(ours(*table), 0, "%s", *table);
    cr_assert_eq(cc_erasure_get(s.pg, s.tenant, receipt_id, s.mem, &receipt), 0);
    cr_expect_eq(removed(&receipt, "messages"), 2);
    cr_expect_eq(removed(&receipt, "document_files"), 1);
    cr_expect_eq(cc_tenant_get(s.pg, other.tenant, s.mem, &tenant), 0, "the neighbour");
}

/* A new table that nobody thought of would keep what it holds. */
Test(erasure, of_a_tenant_knows_every_table_that_has_one)
{
    const char *all = store_sql(
        &s, "CC_PG_SUPER",
        "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'erasures'");
    char sql[2000] = "SELECT string_agg(x, ',' ORDER BY x COLLATE \"C\") FROM (VALUES ";

    for (const char *const *table = cc_erasure_tables(); *table; table++) {
        size_t n = strlen(sql);

        snprintf(sql + n, sizeof sql - n, "%s('%s')", table == cc_erasure_tables() ? "" : ", ",
                 *table);
    }
    size_t n = strlen(sql);
    snprintf(sql + n, sizeof sql - n, ") v(x)");
    cr_assert_str_eq(store_sql(&s, "CC_PG_SUPER", sql), all);
}
