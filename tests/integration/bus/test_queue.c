#include "tests/integration/bus/queueing.h"

TestSuite(queue, .init = set_up, .fini = tear_down, .timeout = 60);

Test(queue, gives_a_job_to_one_worker_only)
{
    struct cc_queue *a = open_queue("a", LEASE_MS * 100), *b = open_queue("b", LEASE_MS * 100);
    struct cc_claim claim, none;
    int n;

    put("job");
    claim = take(a);

    cr_expect_eq(claim.len, 3);
    cr_expect_str_eq(claim.body, "job");
    cr_expect_not(claim.reclaimed);
    cr_expect_eq(cc_queue_take(b, 1, 20, mem, &none, &n), CC_E_NOTFOUND);
    cr_expect_eq(reclaim(b, 1, &none), 0);
    cc_queue_free(&a);
    cc_queue_free(&b);
}

Test(queue, gives_out_what_was_put_before_there_was_a_group)
{
    put("early");
    struct cc_queue *queue = open_queue("a", LEASE_MS);

    cr_expect_str_eq(take(queue).body, "early");
    cc_queue_free(&queue);
}

Test(queue, gives_several_jobs_at_once_in_order)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_claim claims[3];
    int n;

    put("1"), put("2"), put("3"), put("4");

    cr_assert_eq(cc_queue_take(queue, 3, 0, mem, claims, &n), 0);
    cr_assert_eq(n, 3);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(((const char *)claims[i].body)[0], '1' + i);
    cc_queue_free(&queue);
}

Test(queue, wakes_a_worker_that_waits)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_claim none;
    int n;
    int64_t since_ms = cc_clock_ms();

    cr_expect_eq(cc_queue_take(queue, 1, 100, mem, &none, &n), CC_E_NOTFOUND);
    cr_expect_geq(cc_clock_ms() - since_ms, 95);
    put("now");
    cr_expect_str_eq(take(queue).body, "now");
    cc_queue_free(&queue);
}

Test(queue, gives_the_job_to_another_worker_after_the_lease)
{
    struct cc_queue *dead = open_queue("dead", LEASE_MS), *alive = open_queue("alive", LEASE_MS);

    put("job");
    struct cc_claim lost = take(dead);
    int64_t since_ms = cc_clock_ms();
    struct cc_claim claim = reclaim_one(alive);

    cr_expect_geq(cc_clock_ms() - since_ms, LEASE_MS - 50);
    cr_expect_str_eq(claim.entry, lost.entry);
    cr_expect_str_eq(claim.body, "job");
    cr_expect(claim.reclaimed);
    cc_queue_free(&dead);
    cc_queue_free(&alive);
}

Test(queue, finds_one_silent_job_behind_many_that_are_touched)
{
    struct cc_queue *dead = open_queue("dead", 10 * LEASE_MS),
                    *busy = open_queue("busy", 10 * LEASE_MS);
    struct cc_claim *claims = cc_arena_array(mem, 301, sizeof *claims), found;
    int n, live = 0;

    for (int i = 0; i < 301; i++)
        put(i < 300 ? "live" : "lost");
    cr_assert_eq(cc_queue_take(busy, 300, 0, mem, claims, &live), 0);
    cr_assert_eq(live, 300);
    cr_assert_eq(cc_queue_take(dead, 1, 0, mem, &claims[300], &n), 0);
    do {
        for (int i = 0; i < live; i++)
            cr_assert_eq(cc_queue_touch(busy, claims[i].entry), 0);
    } while (reclaim(busy, 1, &found) == 0);

    cr_expect_str_eq(found.entry, claims[300].entry);
    cc_queue_free(&dead);
    cc_queue_free(&busy);
}

