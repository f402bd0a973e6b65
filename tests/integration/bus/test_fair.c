/* Lines per tenant: proto/bus/fair.h. */
#include "tests/integration/bus/redis_server.h"

#include "proto/bus/fair.h"
#include "proto/bus/line_up.h"
#include "proto/bus/queue.h"
#include "proto/wire/job.h"
#include "proto/wire/names.h"

static struct server server;
static struct cc_redis *commands, *blocking;
static struct cc_queue *queue;
static struct cc_arena *mem;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "yes", "");
    commands = server_client(&server);
    blocking = server_client(&server);
    mem = cc_arena_new(1 << 20);
    struct cc_queue_opts opts = {.commands = commands,
                                 .blocking = blocking,
                                 .stream = CC_STREAM_INGEST,
                                 .consumer = "a",
                                 .lease_ms = 60000};
    cr_assert_eq(cc_queue_open(&opts, &queue), 0, "%s", cc_fail_text());
}

static void tear_down(void)
{
    cc_queue_free(&queue);
    cc_arena_free(&mem);
    cc_redis_close(&blocking);
    cc_redis_close(&commands);
    server_end(&server);
    cc_loop_done();
}

TestSuite(fair, .init = set_up, .fini = tear_down, .timeout = 60);

static void put(const char *tenant, const char *body)
{
    cr_assert_eq(cc_fair_put(commands, CC_STREAM_INGEST, tenant, body, strlen(body)), 0, "%s",
                 cc_fail_text());
}

static int64_t feed(int ready)
{
    int64_t moved = -1;

    cr_assert_eq(cc_fair_feed(commands, CC_STREAM_INGEST, ready, &moved), 0, "%s", cc_fail_text());
    return moved;
}

static struct cc_fair_state state(void)
{
    struct cc_fair_state got;

    cr_assert_eq(cc_fair_look(commands, CC_STREAM_INGEST, &got), 0, "%s", cc_fail_text());
    return got;
}

/* One job, taken and done; "" when there is none. */
static const char *work(void)
{
    struct cc_claim claim;
    int n = 0, rc = cc_queue_take(queue, 1, 0, mem, &claim, &n);

    if (rc == CC_E_NOTFOUND)
        return "";
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_assert_eq(cc_queue_ack(queue, claim.entry, NULL), 0);
    return cc_arena_dupn(mem, claim.body, claim.len);
}

Test(fair, takes_one_of_each_tenant_in_turn)
{
    static const char *const order[] = {"a1", "a2", "b1", "c1", "a3", "b2", "a4"};

    put("a", "a1"); /* goes on at once: nobody was before it */
    put("a", "a2");
    put("a", "a3");
    put("a", "a4");
    put("b", "b1");
    put("b", "b2");
    put("c", "c1");

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        feed(1);
        cr_assert_str_eq(work(), order[i], "turn %zu", i);
    }
    cr_assert_eq(feed(1), 0);
    cr_assert_eq(state().tenants, 0);
}

Test(fair, line_holds_a_job_once_however_often_it_is_put)
{
    put("a", "first");
    for (int i = 0; i < 5; i++)
        put("a", "again");

    cr_assert_eq(state().waiting, 1);
    cr_assert_eq(feed(10), 1);
}

Test(fair, stream_is_kept_short)
{
    char body[8];

    for (int i = 0; i < 20; i++) {
        snprintf(body, sizeof body, "a%d", i);
        put("a", body);
    }
    struct cc_fair_state got = state();
    struct cc_queue_state depth;

    cr_assert_eq(got.waiting, 19);
    cr_assert_eq(got.tenants, 1);
    cr_assert_eq(feed(4), 3, "one was there");
    cr_assert_eq(feed(4), 0);
    cr_assert_eq(cc_queue_look(commands, CC_STREAM_INGEST, &depth), 0, "%s", cc_fail_text());
    cr_assert_eq(depth.depth, 20, "lines count as waiting, too");
}

Test(fair, job_in_work_does_not_count_as_waiting_for_a_taker)
{
    struct cc_claim claim;
    int n;

    put("a", "a1");
    put("a", "a2");
    cr_assert_eq(cc_queue_take(queue, 1, 0, mem, &claim, &n), 0);

    cr_assert_eq(feed(1), 1);
}

/* The newcomer waits for one turn of the others, not for all that they have. */
Test(fair, newcomer_is_next_but_one)
{
    char body[8];

    for (int i = 0; i < 50; i++) {
        snprintf(body, sizeof body, "a%d", i);
        put("a", body);
    }
    put("b", "b1");

    cr_assert_str_eq(work(), "a0");
    feed(1);
    cr_assert_str_eq(work(), "a1");
    feed(1);
    cr_assert_str_eq(work(), "b1");
}

Test(fair, job_that_is_dropped_is_not_fed)
{
    put("a", "a1");
    put("a", "a2");
    put("b", "b1");

    cr_assert_eq(cc_fair_drop(commands, CC_STREAM_INGEST, "a", "a2", 2), 0);
    cr_assert_eq(cc_fair_drop(commands, CC_STREAM_INGEST, "a", "a2", 2), 0, "not there: fine");

    cr_assert_eq(state().tenants, 1);
    cr_assert_eq(feed(10), 1);
    cr_assert_str_eq(work(), "a1");
    cr_assert_str_eq(work(), "b1");
    cr_assert_str_eq(work(), "");
}

Test(fair, who_waits_for_the_stream_is_woken_by_a_put)
{
    struct cc_claim claim;
    int n;

    put("a", "a1");

    cr_assert_eq(cc_queue_take(queue, 1, 5000, mem, &claim, &n), 0, "without a feed");
}

Test(fair, document_and_generation_are_one_job)
{
    struct cc_ingest_job job;

    cr_assert_eq(cc_ingest_enqueue(commands, "ten_1", "doc_0", 1), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(cc_ingest_enqueue(commands, "ten_1", "doc_1", 7), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_ingest_enqueue(commands, "ten_1", "doc_1", 8), 0);

    cr_assert_eq(state().waiting, 2);
    work();
    feed(1);
    const char *body = work();
    cr_assert_eq(cc_ingest_job_decode(body, strlen(body), mem, &job), 0, "%s", cc_fail_text());
    cr_assert_str_eq(job.document, "doc_1");
    cr_assert_str_eq(job.tenant, "ten_1");
    cr_assert_eq(job.generation, 7);
}
