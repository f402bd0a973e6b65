#include "tests/integration/bus/redis_server.h"

static struct server server;
static struct cc_redis *redis;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "no", "");
    redis = server_client(&server);
}

static void tear_down(void)
{
    cc_redis_close(&redis);
    server_end(&server);
    cc_loop_done();
}

TestSuite(sub, .init = set_up, .fini = tear_down);

static void publish(const char *channel, const char *text)
{
    cr_assert_eq(cc_publish(redis, channel, text, strlen(text)), 0, "%s", cc_fail_text());
}

static void expect(struct cc_sub *sub, const char *text)
{
    char *got;
    size_t len;

    cr_assert_eq(cc_sub_next(sub, in_ms(5000), &got, &len), 0, "%s: %s", text, cc_fail_text());
    cr_expect_str_eq(got, text);
    cr_expect_eq(len, strlen(text));
    free(got);
}

static int next(struct cc_sub *sub, int ms)
{
    char *got;
    size_t len;
    int rc = cc_sub_next(sub, in_ms(ms), &got, &len);

    if (rc == 0)
        free(got);
    return rc;
}

Test(sub, hears_what_is_said_after_it_was_opened_in_order)
{
    struct cc_sub *sub;

    cr_assert_eq(cc_sub_open(redis, "c", 10, &sub), 0);
    publish("c", "one");
    publish("other", "not for us");
    publish("c", "two");

    expect(sub, "one");
    expect(sub, "two");
    cr_expect_eq(next(sub, 20), CC_E_TIMEOUT);
    cc_sub_close(&sub);
}

Test(sub, gives_a_message_to_everybody_who_listens)
{
    struct cc_sub *a, *b;

    cr_assert_eq(cc_sub_open(redis, "c", 10, &a), 0);
    cr_assert_eq(cc_sub_open(redis, "c", 10, &b), 0);
    cr_expect_eq(server_ask(&server, "PUBLISH c x"), 1, "the server hears of a channel once");
    expect(a, "x");
    expect(b, "x");
    cc_sub_close(&a);
    publish("c", "y");
    expect(b, "y");
    cc_sub_close(&b);
}

Test(sub, that_overflows_says_so_once_and_keeps_the_newest)
{
    struct cc_sub *sub;

    cr_assert_eq(cc_sub_open(redis, "c", 3, &sub), 0);
    for (const char *p = "a\0b\0c\0d\0e\0"; *p; p += 2)
        publish("c", p);
    publish("last", "");
    struct cc_sub *last;
    cr_assert_eq(cc_sub_open(redis, "last", 3, &last), 0); /* by now all have come */

    cr_expect_eq(next(sub, 1000), CC_E_FENCED);
    expect(sub, "c");
    expect(sub, "d");
    expect(sub, "e");
    cr_expect_eq(next(sub, 20), CC_E_TIMEOUT);
    cc_sub_close(&last);
    cc_sub_close(&sub);
}

Test(sub, says_fenced_once_when_the_server_has_come_back_and_hears_again)
{
    struct cc_sub *a, *b;

    cr_assert_eq(cc_sub_open(redis, "a", 10, &a), 0);
    cr_assert_eq(cc_sub_open(redis, "b", 10, &b), 0);
    server_kill(&server);
    server_run(&server);

    cr_expect_eq(next(a, 10000), CC_E_FENCED);
    cr_expect_eq(next(b, 10000), CC_E_FENCED);
    cr_assert_eq(cc_redis_ready(redis, in_ms(10000)), 0);
    publish("a", "again");
    publish("b", "too");
    expect(a, "again");
    expect(b, "too");
    cr_expect_eq(next(a, 20), CC_E_TIMEOUT);
    cc_sub_close(&a);
    cc_sub_close(&b);
}

Test(sub, heals_when_the_server_cuts_it_off)
{
    struct cc_sub *sub;

    cr_assert_eq(cc_sub_open(redis, "c", 10, &sub), 0);
    for (int i = 0; i < 20; i++) {
        cr_assert_geq(server_ask(&server, "CLIENT KILL TYPE pubsub"), 1);
        cr_assert_eq(next(sub, 10000), CC_E_FENCED);
        publish("c", "x");
        expect(sub, "x");
    }
    cc_sub_close(&sub);
}

Test(sub, left_and_opened_again_at_once_hears)
{
    struct cc_sub *sub;

    for (int i = 0; i < 200; i++) {
        cr_assert_eq(cc_sub_open(redis, "c", 10, &sub), 0);
        cc_sub_close(&sub);
        cr_assert_eq(cc_sub_open(redis, "c", 10, &sub), 0);
        publish("c", "x");
        expect(sub, "x");
        cc_sub_close(&sub);
    }
    cr_expect_eq(cc_redis_epoch(redis), 0);
}

Test(sub, cannot_be_opened_while_the_server_is_away)
{
    struct cc_sub *sub;

    server_kill(&server);
    cr_expect_eq(cc_sub_open(redis, "c", 10, &sub), CC_E_DOWN);
    server_run(&server);
    cr_assert_eq(cc_redis_ready(redis, in_ms(10000)), 0);
    cr_assert_eq(cc_sub_open(redis, "c", 10, &sub), 0, "%s", cc_fail_text());
    cc_sub_close(&sub);
}

/* ---- a crowd ---- */
#define CROWD 2000

static int open_now, heard, closed;
static struct cc_wait all_open, all_closed;

static void listen_once(void *arg)
{
    struct cc_sub *sub = NULL;
    char *text;
    size_t len;

    (void)arg;
    int rc = cc_sub_open(redis, "crowd", 4, &sub);
    if (++open_now == CROWD)
        cc_wait_done(&all_open);
    if (rc == 0 && cc_sub_next(sub, in_ms(20000), &text, &len) == 0) {
        heard++;
        free(text);
    }
    cc_sub_close(&sub);
    if (++closed == CROWD)
        cc_wait_done(&all_closed);
}

Test(sub, two_thousand_on_one_channel_may_all_close_at_once)
{
    struct cc_sub *sub;

    for (int round = 0; round < 2; round++) {
        open_now = heard = closed = 0;
        all_open.done = all_closed.done = false;
        for (int i = 0; i < CROWD; i++)
            cr_assert_eq(cc_task_spawn("listen", listen_once, NULL, NULL), 0);
        cr_assert_eq(cc_wait_for(&all_open, in_ms(20000)), 0);
        publish("crowd", "good night");
        cr_assert_eq(cc_wait_for(&all_closed, in_ms(20000)), 0);
        cr_expect_eq(heard, CROWD);
    }
    cr_assert_eq(cc_sub_open(redis, "after", 4, &sub), 0);
    publish("after", "alive");
    expect(sub, "alive");
    cc_sub_close(&sub);
}

Test(sub, a_thousand_channels_come_and_go)
{
    static struct cc_sub *subs[1000];
    char name[32];

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "c%d", i);
        cr_assert_eq(cc_sub_open(redis, name, 4, &subs[i]), 0);
    }
    publish("c0", "first");
    publish("c999", "last");
    expect(subs[0], "first");
    expect(subs[999], "last");
    for (int i = 0; i < 1000; i++)
        cc_sub_close(&subs[i]);
    cr_expect_eq(next((cc_sub_open(redis, "c0", 4, &subs[0]), subs[0]), 20), CC_E_TIMEOUT);
    cc_sub_close(&subs[0]);
    cr_expect_eq(server_ask(&server, "PUBSUB NUMPAT"), 0);
}
