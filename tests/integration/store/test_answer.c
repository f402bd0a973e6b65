/* The fence of answers: proto/store/answer.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/store.h"

static struct store s;
static char answer[CC_ID_MAX];

static void setup(void)
{
    store_open(&s);
    cc_id_random("ans", answer);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(answer, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_answer_claim claim_of(const char *id, const char *client_message, int lease_ms)
{
    return (struct cc_answer_claim){s.tenant,
                                    id,
                                    s.bot,
                                    s.session,
                                    client_message,
                                    "worker-1",
                                    "Why?",
                                    "free",
                                    1763620000000,
                                    lease_ms,
                                    "",
                                    "",
                                    "",
                                    ""};
}

static int begin(const struct cc_answer_claim *c, struct cc_turn *ret)
{
    return cc_turn_begin(s.pg, c, 20, s.mem, ret);
}

static struct cc_claimed claim(int lease_ms)
{
    struct cc_answer_claim c = claim_of(answer, "", lease_ms);
    struct cc_turn got;

    cr_assert_eq(begin(&c, &got), 0, "%s", cc_fail_text());
    return got.claimed;
}

static struct cc_answer_result result(int64_t attempt, const char *message)
{
    return (struct cc_answer_result){.tenant = s.tenant,
                                     .answer = answer,
                                     .bot = s.bot,
                                     .session = s.session,
                                     .attempt = attempt,
                                     .state = "done",
                                     .message = message,
                                     .text = "Because.",
                                     .sources = "[{\"n\":1}]",
                                     .provider = "builtin",
                                     .model = "quote",
                                     .finish = "stop",
                                     .input_tokens = 10,
                                     .output_tokens = 5,
                                     .cached_tokens = 3,
                                     .first_ms = 7,
                                     .total_ms = 9};
}

/* What an attempt that ends without a message says of itself. */
static struct cc_answer_result so_far(int64_t attempt, const char *state)
{
    return (struct cc_answer_result){.tenant = s.tenant,
                                     .answer = answer,
                                     .bot = s.bot,
                                     .attempt = attempt,
                                     .state = state,
                                     .provider = "p",
                                     .model = "m"};
}

static int fail(int64_t attempt, const char *code)
{
    struct cc_answer_result r = so_far(attempt, "failed");

    return cc_answer_fail(s.pg, &r, code);
}

static int release(int64_t attempt)
{
    struct cc_answer_result r = so_far(attempt, NULL);

    return cc_answer_release(s.pg, &r);
}

