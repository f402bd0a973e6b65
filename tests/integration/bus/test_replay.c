#include "tests/integration/bus/redis_server.h"

#include "proto/bus/replay.h"
#include "proto/wire/names.h"

#define ANSWER "ans_00000000000000000000000000000001"
#define VIEWER "cc:gw:test:0"

static struct server server;
static struct cc_redis *live;
static struct cc_arena *mem;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "no", "");
    live = server_client(&server);
    mem = cc_arena_new(1 << 20);
}

static void tear_down(void)
{
    cc_arena_free(&mem);
    cc_redis_close(&live);
    server_end(&server);
    cc_loop_done();
}

TestSuite(replay, .init = set_up, .fini = tear_down, .timeout = 60);

static int put_as(int64_t attempt, int64_t seq, const char *text, int64_t expect, bool *cancel)
{
    struct cc_buf stored;

    cc_buf_init(&stored, 4096);
    cc_event_encode(CC_EV_TOKEN, text, strlen(text), &stored);
    struct cc_replay_put put = {.answer = ANSWER,
                                .viewer = seq == 1 ? VIEWER : NULL,
                                .id = {attempt, seq},
                                .stored = stored.bytes,
                                .len = stored.len,
                                .expect = expect,
                                .keep_s = 60};
    int rc = cc_replay_put(live, &put, cancel);
    cc_buf_done(&stored);
    return rc;
}

static int put(int64_t attempt, int64_t seq, int64_t expect)
{
    char text[32];
    bool cancel;

    snprintf(text, sizeof text, "\"%lld of %lld\"", (long long)seq, (long long)attempt);
    return put_as(attempt, seq, text, expect, &cancel);
}

static int count_after(int64_t attempt, int64_t seq, struct cc_replay_entry *ret)
{
    int n = 0;
    struct cc_event_id after = {attempt, seq};

    cr_assert_eq(cc_replay_read(live, ANSWER, after, 100, mem, ret, &n), 0, "%s", cc_fail_text());
    return n;
}

Test(replay, gives_what_was_put_after_the_last_known_id)
{
    struct cc_replay_entry got[100];

    for (int i = 1; i <= 5; i++)
        cr_assert_eq(put(1, i, i - 1), 0, "%s", cc_fail_text());

    cr_expect_eq(count_after(0, 0, got), 5);
    cr_expect_eq(got[0].id.seq, 1);
    cr_expect_eq(got[0].event.kind, CC_EV_TOKEN);
    cr_expect_str_eq(got[4].event.data, "\"5 of 1\"");
    cr_assert_eq(count_after(1, 3, got), 2);
    cr_expect_eq(got[0].id.seq, 4);
    cr_expect_eq(count_after(1, 5, got), 0);
    cr_expect_leq(server_ask(&server, "TTL cc:ans:" ANSWER), 60);
    cr_expect_gt(server_ask(&server, "TTL cc:ans:" ANSWER), 0);
}

Test(replay, says_when_there_is_no_stream)
{
    struct cc_replay_entry got;
    int n;

    cr_expect_eq(cc_replay_read(live, ANSWER, (struct cc_event_id){0, 0}, 1, mem, &got, &n),
                 CC_E_NOTFOUND);
}

Test(replay, tells_each_viewer)
{
    struct cc_sub *first, *second;
    struct cc_notice notice;
    char *text;
    size_t len;

    cr_assert_eq(cc_sub_open(live, VIEWER, 10, &first), 0);
    cr_assert_eq(cc_sub_open(live, "cc:gw:other:3", 10, &second), 0);
    cr_assert_eq(put(1, 1, 0), 0); /* names VIEWER itself */
    cr_assert_eq(cc_replay_join(live, ANSWER, "cc:gw:other:3", 60), 0);
    cr_assert_eq(put(1, 2, 1), 0);

    for (int seq = 1; seq <= 2; seq++) {
        cr_assert_eq(cc_sub_next(first, in_ms(5000), &text, &len), 0);
        cr_assert_eq(cc_notice_decode(text, len, &notice), 0, "%s", text);
        cr_expect_eq(notice.id.seq, seq);
        cr_expect_eq(strncmp(notice.answer, ANSWER, notice.answer_len), 0);
        free(text);
    }
    cr_assert_eq(cc_sub_next(second, in_ms(5000), &text, &len), 0);
    cr_assert_eq(cc_notice_decode(text, len, &notice), 0);
    cr_expect_eq(notice.id.seq, 2);
    cr_expect_str_eq(notice.event.data, "\"2 of 1\"");
    free(text);
    cc_sub_close(&first);
    cc_sub_close(&second);
}

/* ---- the fence ---- */
Test(replay, refuses_an_earlier_attempt_once_a_later_one_has_begun)
{
    struct cc_replay_entry got[100];

    for (int i = 1; i <= 57; i++)
        cr_assert_eq(put(1, i, i - 1), 0);
    cr_assert_eq(put(2, 1, 0), 0);

    cr_expect_eq(put(1, 58, 57), CC_E_FENCED);
    cr_expect_eq(put(1, 58, -1), CC_E_FENCED);
    cr_expect_eq(put(1, 57, 56), CC_E_FENCED);
    cr_expect_eq(put(2, 2, 1), 0);
    cr_assert_eq(count_after(1, 57, got), 2);
    cr_expect_eq(got[0].id.attempt, 2);
}

