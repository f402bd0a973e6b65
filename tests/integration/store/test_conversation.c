/* Conversations as a back office sees them: proto/store/conversation.h */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/store/conversation.h"
#include "proto/store/session.h"
#include "tests/support/store.h"

#define DAY_US INT64_C(86400000000)

static struct store s;

static void setup(void)
{
    store_open(&s);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(conversation, .init = setup, .fini = teardown, .timeout = 120);

static const char *numbered(const char *prefix, int i)
{
    return cc_arena_printf(s.mem, "%s-%04d-%s", prefix, i, s.tenant + 4);
}

/* One of one exchange, begun i seconds after some day; question and answer as given. */
static const char *talk(int i, const char *question, const char *answer)
{
    const char *id = numbered("talk", i), *t = s.tenant;

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(
                  s.mem,
                  "INSERT INTO sessions (tenant_id, id, bot_id, created_at) VALUES ('%s', '%s',"
                  " '%s', timestamptz '2026-01-01 00:00:00Z' + %d * interval '1 s');"
                  "INSERT INTO answers (tenant_id, id, bot_id, session_id, state, attempt,"
                  " lease_until, owner, tier, asked_at, message_id) VALUES ('%s', 'ans_%s', '%s',"
                  " '%s', 'done', 1, now(), 'x', 'free', now(), 'msg_a%s');"
                  "INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources)"
                  " VALUES ('%s', 'msg_q%s', '%s', 'ans_%s', 'user', '%s', '[]'),"
                  " ('%s', 'msg_a%s', '%s', 'ans_%s', 'assistant', '%s', '[]')",
                  t, id, s.bot, i, t, id, s.bot, id, id, t, id, id, id, question, t, id, id, id,
                  answer));
    return id;
}

static struct cc_conversation_filter everything(void)
{
    return (struct cc_conversation_filter){.bot = "",
                                           .visitor = "",
                                           .label = "",
                                           .status = "",
                                           .rating = "",
                                           .handoff = "",
                                           .flagged = -1,
                                           .from_us = INT64_C(1767225600000000) - DAY_US,
                                           .until_us = INT64_C(1767225600000000) + DAY_US};
}

static struct cc_conversation_page list(const struct cc_conversation_filter *filter,
                                        const struct cc_conversation_place *after, int max)
{
    static const struct cc_conversation_place first = {0, ""};
    struct cc_conversation_page page;

    cr_assert_eq(
        cc_conversation_list(s.pg, s.tenant, filter, after ? after : &first, max, s.mem, &page), 0,
        "%s", cc_fail_text());
    return page;
}

Test(conversation, is_listed_newest_first_with_what_is_known_of_it)
{
    struct cc_conversation_filter filter = everything();
    const char *older = talk(1, "First?", "One."), *newer = talk(2, "Second?", "Two.");
    struct cc_conversation_page page = list(&filter, NULL, 10);

    cr_assert_eq(page.n, 2);
    cr_expect_str_eq(page.at[0].id, newer);
    cr_expect_str_eq(page.at[1].id, older);
    cr_expect_str_eq(page.at[1].question, "First?");
    cr_expect_eq(page.at[1].messages, 2);
    cr_expect_eq(page.at[1].started_us, INT64_C(1767225601000000));
    cr_expect_not(page.more);
}

Test(conversation, comes_once_however_many_begin_while_pages_are_turned)
{
    struct cc_conversation_filter filter = everything();
    struct cc_conversation_place place = {0, ""};
    struct cc_conversation_page page = {.more = true};
    int seen = 0, next = 40;

    for (int i = 0; i < 20; i++)
        talk(2 * i, "q", "a");
    while (page.more) {
        page = list(&filter, &place, 3);
        for (int i = 0; i < page.n; i++)
            cr_expect_str_eq(page.at[i].id, numbered("talk", 38 - 2 * seen++));
        place = page.next;
        talk(next++, "newer", "a");
    }

    cr_assert_eq(seen, 20);
}