Test(queue, leaves_a_job_that_is_touched_to_its_worker)
{
    struct cc_queue *slow = open_queue("slow", LEASE_MS), *other = open_queue("other", LEASE_MS);
    struct cc_claim none;

    put("job");
    struct cc_claim claim = take(slow);
    for (int64_t end_ms = in_ms(3 * LEASE_MS); cc_clock_ms() < end_ms;) {
        cr_assert_eq(cc_queue_touch(slow, claim.entry), 0);
        cr_assert_eq(reclaim(other, 1, &none), 0);
    }
    reclaim_one(other); /* now it is silent */
    cr_expect_eq(cc_queue_touch(slow, claim.entry), CC_E_FENCED, "it is not ours any more");
    cr_expect_eq(cc_queue_touch(other, claim.entry), 0);
    cc_queue_free(&slow);
    cc_queue_free(&other);
}

Test(queue, lowers_the_count_of_open_jobs_once_however_often_it_is_told)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);

    server_ask(&server, "HSET " CC_INFLIGHT_CHAT " ten_1 5");
    put("job");
    struct cc_claim claim = take(queue);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(cc_queue_ack(queue, claim.entry, "ten_1"), 0);

    cr_expect_eq(server_ask(&server, "HGET " CC_INFLIGHT_CHAT " ten_1"), 4);
    cr_expect_eq(look().depth, 0);
    cr_expect_eq(look().pending, 0);
    cc_queue_free(&queue);
}

Test(queue, never_counts_below_nothing)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);

    put("job");
    cr_assert_eq(cc_queue_ack(queue, take(queue).entry, "ten_1"), 0);

    cr_expect_eq(server_ask(&server, "HEXISTS " CC_INFLIGHT_CHAT " ten_1"), 0);
    cc_queue_free(&queue);
}

Test(queue, makes_its_group_again_when_the_server_lost_it)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_claim none;
    int n;

    put("lost");
    server_ask(&server, "FLUSHALL");
    cr_expect_eq(cc_queue_take(queue, 1, 20, mem, &none, &n), CC_E_NOTFOUND);
    put("kept");
    cr_expect_str_eq(take(queue).body, "kept");
    server_ask(&server, "FLUSHALL");
    cr_expect_eq(reclaim(queue, 1, &none), 0);
    cr_expect_eq(cc_queue_touch(queue, "1-1"), 0);
    cr_expect_eq(cc_queue_ack(queue, "1-1", "ten_1"), 0);
    put("again");
    cr_expect_str_eq(take(queue).body, "again");
    cc_queue_free(&queue);
}

struct taker {
    struct cc_queue *queue;
    struct cc_wait done;
    int rc, n;
    struct cc_claim claim;
};

static void take_long(void *arg)
{
    struct taker *t = arg;

    t->rc = cc_queue_take(t->queue, 1, 20000, mem, &t->claim, &t->n);
    cc_wait_done(&t->done);
}

static int64_t blocked_clients(void)
{
    return server_ask(&server, "EVAL %s 0",
                      "return tonumber(redis.call('INFO'):match('blocked_clients:(%d+)'))");
}

Test(queue, is_emptied_under_a_worker_that_waits)
{
    struct taker t = {.queue = open_queue("a", LEASE_MS)};

    cr_assert_eq(cc_task_spawn("take", take_long, &t, NULL), 0);
    while (blocked_clients() == 0)
        cr_assert_eq(cc_redis_ping(commands, 1000), 0);
    server_ask(&server, "DEL " CC_STREAM_CHAT); /* Redis wakes it with an error */
    put("after");

    cr_assert_eq(cc_wait_for(&t.done, in_ms(10000)), 0);
    cr_expect_eq(t.rc, 0, "%s", cc_error_name(t.rc));
    cr_expect_str_eq(t.claim.body, "after");
    cc_queue_free(&t.queue);
}

Test(queue, keeps_its_jobs_over_a_crash_of_the_server)
{
    struct cc_queue *dead = open_queue("dead", LEASE_MS), *alive = open_queue("alive", LEASE_MS);

    put("taken"), put("waiting");
    struct cc_claim taken = take(dead);
    server_crash(&server, (struct cc_redis *[]){commands, blocking}, 2);

    cr_expect_str_eq(take(alive).body, "waiting");
    cr_expect_str_eq(reclaim_one(alive).entry, taken.entry);
    cc_queue_free(&dead);
    cc_queue_free(&alive);
}