Test(replay, tells_a_fenced_worker_s_viewers_nothing)
{
    struct cc_sub *sub;
    struct cc_notice notice;
    char *text;
    size_t len;

    cr_assert_eq(put(1, 1, 0), 0);
    cr_assert_eq(put(2, 1, 0), 0);
    cr_assert_eq(cc_sub_open(live, VIEWER, 10, &sub), 0);
    cr_assert_eq(put(1, 2, 1), CC_E_FENCED);
    cr_assert_eq(put(2, 2, 1), 0);

    cr_assert_eq(cc_sub_next(sub, in_ms(5000), &text, &len), 0);
    cr_assert_eq(cc_notice_decode(text, len, &notice), 0);
    cr_expect_eq(notice.id.attempt, 2);
    free(text);
    cc_sub_close(&sub);
}

Test(replay, takes_the_same_event_again_but_no_other_with_its_id)
{
    struct cc_replay_entry got[100];
    bool cancel;

    cr_assert_eq(put_as(1, 1, "\"a\"", 0, &cancel), 0);
    cr_assert_eq(put_as(1, 2, "\"b\"", 1, &cancel), 0);

    cr_expect_eq(put_as(1, 2, "\"b\"", 1, &cancel), 0, "its reply was lost");
    cr_expect_eq(put_as(1, 2, "\"x\"", 1, &cancel), CC_E_FENCED);
    cr_expect_eq(put_as(1, 1, "\"a\"", 0, &cancel), CC_E_FENCED);
    cr_expect_eq(count_after(0, 0, got), 2);
}

Test(replay, says_conflict_when_the_server_came_back_empty)
{
    struct cc_replay_entry got[100];

    cr_assert_eq(put(1, 1, 0), 0);
    cr_assert_eq(put(1, 2, 1), 0);
    server_crash(&server, &live, 1); /* without a file: it lost everything */

    cr_assert_eq(put(1, 3, 2), CC_E_CONFLICT);
    cr_expect_eq(server_ask(&server, "EXISTS cc:ans:" ANSWER), 0, "nothing was written");
    for (int i = 1; i <= 3; i++)
        cr_assert_eq(put(1, i, i - 1), 0, "%s", cc_fail_text());
    cr_expect_eq(count_after(0, 0, got), 3);
}

Test(replay, goes_on_in_an_empty_server_when_nothing_is_expected)
{
    struct cc_replay_entry got[100];

    cr_assert_eq(put(2, 9, -1), 0, "%s", cc_fail_text());
    cr_assert_eq(put(2, 10, -1), 0);
    cr_assert_eq(count_after(0, 0, got), 2);
    cr_expect_eq(got[0].id.seq, 9);
}

/* ---- cancelling ---- */
Test(replay, tells_the_worker_that_it_is_to_stop)
{
    bool cancel = true, cancelled = true;

    cr_assert_eq(put_as(1, 1, "1", 0, &cancel), 0);
    cr_expect_not(cancel);
    cr_assert_eq(cc_replay_is_cancelled(live, ANSWER, &cancelled), 0);
    cr_expect_not(cancelled);
    cr_assert_eq(cc_replay_cancel(live, ANSWER, 900), 0);

    cr_assert_eq(put_as(1, 2, "2", 1, &cancel), 0);
    cr_expect(cancel);
    cr_assert_eq(cc_replay_is_cancelled(live, ANSWER, &cancelled), 0);
    cr_expect(cancelled);
}

Test(replay, is_cancelled_by_the_last_viewer_who_leaves)
{
    bool cancelled;

    cr_assert_eq(cc_replay_join(live, ANSWER, "a", 60), 0);
    cr_assert_eq(cc_replay_join(live, ANSWER, "b", 60), 0);
    cr_assert_eq(cc_replay_leave(live, ANSWER, "a", 900), 0);
    cr_assert_eq(cc_replay_is_cancelled(live, ANSWER, &cancelled), 0);
    cr_expect_not(cancelled);
    cr_assert_eq(cc_replay_leave(live, ANSWER, "b", 900), 0);
    cr_assert_eq(cc_replay_is_cancelled(live, ANSWER, &cancelled), 0);
    cr_expect(cancelled);
    cr_expect_gt(server_ask(&server, "TTL cc:ans:" ANSWER ":cancel"), 850);
}

Test(replay, is_down_when_the_server_is)
{
    struct cc_replay_entry got;
    bool cancel;
    int n;

    server_kill(&server);
    cr_expect_eq(put_as(1, 1, "1", 0, &cancel), CC_E_DOWN);
    cr_expect_eq(cc_replay_read(live, ANSWER, (struct cc_event_id){0, 0}, 1, mem, &got, &n),
                 CC_E_DOWN);
    cr_expect_eq(cc_replay_join(live, ANSWER, "a", 60), CC_E_DOWN);
}

Test(replay, of_a_late_attempt_brings_no_viewer_back)
{
    cr_assert_eq(put(2, 1, 0), 0);
    cr_assert_eq(cc_replay_leave(live, ANSWER, VIEWER, 900), 0);

    cr_assert_eq(put(1, 1, 0), CC_E_FENCED);

    cr_expect_eq(server_ask(&server, "EXISTS cc:ans:" ANSWER ":viewers"), 0);
}