Test(conversation, of_the_same_moment_is_told_apart_by_its_id)
{
    struct cc_conversation_filter filter = everything();
    struct cc_conversation_place place = {0, ""};
    struct cc_conversation_page page = {.more = true};
    int seen = 0;

    for (int i = 0; i < 5; i++)
        talk(i, "q", "a");
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE sessions SET created_at = '2026-01-01 00:00:00.000001Z'"
                              " WHERE tenant_id = '%s' AND id LIKE 'talk%%'",
                              s.tenant));
    while (page.more) {
        page = list(&filter, &place, 1);
        cr_assert_eq(page.n, 1);
        cr_expect_str_eq(page.at[0].id, numbered("talk", 4 - seen++));
        place = page.next;
    }

    cr_assert_eq(seen, 5);
}

Test(conversation, is_found_by_words_that_all_occur_in_it)
{
    static const struct {
        const char *words[3];
        int n, found;
    } table[] = {{{"GARDEN"}, 1, 2},
                 {{"garden", "rose"}, 2, 1},
                 {{"garden", "oak"}, 2, 0},
                 {{"gar", "ROS", "red"}, 3, 1},
                 {{"%"}, 1, 0},
                 {{"_"}, 1, 0}};

    talk(1, "A garden?", "It has a red rose.");
    talk(2, "Another Garden", "is green");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct cc_conversation_filter filter = everything();

        filter.words = table[i].words;
        filter.words_n = table[i].n;
        cr_expect_eq(list(&filter, NULL, 10).n, table[i].found, "row %zu", i);
    }
}

Test(conversation, is_marked_as_asked_and_left_alone_otherwise)
{
    static const char *const labels[] = {"a \"b\"", "c,d"};
    const char *id = talk(1, "q", "a");
    struct cc_conversation_mark mark = {
        .id = id, .bot = "", .flagged = 1, .closed = -1, .note = "n", .labels_n = -1};
    struct cc_conversation got;

    cr_assert_eq(cc_conversation_set(s.pg, s.tenant, &mark), 0, "%s", cc_fail_text());
    mark = (struct cc_conversation_mark){
        .id = id, .bot = s.bot, .flagged = -1, .closed = 1, .labels = labels, .labels_n = 2};
    cr_assert_eq(cc_conversation_set(s.pg, s.tenant, &mark), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_conversation_get(s.pg, s.tenant, id, s.mem, &got), 0);
    cr_expect(got.flagged);
    cr_expect_str_eq(got.note, "n");
    cr_expect_str_eq(got.status, "closed");
    cr_assert_eq(got.labels_n, 2);
    cr_expect_str_eq(got.labels[0], labels[0]);
    cr_expect_str_eq(got.labels[1], labels[1]);
}

Test(conversation, is_given_to_members_alone_and_found_by_its_own_bot)
{
    const char *id = talk(1, "q", "a");
    struct cc_conversation_mark mark = {.id = id,
                                        .bot = "",
                                        .flagged = -1,
                                        .closed = -1,
                                        .labels_n = -1,
                                        .assignee = "usr_00000000000000000000000000000000"};

    cr_expect_eq(cc_conversation_set(s.pg, s.tenant, &mark), CC_E_CONFLICT);
    mark.assignee = "";
    cr_expect_eq(cc_conversation_set(s.pg, s.tenant, &mark), 0, "%s", cc_fail_text());
    mark.bot = "bot_other";
    cr_expect_eq(cc_conversation_set(s.pg, s.tenant, &mark), CC_E_NOTFOUND);
}

static void wish(const char *session, const char *email, const char *note)
{
    struct cc_handoff ask = {s.tenant, session, email, note};
    struct cc_handoff_state now;

    cr_assert_eq(cc_session_handoff(s.pg, &ask, &now), 0, "%s", cc_fail_text());
}

static struct cc_conversation get(const char *id)
{
    struct cc_conversation c;

    cr_assert_eq(cc_conversation_get(s.pg, s.tenant, id, s.mem, &c), 0, "%s", cc_fail_text());
    return c;
}

static const char *handoff_of(const char *id)
{
    return get(id).handoff;
}

