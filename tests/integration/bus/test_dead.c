/* Jobs that were given up: queue.h. */
#include "tests/integration/bus/queueing.h"

TestSuite(dead_list, .init = set_up, .fini = tear_down, .timeout = 60);

static void bury(struct cc_queue *queue, const char *body, const char *job)
{
    put(body);
    struct cc_claim claim = take(queue);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_queue_bury(queue, &claim, "ten_1", job, "said \"no\""), 0, "%s",
                     cc_fail_text());
}

Test(dead_list, buries_once_with_the_reason)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_dead dead[4];
    int n;

    server_ask(&server, "HSET " CC_INFLIGHT_CHAT " ten_1 2");
    bury(queue, "poison", "ans_1");

    cr_assert_eq(cc_dead_list(commands, CC_STREAM_CHAT, "", 4, mem, dead, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(dead[0].tenant, "ten_1");
    cr_expect_str_eq(dead[0].job, "ans_1");
    cr_expect_str_eq(dead[0].reason, "said \"no\"");
    cr_expect_str_eq(dead[0].body, "poison");
    cr_expect_eq(dead[0].len, 6);
    cr_expect_lt(cc_unix_ms() - dead[0].buried_ms, 20000);
    cr_expect_eq(look().depth, 0);
    cr_expect_eq(look().dead, 1);
    cr_expect_eq(server_ask(&server, "HGET " CC_INFLIGHT_CHAT " ten_1"), 1);
    cc_queue_free(&queue);
}

Test(dead_list, knows_whose_entry_it_was_that_nobody_can_read)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_dead dead;
    int n;

    put_of("ten_1", "rubbish");
    put_of("ten_1", "rubbish");
    struct cc_claim claim = take(queue);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_queue_bury(queue, &claim, "", "", "not a job"), 0, "%s", cc_fail_text());

    cr_expect_eq(open_of("ten_1"), 1);
    cr_assert_eq(cc_dead_list(commands, CC_STREAM_CHAT, "", 1, mem, &dead, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(dead.tenant, "ten_1");
    cr_expect_eq(cc_dead_requeue(commands, CC_STREAM_CHAT, dead.entry), 0);
    cr_expect_eq(open_of("ten_1"), 2);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_queue_ack(queue, take(queue).entry, ""), 0);
    cr_expect_eq(server_ask(&server, "HLEN " CC_INFLIGHT_CHAT), 0);
    cc_queue_free(&queue);
}

Test(dead_list, lists_the_dead_page_by_page_newest_first)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_dead page[2];
    int n;

    bury(queue, "1", "j1");
    bury(queue, "2", "j2");
    bury(queue, "3", "j3");

    cr_assert_eq(cc_dead_list(commands, CC_STREAM_CHAT, "", 2, mem, page, &n), 0);
    cr_assert_eq(n, 2);
    cr_expect_str_eq(page[0].job, "j3");
    cr_expect_str_eq(page[1].job, "j2");
    cr_assert_eq(cc_dead_list(commands, CC_STREAM_CHAT, page[1].entry, 2, mem, page, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(page[0].job, "j1");
    cc_queue_free(&queue);
}

Test(dead_list, takes_a_dead_job_back_once)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_dead dead;
    int n;

    bury(queue, "second chance", "j1");
    cr_assert_eq(cc_dead_list(commands, CC_STREAM_CHAT, "", 1, mem, &dead, &n), 0);

    cr_expect_eq(cc_dead_requeue(commands, CC_STREAM_CHAT, dead.entry), 0);
    cr_expect_eq(cc_dead_requeue(commands, CC_STREAM_CHAT, dead.entry), CC_E_NOTFOUND);
    cr_expect_eq(server_ask(&server, "HGET " CC_INFLIGHT_CHAT " ten_1"), 1);
    cr_expect_str_eq(take(queue).body, "second chance");
    cr_expect_eq(look().dead, 0);
    cc_queue_free(&queue);
}
