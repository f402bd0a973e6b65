/* Files of a conversation: how many, whose, who reads them, what becomes of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/store/session_file.h"
#include "tests/support/store.h"

static struct store s;

static void setup(void)
{
    store_open(&s);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(session_file, .init = setup, .fini = teardown, .timeout = 60);

static int try_add(const char *session, const char *bytes, struct cc_session_file *ret)
{
    char *id = cc_arena_get(s.mem, CC_ID_MAX);
    const struct cc_session_file_new file = {.tenant = s.tenant,
                                             .session = session,
                                             .id = cc_id_sorted("fil", id),
                                             .filename = "note.txt",
                                             .type = "text/plain",
                                             .sha256 = bytes, /* as good as one */
                                             .bytes = bytes,
                                             .size = strlen(bytes),
                                             .most = 3};

    return cc_session_file_add(s.pg, &file, s.mem, ret);
}

static struct cc_session_file add(const char *bytes)
{
    struct cc_session_file file;

    cr_assert_eq(try_add(s.session, bytes, &file), 0, "%s", cc_fail_text());
    return file;
}

static int claim(const char *id, int lease_ms, struct cc_session_file_hold *ret)
{
    struct cc_session_file_bytes bytes = {0};
    int rc = cc_session_file_claim(s.pg, s.tenant, id, lease_ms, s.mem, &bytes);

    *ret = (struct cc_session_file_hold){s.tenant, id, bytes.attempt};
    return rc;
}

static struct cc_session_file only(void)
{
    struct cc_session_file *files;
    int n;

    cr_assert_eq(cc_session_file_list(s.pg, s.tenant, s.session, s.mem, &files, &n), 0);
    cr_assert_eq(n, 1);
    return files[0];
}

static void make_ready(const struct cc_session_file_hold *hold)
{
    static const char *const texts[] = {"One \"lantern\"\\", "Two\nkettles"};
    static const char *const terms[] = {"1 lantern\n1 one\n", "1 kettl\n1 two\n"};
    static const int64_t pages[] = {0, 7};
    const struct cc_session_file_passages passages = {texts, terms, pages, 2, true};

    cr_assert_eq(cc_session_file_ready(s.pg, hold, &passages), 0, "%s", cc_fail_text());
}

static const char *sql(const char *what, const char *id)
{
    return store_sql(
        &s, "CC_PG_SUPER",
        cc_arena_printf(s.mem, "SELECT %s FROM session_files WHERE id = '%s'", what, id));
}