Test(conversation, whose_visitor_wants_a_person_is_found_until_somebody_takes_it)
{
    struct cc_conversation_filter filter = everything();
    const char *id = talk(1, "q", "a"), *user;
    struct cc_conversation_mark give = {
        .id = id, .bot = "", .flagged = -1, .closed = -1, .labels_n = -1};
    struct cc_conversation c;

    talk(2, "q", "a");
    filter.handoff = "waiting";
    cr_expect_eq(list(&filter, NULL, 10).n, 0);
    wish(id, "ada@x.example", "Please");
    cr_expect_eq(list(&filter, NULL, 10).n, 1);
    c = get(id);
    cr_expect_str_eq(c.handoff, "waiting");
    cr_expect_str_eq(c.handoff_email, "ada@x.example");
    cr_expect_str_eq(c.handoff_note, "Please");
    cr_expect_gt(c.handoff_ms, 0);

    user = store_sql(&s, "CC_PG_SUPER",
                     cc_arena_printf(s.mem,
                                     "INSERT INTO users (id, email, email_key, name, password)"
                                     " VALUES ('usr_%s', 'e', 'e%s', '', '');"
                                     "INSERT INTO members (tenant_id, user_id, role)"
                                     " VALUES ('%s', 'usr_%s', 'agent') RETURNING user_id",
                                     s.tenant, s.tenant, s.tenant, s.tenant));
    give.assignee = cc_arena_dup(s.mem, user);
    cr_assert_eq(cc_conversation_set(s.pg, s.tenant, &give), 0, "%s", cc_fail_text());
    cr_expect_str_eq(handoff_of(id), "joined");
    cr_expect_eq(list(&filter, NULL, 10).n, 0);
    filter.handoff = "joined";
    cr_expect_eq(list(&filter, NULL, 10).n, 1);
    give.assignee = "";
    cr_assert_eq(cc_conversation_set(s.pg, s.tenant, &give), 0);
    cr_expect_str_eq(handoff_of(id), "waiting", "nobody has it any more");
    give.assignee = NULL;
    give.closed = 1;
    cr_assert_eq(cc_conversation_set(s.pg, s.tenant, &give), 0);
    cr_expect_str_eq(handoff_of(id), "ended");
    wish(id, "", "");
    c = get(id);
    cr_expect_str_eq(c.handoff, "waiting");
    cr_expect_str_eq(c.status, "open", "a wish opens it again");
    cr_expect_str_eq(c.handoff_note, "", "it is another wish");
}

Test(conversation, that_nobody_is_wanted_in_is_closed_without_a_word_of_it)
{
    const char *id = talk(1, "q", "a");
    struct cc_conversation_mark close = {
        .id = id, .bot = "", .flagged = -1, .closed = 1, .labels_n = -1};

    cr_assert_eq(cc_conversation_set(s.pg, s.tenant, &close), 0);
    cr_expect_str_eq(handoff_of(id), "");
}

Test(conversation, is_found_by_what_was_said_before_it)
{
    static const char *const names[] = {"lovelace"}, *const brace[] = {"{"}, *const key[] = {"who"};
    struct cc_conversation_filter filter = everything();
    const char *id = talk(1, "q", "a");

    talk(2, "q", "a");
    cr_assert_eq(cc_session_form(s.pg, s.tenant, id, "{\"who\":\"Ada Lovelace\"}"), 0);
    filter.words = names;
    filter.words_n = 1;
    cr_expect_eq(list(&filter, NULL, 10).n, 1);
    filter.words = brace;
    cr_expect_eq(list(&filter, NULL, 10).n, 0, "nobody wrote that");
    filter.words = key;
    cr_expect_eq(list(&filter, NULL, 10).n, 0, "nor that");
    cr_expect_str_eq(get(id).form, "{\"who\":\"Ada Lovelace\"}");
}

Test(conversation, is_read_exchange_by_exchange)
{
    const char *ids[] = {talk(2, "q2", "a2"), talk(1, "q1", "a1")};
    struct cc_exchange_run run = {ids, 2, 10, 0};
    struct cc_exchange *list_of;
    int n;

    cr_assert_eq(cc_exchange_list(s.pg, s.tenant, &run, s.mem, &list_of, &n), 0);
    cr_assert_eq(n, 2);
    cr_expect_str_eq(list_of[0].question, "q2", "in the order of the sessions");
    cr_expect_str_eq(list_of[1].text, "a1");
    run.n = 1;
    run.after = list_of[0].seq;
    cr_assert_eq(cc_exchange_list(s.pg, s.tenant, &run, s.mem, &list_of, &n), 0);
    cr_expect_eq(n, 0, "nothing comes behind the last");
}