static int64_t count(const char *table)
{
    char sql[200];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE tenant_id = '%s'", table, s.tenant);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

Test(answer, is_ours_when_it_is_new_and_running_for_others)
{
    struct cc_claimed first = claim(60000), second = claim(60000);

    cr_assert_eq(first.outcome, CC_CLAIM_OURS);
    cr_assert_eq(first.attempt, 1);
    cr_assert_eq(second.outcome, CC_CLAIM_RUNNING);
    cr_assert_eq(count("messages"), 1, "the question is stored once");
}

Test(answer, goes_to_the_next_attempt_when_the_lease_is_over)
{
    claim(0);

    struct cc_claimed second = claim(60000);

    cr_assert_eq(second.outcome, CC_CLAIM_OURS);
    cr_assert_eq(second.attempt, 2);
    cr_assert_eq(count("messages"), 1, "the question is stored once");
}

Test(answer, is_taken_over_at_once_when_it_was_released)
{
    claim(60000);
    cr_assert_eq(release(1), 0);

    cr_assert_eq(claim(60000).attempt, 2);
}

Test(answer, is_claimed_with_all_that_it_needs_to_know)
{
    struct cc_answer_claim next;
    struct cc_turn got;
    char message[CC_ID_MAX], id[CC_ID_MAX];
    struct cc_answer_result r = result(claim(60000).attempt, cc_id_sorted("msg", message));
    int64_t knowledge;

    cr_assert_eq(cc_answer_finish(s.pg, &r), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_knowledge_version(s.pg, s.tenant, &knowledge), 0);
    next = claim_of(cc_id_random("ans", id), "", 60000);
    cr_assert_eq(begin(&next, &got), 0, "%s", cc_fail_text());

    cr_assert_eq(got.claimed.outcome, CC_CLAIM_OURS);
    cr_assert_str_eq(got.bot.id, s.bot);
    cr_assert_str_eq(got.bot.name, "Bot");
    cr_assert_eq(got.tenant.knowledge, knowledge);
    cr_assert_eq(got.messages_n, 2, "what was said before, without the question itself");
    cr_assert_str_eq(got.messages[0].text, "Why?");
    cr_assert_str_eq(got.messages[1].text, "Because.");
    cr_assert_eq(begin(&next, &got), 0);
    cr_assert_eq(got.claimed.outcome, CC_CLAIM_RUNNING);
    cr_assert_null(got.bot.id, "what is not ours brings nothing");
    cr_assert_eq(got.messages_n, 0);
}

Test(answer, makes_the_session_that_it_is_the_first_of)
{
    struct cc_answer_claim first = claim_of(answer, "", 60000);
    struct cc_session known;
    struct cc_turn got;
    char session[CC_ID_MAX];

    first.session = cc_id_random("ses", session);
    cr_assert_eq(cc_session_get(s.pg, s.tenant, session, s.mem, &known), CC_E_NOTFOUND);
    cr_assert_eq(begin(&first, &got), 0, "%s", cc_fail_text());

    cr_assert_eq(got.claimed.outcome, CC_CLAIM_OURS);
    cr_assert_eq(got.messages_n, 0);
    cr_assert_eq(cc_session_get(s.pg, s.tenant, session, s.mem, &known), 0);
    cr_assert_str_eq(known.bot, s.bot);
}

Test(answer, of_a_bot_that_is_gone_is_not_claimed)
{
    struct cc_answer_claim c = claim_of(answer, "", 60000), known = c;
    struct cc_turn got;
    char session[CC_ID_MAX];

    known.bot = c.bot = "bot_gone";
    c.session = cc_id_random("ses", session);
    cr_assert_eq(begin(&c, &got), CC_E_NOTFOUND);
    cr_assert_eq(count("answers"), 0);

    cr_assert_eq(begin(&known, &got), 0, "the session is there");
    cr_assert_eq(got.claimed.outcome, CC_CLAIM_OURS, "so that its end can be stored");
    cr_assert_null(got.bot.id);
}

Test(answer, is_finished_with_message_ledger_and_sums_together)
{
    struct cc_answer_view view;
    char message[CC_ID_MAX];
    struct cc_answer_result r = result(claim(60000).attempt, cc_id_sorted("msg", message));

    cr_assert_eq(cc_answer_finish(s.pg, &r), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_answer_read(s.pg, s.tenant, answer, s.mem, &view), 0);
    cr_assert_str_eq(view.state, "done");
    cr_assert_str_eq(view.text, "Because.");
    cr_assert_str_eq(view.sources, "[{\"n\":1}]");
    cr_assert_str_eq(view.message, message);
    cr_assert_str_eq(view.model, "quote");
    cr_assert_eq(view.cached_tokens, 3);
    cr_assert_eq(count("usage_ledger"), 1);
    cr_assert_eq(count("usage_daily"), 1);
    cr_assert_eq(claim(60000).outcome, CC_CLAIM_OVER);
}

Test(answer, finished_again_by_the_same_attempt_stores_once)
{
    char message[CC_ID_MAX];
    struct cc_answer_result r = result(claim(60000).attempt, cc_id_sorted("msg", message));

    cr_assert_eq(cc_answer_finish(s.pg, &r), 0);
    cr_assert_eq(cc_answer_finish(s.pg, &r), 0, "the reply was lost, the commit was not");

    cr_assert_eq(count("messages"), 2);
    cr_assert_eq(count("usage_ledger"), 1);
}

Test(answer, lets_an_earlier_attempt_change_nothing)
{
    char message[CC_ID_MAX];
    struct cc_answer_result late = result(1, cc_id_sorted("msg", message));

    claim(0);
    claim(60000);

    cr_assert_eq(cc_answer_beat(s.pg, s.tenant, answer, 1, 1000), CC_E_FENCED);
    cr_assert_eq(release(1), CC_E_FENCED);
    cr_assert_eq(cc_answer_finish(s.pg, &late), CC_E_FENCED);
    cr_assert_eq(fail(1, "internal"), CC_E_FENCED);
    cr_assert_eq(count("usage_ledger"), 0);
    cr_assert_eq(count("messages"), 1, "only the question");
}

Test(answer, keeps_the_lease_while_it_beats)
{
    claim(0);
    cr_assert_eq(cc_answer_beat(s.pg, s.tenant, answer, 1, 60000), 0, "%s", cc_fail_text());

    cr_assert_eq(claim(60000).outcome, CC_CLAIM_RUNNING);
}

Test(answer, that_failed_says_why_and_charges_nothing)
{
    struct cc_answer_view view;

    claim(60000);
    cr_assert_eq(fail(1, "upstream_failed"), 0);
    cr_assert_eq(fail(1, "upstream_failed"), 0, "repeating it is harmless");

    cr_assert_eq(cc_answer_read(s.pg, s.tenant, answer, s.mem, &view), 0);
    cr_assert_str_eq(view.state, "failed");
    cr_assert_str_eq(view.code, "upstream_failed");
    cr_assert_str_eq(view.text, "");
    cr_assert_eq(count("usage_ledger"), 0);
}

Test(answer, to_a_message_that_is_being_answered_is_a_conflict)
{
    char other[CC_ID_MAX];
    struct cc_answer_claim one = claim_of(answer, "m-1", 60000),
                           two = claim_of(cc_id_random("ans", other), "m-1", 60000);
    struct cc_turn got;

    cr_assert_eq(begin(&one, &got), 0);
    cr_assert_eq(begin(&two, &got), CC_E_CONFLICT);
    cr_assert_eq(fail(1, "internal"), 0);

    cr_assert_eq(begin(&two, &got), 0, "a failed one may be asked again");
}

Test(answer, is_not_found_by_another_tenant)
{
    struct store other;
    struct cc_answer_view view;

    claim(60000);
    store_other(&s, &other);

    cr_assert_eq(cc_answer_read(s.pg, other.tenant, answer, s.mem, &view), CC_E_NOTFOUND);
    cr_assert_eq(cc_answer_beat(s.pg, other.tenant, answer, 1, 1000), CC_E_FENCED);
}

Test(messages, come_oldest_first_and_without_the_present_answer, .init = setup, .fini = teardown)
{
    struct cc_message *list;
    char message[CC_ID_MAX], next[CC_ID_MAX];
    int n;
    struct cc_answer_result r = result(claim(60000).attempt, cc_id_sorted("msg", message));
    struct cc_answer_claim again = claim_of(cc_id_random("ans", next), "", 60000);
    struct cc_turn got;

    cr_assert_eq(cc_answer_finish(s.pg, &r), 0);
    cr_assert_eq(begin(&again, &got), 0);
    cr_assert_eq(cc_message_list(s.pg, s.tenant, s.session, next, 10, s.mem, &list, &n), 0);

    cr_assert_eq(n, 2);
    cr_assert_str_eq(list[0].role, "user");
    cr_assert_str_eq(list[0].text, "Why?");
    cr_assert_str_eq(list[1].role, "assistant");
    cr_assert_str_eq(list[1].state, "done");
    cr_assert_gt(list[1].at_ms, 1700000000000);
}

Test(messages, come_with_what_was_thought_of_them, .init = setup, .fini = teardown)
{
    struct cc_message_page page = {s.session, "", 10};
    struct cc_feedback up = {s.tenant, answer, "up", "Good"};
    struct cc_said said;
    char message[CC_ID_MAX];
    struct cc_answer_result r = result(claim(60000).attempt, cc_id_sorted("msg", message));

    cr_assert_eq(cc_answer_finish(s.pg, &r), 0);
    cr_assert_eq(cc_message_page(s.pg, s.tenant, &page, s.mem, &said), 0);
    cr_assert_eq(said.n, 2);
    cr_expect_str_eq(said.messages[1].rating, "");
    cr_expect_str_eq(said.handoff, "");
    cr_expect_not(said.form);

    cr_assert_eq(cc_feedback_put(s.pg, &up), 0);
    cr_assert_eq(cc_session_form(s.pg, s.tenant, s.session, "{\"a\":\"b\"}"), 0);
    cr_assert_eq(cc_message_page(s.pg, s.tenant, &page, s.mem, &said), 0);
    cr_expect_str_eq(said.messages[0].rating, "", "of the answer, not of the question");
    cr_expect_str_eq(said.messages[1].rating, "up");
    cr_expect(said.form);
    page.session = "ses_none";
    cr_assert_eq(cc_message_page(s.pg, s.tenant, &page, s.mem, &said), 0);
    cr_expect_eq(said.n, 0);
    cr_expect_str_eq(said.handoff, "");
}

Test(session, keeps_the_last_form, .init = setup, .fini = teardown)
{
    const char *form;

    cr_assert_eq(cc_session_form(s.pg, s.tenant, s.session, "{\"a\":\"1\"}"), 0);
    cr_assert_eq(cc_session_form(s.pg, s.tenant, s.session, "{\"a\":\"2\"}"), 0);
    form = store_sql(
        &s, "CC_PG_SUPER",
        cc_arena_printf(s.mem, "SELECT form FROM sessions WHERE tenant_id = '%s'", s.tenant));
    cr_expect_str_eq(form, "{\"a\":\"2\"}");
    cr_expect_eq(cc_session_form(s.pg, s.tenant, "ses_none", "{}"), CC_E_NOTFOUND);
}

Test(session, is_handed_over_once_however_often_it_is_asked_for, .init = setup, .fini = teardown)
{
    struct cc_handoff ask = {s.tenant, s.session, "ada@x.example", "First"};
    struct cc_handoff_state first, again;
    const char *kept;

    cr_assert_eq(cc_session_handoff(s.pg, &ask, &first), 0, "%s", cc_fail_text());
    cr_expect_str_eq(first.state, "waiting");
    cr_expect(first.news);
    cr_expect_gt(first.at_ms, 1700000000000);
    ask.email = "";
    ask.note = "Second";
    cr_assert_eq(cc_session_handoff(s.pg, &ask, &again), 0);
    cr_expect_str_eq(again.state, "waiting");
    cr_expect_not(again.news);
    cr_expect_eq(again.at_ms, first.at_ms);
    kept = store_sql(&s, "CC_PG_SUPER",
                     cc_arena_printf(s.mem,
                                     "SELECT handoff_email || ' ' || handoff_note FROM sessions"
                                     " WHERE tenant_id = '%s'",
                                     s.tenant));
    cr_expect_str_eq(kept, "ada@x.example Second");
    ask.session = "ses_none";
    cr_expect_eq(cc_session_handoff(s.pg, &ask, &again), CC_E_NOTFOUND);
}

Test(feedback, of_the_last_time_counts, .init = setup, .fini = teardown)
{
    struct cc_feedback up = {s.tenant, answer, "up", ""},
                       down = {s.tenant, answer, "down", "Too short"};

    cr_assert_eq(cc_feedback_put(s.pg, &up), CC_E_NOTFOUND);
    claim(60000);
    cr_assert_eq(cc_feedback_put(s.pg, &up), 0);
    cr_assert_eq(cc_feedback_put(s.pg, &down), 0);

    char sql[200];
    snprintf(sql, sizeof sql, "SELECT rating || comment FROM feedback WHERE answer_id = '%s'",
             answer);
    cr_assert_str_eq(store_sql(&s, "CC_PG_SUPER", sql), "downToo short");
}

Test(session, of_another_bot_is_a_conflict, .init = setup, .fini = teardown)
{
    struct cc_bot bot;

    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0);
    char id[CC_ID_MAX];
    bot.id = cc_id_sorted("bot", id);
    cr_assert_eq(cc_bot_add(s.pg, &bot), 0);

    cr_assert_eq(cc_session_open(s.pg, s.tenant, s.bot, s.session, ""), 0, "again is fine");
    cr_assert_eq(cc_session_open(s.pg, s.tenant, id, s.session, ""), CC_E_CONFLICT);
}

Test(session, of_another_visitor_is_a_conflict, .init = setup, .fini = teardown)
{
    struct cc_session known;
    char session[CC_ID_MAX];

    cc_id_random("own", session);
    cr_assert_eq(cc_session_open(s.pg, s.tenant, s.bot, session, "vis_1"), 0);

    cr_assert_eq(cc_session_open(s.pg, s.tenant, s.bot, session, "vis_1"), 0, "again is fine");
    cr_assert_eq(cc_session_open(s.pg, s.tenant, s.bot, session, "vis_2"), CC_E_CONFLICT);
    cr_assert_eq(cc_session_open(s.pg, s.tenant, s.bot, session, ""), CC_E_CONFLICT);
    cr_assert_eq(cc_session_get(s.pg, s.tenant, session, s.mem, &known), 0);
    cr_assert_str_eq(known.visitor, "vis_1");
}