Test(queue, tells_what_waits_and_how_long)
{
    struct cc_queue_state empty = look();
    struct cc_queue *queue = open_queue("a", LEASE_MS);

    cr_expect_eq(empty.depth + empty.pending + empty.oldest_ms + empty.dead, 0);
    put("1"), put("2");
    take(queue);
    int64_t since_ms = cc_clock_ms();
    while (cc_clock_ms() - since_ms < 30)
        cc_redis_ping(commands, 1000);

    struct cc_queue_state state = look();
    cr_expect_eq(state.depth, 2);
    cr_expect_eq(state.pending, 1);
    cr_expect(state.oldest_ms >= 25 && state.oldest_ms < 20000, "%lld", (long long)state.oldest_ms);
    cc_queue_free(&queue);
}

Test(queue, forgets_consumers_that_ended_long_ago_unless_they_hold_a_job)
{
    struct cc_queue *idle = open_queue("idle", 1), *holder = open_queue("holder", 1), *late;

    put("done");
    cr_assert_eq(cc_queue_ack(idle, take(idle).entry, "ten_1"), 0);
    put("held");
    take(holder);
    cr_expect_eq(server_ask(&server, "XINFO CONSUMERS " CC_STREAM_CHAT " " CC_GROUP), 2);
    int64_t since_ms = cc_clock_ms();
    while (cc_clock_ms() - since_ms <= 70) /* more than 60 leases of 1 ms */
        cc_redis_ping(commands, 1000);
    late = open_queue("late", 1);

    cr_expect_eq(server_ask(&server, "XINFO CONSUMERS " CC_STREAM_CHAT " " CC_GROUP), 1);
    cr_expect_eq(look().pending, 1);
    cc_queue_free(&idle);
    cc_queue_free(&holder);
    cc_queue_free(&late);
}

Test(queue, puts_a_job_back_for_another_and_counts_it_still)
{
    struct cc_queue *a = open_queue("a", LEASE_MS * 100), *b = open_queue("b", LEASE_MS * 100);
    struct cc_claim first, second;

    put_of("ten_1", "job");
    first = take(a);
    cr_assert_eq(cc_queue_put_back(a, &first, "ten_1"), 0, "%s", cc_fail_text());
    second = take(b);

    cr_expect_str_eq(second.body, "job");
    cr_expect_str_neq(second.entry, first.entry);
    cr_expect_eq(look().depth, 1);
    cr_expect_eq(look().pending, 1);
    cr_expect_eq(open_of("ten_1"), 1);
    cr_assert_eq(cc_queue_ack(b, second.entry, ""), 0);
    cr_expect_eq(look().depth, 0);
    cr_expect_eq(server_ask(&server, "HLEN " CC_INFLIGHT_CHAT), 0);
    cc_queue_free(&a);
    cc_queue_free(&b);
}

Test(queue, puts_a_job_back_that_the_server_has_lost)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS * 100);

    put_of("ten_1", "job");
    struct cc_claim claim = take(queue);
    server_ask(&server, "FLUSHALL");
    cr_assert_eq(cc_queue_put_back(queue, &claim, "ten_1"), 0, "%s", cc_fail_text());

    cr_expect_eq(open_of("ten_1"), 1);
    cr_expect_str_eq(take(queue).body, "job");
    cc_queue_free(&queue);
}

Test(queue, is_down_when_the_server_is)
{
    struct cc_queue *queue = open_queue("a", LEASE_MS);
    struct cc_claim none;
    int n;

    server_kill(&server);
    cr_expect_eq(cc_queue_take(queue, 1, 5000, mem, &none, &n), CC_E_DOWN);
    cr_expect_eq(cc_queue_reclaim(queue, 1, mem, &none, &n), CC_E_DOWN);
    cr_expect_eq(cc_queue_touch(queue, "1-1"), CC_E_DOWN);
    cr_expect_eq(cc_queue_ack(queue, "1-1", "ten_1"), CC_E_DOWN);
    cr_expect_eq(cc_queue_put(commands, CC_STREAM_CHAT, "x", 1, NULL), CC_E_DOWN);
    cc_queue_free(&queue);
}