Test(session_file, is_pending_until_somebody_has_read_it)
{
    struct cc_session_file file = add("\x01 bytes");
    struct cc_session_file_hold hold;
    struct cc_session_file_read *read;
    int n;

    cr_expect_str_eq(file.status, "pending");
    cr_expect_eq(file.size, 7);
    cr_expect_not(file.held);
    cr_assert_eq(claim(file.id, 60000, &hold), 0);
    cr_expect(only().held);
    cr_expect_eq(only().attempt, 1);
    cr_assert_eq(cc_session_file_contents(s.pg, s.tenant, s.session, s.mem, &read, &n), 0);
    cr_expect_eq(n, 0);
    make_ready(&hold);

    cr_assert_eq(cc_session_file_contents(s.pg, s.tenant, s.session, s.mem, &read, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(read[0].id, file.id);
    cr_expect_str_eq(read[0].filename, "note.txt");
    cr_assert_eq(read[0].passages.n, 2);
    cr_expect_str_eq(read[0].passages.texts[0], "One \"lantern\"\\");
    cr_expect_str_eq(read[0].passages.texts[1], "Two\nkettles");
    cr_expect_str_eq(read[0].passages.terms[1], "1 kettl\n1 two\n");
    cr_expect_eq(read[0].passages.pages[0], 0);
    cr_expect_eq(read[0].passages.pages[1], 7);
    cr_expect_str_eq(only().status, "ready");
    cr_expect(only().cut);
    cr_expect_not(only().held);
    cr_expect_str_eq(sql("bytes IS NULL", file.id), "t", "the bytes are kept no longer");
}

Test(session_file, is_claimed_by_one_reader_and_by_another_when_that_one_is_silent)
{
    struct cc_session_file file = add("x");
    struct cc_session_file_hold first, second, third;

    cr_assert_eq(claim(file.id, 60000, &first), 0);
    cr_expect_eq(claim(file.id, 60000, &second), CC_E_NOTFOUND);
    cr_assert_eq(cc_session_file_beat(s.pg, &first, -1), 0);
    cr_assert_eq(claim(file.id, 60000, &third), 0);

    cr_expect_eq(third.attempt, 2);
    cr_expect_eq(cc_session_file_beat(s.pg, &first, 1000), CC_E_FENCED);
    cr_expect_eq(cc_session_file_failed(s.pg, &first, "no_text"), CC_E_FENCED);
    cr_expect_str_eq(only().status, "pending");
    make_ready(&third);
    cr_expect_eq(cc_session_file_failed(s.pg, &third, "no_text"), CC_E_FENCED, "it is over");
    cr_expect_eq(claim(file.id, 60000, &first), CC_E_NOTFOUND);
}

Test(session_file, says_why_it_failed_and_keeps_nothing)
{
    struct cc_session_file file = add("x");
    struct cc_session_file_hold hold;

    cr_assert_eq(claim(file.id, 60000, &hold), 0);
    cr_assert_eq(cc_session_file_failed(s.pg, &hold, "encrypted"), 0);

    cr_expect_str_eq(only().status, "failed");
    cr_expect_str_eq(only().code, "encrypted");
    cr_expect_str_eq(sql("bytes IS NULL", file.id), "t");
}

Test(session_file, comes_in_a_small_number_and_the_same_bytes_once)
{
    struct cc_session_file a = add("a"), again = add("a"), more;
    struct cc_session_file_hold hold;

    cr_expect_str_eq(a.id, again.id);
    cr_expect(a.added && !again.added);
    add("b");
    add("c");
    cr_expect_eq(try_add(s.session, "d", &more), CC_E_CONFLICT);
    cr_assert_eq(try_add(s.session, "a", &more), 0, "it is there");
    cr_expect_str_eq(more.id, a.id);

    cr_assert_eq(claim(a.id, 60000, &hold), 0);
    cr_assert_eq(cc_session_file_failed(s.pg, &hold, "no_text"), 0);
    cr_expect_eq(try_add(s.session, "a", &more), CC_E_CONFLICT, "what failed may be tried anew");
    cr_assert_eq(cc_session_file_delete(s.pg, s.tenant, s.session, a.id), 0);
    cr_assert_eq(try_add(s.session, "a", &more), 0);
    cr_expect_str_neq(more.id, a.id);
}

Test(session_file, is_of_one_conversation)
{
    struct cc_session_file file = add("x"), other;
    struct cc_session_file *files;
    struct cc_session_file_read *read;
    struct cc_session_file_hold hold;
    int n;

    cr_assert_eq(claim(file.id, 60000, &hold), 0);
    make_ready(&hold);
    cr_assert_eq(cc_session_open(s.pg, s.tenant, s.bot, "another", ""), 0);

    cr_assert_eq(cc_session_file_list(s.pg, s.tenant, "another", s.mem, &files, &n), 0);
    cr_expect_eq(n, 0);
    cr_assert_eq(cc_session_file_contents(s.pg, s.tenant, "another", s.mem, &read, &n), 0);
    cr_expect_eq(n, 0);
    cr_expect_eq(cc_session_file_delete(s.pg, s.tenant, "another", file.id), CC_E_NOTFOUND);
    cr_expect_eq(try_add("nowhere", "x", &other), CC_E_NOTFOUND);
}

static bool has_files(const char *session, const char *nth)
{
    struct cc_answer_claim what = {.tenant = s.tenant,
                                   .answer = nth,
                                   .bot = s.bot,
                                   .session = session,
                                   .client_message = nth,
                                   .owner = "me",
                                   .question = "Why?",
                                   .tier = "free",
                                   .asked_ms = 4102444800000,
                                   .lease_ms = 60000};
    struct cc_turn turn;

    cr_assert_eq(cc_turn_begin(s.pg, &what, 20, s.mem, &turn), 0, "%s", cc_fail_text());
    return turn.claimed.files;
}

Test(session_file, is_told_with_the_claim_of_its_conversations_questions_only)
{
    struct cc_session_file file = add("x");

    cr_expect(has_files(s.session, "ans_1"), "before it is read, too: the answer is not for all");
    cr_expect_not(has_files("another", "ans_2"));
    cr_assert_eq(cc_session_file_delete(s.pg, s.tenant, s.session, file.id), 0);
    cr_expect_not(has_files(s.session, "ans_3"));
}
