#include "tests/integration/bus/redis_server.h"

#include "proto/base/id.h"
#include "proto/bus/admit.h"
#include "proto/bus/queue.h"
#include "proto/wire/names.h"

static struct server server;
static struct cc_redis *redis;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "yes", "");
    redis = server_client(&server);
}

static void tear_down(void)
{
    cc_redis_close(&redis);
    server_end(&server);
    cc_loop_done();
}

TestSuite(admit, .init = set_up, .fini = tear_down, .timeout = 60);

struct caps {
    int64_t tenant, total;
};
static bool new_session;
static const char *visitor = "";

static int admit(const char *tenant, const char *message_id, struct caps caps,
                 struct cc_admitted *ret)
{
    char answer[CC_ID_MAX];
    struct cc_chat_job job = {.answer = cc_id_random("ans", answer),
                              .tenant = tenant,
                              .bot = "bot_1",
                              .session = "ses_1",
                              .client_message = message_id,
                              .message = "hello",
                              .tier = "free",
                              .reply = "cc:gw:test:0",
                              .trace = "",
                              .metadata = "",
                              .visitor = visitor};
    struct cc_admit what = {.job = &job,
                            .tenant_cap = caps.tenant,
                            .total_cap = caps.total,
                            .remember_s = 60,
                            .new_session = new_session};
    int rc = cc_admit(redis, &what, ret);

    if (rc == 0 && ret->first)
        cr_expect_str_eq(ret->answer, answer);
    return rc;
}

Test(admit, puts_the_question_and_counts_it)
{
    struct cc_admitted in;
    struct cc_queue *queue = NULL;
    struct cc_queue_opts opts = {redis, redis, CC_STREAM_CHAT, "a", CC_INFLIGHT_CHAT, 1000};
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_claim claim;
    struct cc_chat_job job;
    int n;

    cr_assert_eq(admit("ten_1", "m1", (struct caps){10, 10}, &in), 0, "%s", cc_fail_text());
    cr_expect(in.first);
    cr_expect_eq(in.position, 0);
    cr_assert_eq(admit("ten_1", "m2", (struct caps){10, 10}, &in), 0);
    cr_expect_eq(in.position, 1);
    cr_expect_eq(server_ask(&server, "HGET " CC_INFLIGHT_CHAT " ten_1"), 2);

    cr_assert_eq(cc_queue_open(&opts, &queue), 0);
    cr_assert_eq(cc_queue_take(queue, 1, 0, mem, &claim, &n), 0);
    cr_assert_eq(cc_chat_job_decode(claim.body, claim.len, mem, &job), 0);
    cr_expect_str_eq(job.client_message, "m1");
    cc_queue_free(&queue);
    cc_arena_free(&mem);
}

Test(admit, knows_the_bot_of_what_nobody_has_claimed)
{
    struct cc_admitted in;
    struct cc_arena *mem = cc_arena_new(1 << 16);
    struct cc_asked_by by = {0};

    cr_assert_eq(admit("ten_1", "m1", (struct caps){10, 10}, &in), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_admit_find(redis, "ten_1", in.answer, mem, &by), 0);
    cr_expect_str_eq(by.bot, "bot_1");
    cr_expect_str_eq(by.visitor, visitor);
    cr_expect_eq(cc_admit_find(redis, "ten_2", in.answer, mem, &by), CC_E_NOTFOUND);
    cr_expect_eq(cc_admit_find(redis, "ten_1", "ans_none", mem, &by), CC_E_NOTFOUND);
    cc_arena_free(&mem);
}

Test(admit, knows_the_visitor_of_what_nobody_has_claimed)
{
    struct cc_admitted in;
    struct cc_arena *mem = cc_arena_new(1 << 16);
    struct cc_asked_by by = {0};

    visitor = "vis_1";
    new_session = true;
    cr_assert_eq(admit("ten_1", "m1", (struct caps){10, 10}, &in), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_admit_find(redis, "ten_1", in.answer, mem, &by), 0);
    cr_expect_str_eq(by.bot, "bot_1");
    cr_expect_str_eq(by.visitor, "vis_1");
    cr_assert_eq(cc_admit_find_session(redis, "ten_1", "ses_1", mem, &by), 0);
    cr_expect_str_eq(by.visitor, "vis_1");
    cc_arena_free(&mem);
}

Test(admit, knows_the_bot_of_a_session_that_nobody_has_stored)
{
    struct cc_admitted in;
    struct cc_arena *mem = cc_arena_new(1 << 16);
    struct cc_asked_by by = {0};

    cr_assert_eq(admit("ten_1", "m1", (struct caps){10, 10}, &in), 0, "%s", cc_fail_text());
    cr_expect_eq(cc_admit_find_session(redis, "ten_1", "ses_1", mem, &by), CC_E_NOTFOUND,
                 "of those that PostgreSQL knows nothing is kept");
    new_session = true;
    cr_assert_eq(admit("ten_1", "m2", (struct caps){10, 10}, &in), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_admit_find_session(redis, "ten_1", "ses_1", mem, &by), 0);
    cr_expect_str_eq(by.bot, "bot_1");
    cr_expect_str_eq(by.visitor, visitor);
    cr_expect_eq(cc_admit_find_session(redis, "ten_2", "ses_1", mem, &by), CC_E_NOTFOUND);
    cr_expect_eq(cc_admit_find_session(redis, "ten_1", "ses_2", mem, &by), CC_E_NOTFOUND);
    int64_t left_s = server_ask(&server, "TTL cc:session:ten_1:ses_1");
    cr_expect(left_s > 0 && left_s <= 60);
    cc_arena_free(&mem);
}

Test(admit, attaches_a_repeated_message_to_the_answer_it_has)
{
    struct cc_admitted first, again, other;

    cr_assert_eq(admit("ten_1", "m1", (struct caps){1, 1}, &first), 0);
    cr_assert_eq(admit("ten_1", "m1", (struct caps){1, 1}, &again), 0, "caps are for new ones");

    cr_expect_not(again.first);
    cr_expect_str_eq(again.answer, first.answer);
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 1);
    cr_assert_eq(admit("ten_2", "m1", (struct caps){1, 10}, &other), 0);
    cr_expect(other.first, "another tenant's message with the same id is another message");
}

Test(admit, without_a_message_id_each_question_is_new)
{
    struct cc_admitted a, b;

    cr_assert_eq(admit("ten_1", "", (struct caps){9, 9}, &a), 0);
    cr_assert_eq(admit("ten_1", "", (struct caps){9, 9}, &b), 0);
    cr_expect(a.first && b.first);
    cr_expect_str_neq(a.answer, b.answer);
}

Test(admit, stops_at_the_cap_of_a_tenant_and_of_all)
{
    struct cc_admitted in = {.position = -7};
    char id[16];

    for (int i = 0; i < 3; i++) {
        snprintf(id, sizeof id, "m%d", i);
        cr_assert_eq(admit("ten_1", id, (struct caps){3, 5}, &in), 0);
    }
    in.position = -7;
    cr_expect_eq(admit("ten_1", "m3", (struct caps){3, 5}, &in), CC_E_TENANT_BUSY);
    cr_expect_eq(in.position, -7);
    cr_expect_eq(admit("ten_2", "m0", (struct caps){3, 5}, &in), 0);
    cr_expect_eq(admit("ten_2", "m1", (struct caps){3, 5}, &in), 0);
    cr_expect_eq(admit("ten_3", "m0", (struct caps){3, 5}, &in), CC_E_BUSY);
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 5);
    cr_expect_eq(server_ask(&server, "HEXISTS " CC_INFLIGHT_CHAT " ten_3"), 0);
}

/* ---- the counts, mended ---- */
#define MINUTE 60000

static int64_t recount(void)
{
    int64_t wrong = -7;

    server_ask(&server, "DEL " CC_RECOUNT_CHAT);
    cr_assert_eq(cc_admit_recount(redis, MINUTE, &wrong), 0, "%s", cc_fail_text());
    return wrong;
}

static int64_t open_of(const char *tenant)
{
    return server_ask(&server, "HGET " CC_INFLIGHT_CHAT " %s", tenant);
}

static void admit_n(const char *tenant, int n)
{
    struct cc_admitted in;

    for (int i = 0; i < n; i++)
        cr_assert_eq(admit(tenant, "", (struct caps){1000, 1000}, &in), 0, "%s", cc_fail_text());
}

Test(admit, leaves_counts_alone_that_are_right)
{
    cr_expect_eq(recount(), 0);
    admit_n("ten_1", 2);
    admit_n("ten_2", 1);

    cr_expect_eq(recount(), 0);
    cr_expect_eq(open_of("ten_1"), 2);
    cr_expect_eq(open_of("ten_2"), 1);
}

Test(admit, mends_counts_that_are_too_high)
{
    struct cc_admitted in;

    admit_n("ten_1", 3);
    server_ask(&server, "HSET " CC_INFLIGHT_CHAT " ten_1 9 ten_gone 5 ten_odd many");
    cr_expect_eq(admit("ten_1", "", (struct caps){4, 99}, &in), CC_E_TENANT_BUSY);

    cr_expect_eq(recount(), 3);
    cr_expect_eq(open_of("ten_1"), 3);
    cr_expect_eq(server_ask(&server, "HLEN " CC_INFLIGHT_CHAT), 1);
    cr_expect_eq(admit("ten_1", "", (struct caps){4, 99}, &in), 0);
}

Test(admit, mends_counts_that_are_too_low)
{
    struct cc_admitted in;

    admit_n("ten_1", 3);
    admit_n("ten_2", 1);
    server_ask(&server, "HSET " CC_INFLIGHT_CHAT " ten_1 -2");
    server_ask(&server, "HDEL " CC_INFLIGHT_CHAT " ten_2");

    cr_expect_eq(recount(), 2);
    cr_expect_eq(open_of("ten_1"), 3);
    cr_expect_eq(open_of("ten_2"), 1);
    cr_expect_eq(admit("ten_1", "", (struct caps){3, 99}, &in), CC_E_TENANT_BUSY);
}

/* More than one page, with holes in it, and entries whose answer is being written. */
Test(admit, counts_what_is_pending_and_not_what_has_ended)
{
    struct cc_queue *queue = NULL;
    struct cc_queue_opts opts = {redis, redis, CC_STREAM_CHAT, "a", CC_INFLIGHT_CHAT, 1000};
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_claim claims[150];
    int n;

    admit_n("ten_1", 150);
    admit_n("ten_2", 100);
    cr_assert_eq(cc_queue_open(&opts, &queue), 0);
    cr_assert_eq(cc_queue_take(queue, 150, 0, mem, claims, &n), 0);
    cr_assert_eq(n, 150);
    for (int i = 0; i < n; i += 3)
        cr_assert_eq(cc_queue_ack(queue, claims[i].entry, "ten_1"), 0);
    server_ask(&server, "DEL " CC_INFLIGHT_CHAT);

    cr_expect_eq(recount(), 2);
    cr_expect_eq(open_of("ten_1"), 100);
    cr_expect_eq(open_of("ten_2"), 100);
    cc_queue_free(&queue);
    cc_arena_free(&mem);
}

Test(admit, counts_entries_without_a_tenant_for_nobody)
{
    admit_n("ten_1", 1);
    server_ask(&server, "XADD " CC_STREAM_CHAT " * j t");
    server_ask(&server, "XADD " CC_STREAM_CHAT " * more ten_9 j t t ten_1");

    cr_expect_eq(recount(), 1);
    cr_expect_eq(open_of("ten_1"), 2);
    cr_expect_eq(server_ask(&server, "HLEN " CC_INFLIGHT_CHAT), 1);
}

Test(admit, refuses_as_busy_when_the_server_s_memory_is_full)
{
    struct cc_admitted in;

    server_ask(&server, "CONFIG SET maxmemory 1");
    cr_expect_eq(admit("ten_1", "m1", (struct caps){9, 9}, &in), CC_E_BUSY, "%s", cc_fail_text());
    cr_expect_eq(cc_queue_put(redis, CC_STREAM_INGEST, "x", 1, NULL), CC_E_BUSY);
    server_ask(&server, "CONFIG SET maxmemory 0");
    cr_expect_eq(admit("ten_1", "m1", (struct caps){9, 9}, &in), 0);
    cr_expect(in.first);
}

/* ---- fifty at once ---- */
#define AT_ONCE 50

struct caller {
    const char *message_id;
    struct caps caps;
    int rc;
    struct cc_admitted in;
    char id[16];
};
static int running;
static struct cc_wait all_done;

static void call(void *arg)
{
    struct caller *c = arg;

    c->rc = admit("ten_1", c->id, c->caps, &c->in);
    if (--running == 0)
        cc_wait_done(&all_done);
}

static void call_all(struct caller *callers)
{
    running = AT_ONCE;
    for (int i = 0; i < AT_ONCE; i++)
        cr_assert_eq(cc_task_spawn("admit", call, &callers[i], NULL), 0);
    cr_assert_eq(cc_wait_for(&all_done, in_ms(20000)), 0);
}

Test(admit, lets_fifty_repeats_at_once_in_as_one)
{
    static struct caller callers[AT_ONCE];
    int first = 0;

    for (int i = 0; i < AT_ONCE; i++)
        callers[i] = (struct caller){.id = "same", .caps = {100, 100}};
    call_all(callers);

    for (int i = 0; i < AT_ONCE; i++) {
        cr_expect_eq(callers[i].rc, 0);
        cr_expect_str_eq(callers[i].in.answer, callers[0].in.answer);
        first += callers[i].in.first;
    }
    cr_expect_eq(first, 1);
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 1);
    cr_expect_eq(server_ask(&server, "HGET " CC_INFLIGHT_CHAT " ten_1"), 1);
}

/* ---- several at once ---- */
static int64_t verdicts[AT_ONCE];

static void call_recount(void *arg)
{
    cr_expect_eq(cc_admit_recount(redis, MINUTE, arg), 0, "%s", cc_fail_text());
    if (--running == 0)
        cc_wait_done(&all_done);
}

Test(admit, is_recounted_by_one_of_many_and_then_by_nobody_for_a_while)
{
    int did = 0;
    int64_t late = 0;

    admit_n("ten_1", 1);
    server_ask(&server, "HSET " CC_INFLIGHT_CHAT " ten_1 5");
    running = AT_ONCE;
    for (int i = 0; i < AT_ONCE; i++)
        cr_assert_eq(cc_task_spawn("recount", call_recount, &verdicts[i], NULL), 0);
    cr_assert_eq(cc_wait_for(&all_done, in_ms(20000)), 0);

    for (int i = 0; i < AT_ONCE; i++) {
        did += verdicts[i] == 1;
        cr_expect(verdicts[i] == 1 || verdicts[i] == -1);
    }
    cr_expect_eq(did, 1);
    cr_expect_eq(open_of("ten_1"), 1);
    cr_assert_eq(cc_admit_recount(redis, MINUTE, &late), 0);
    cr_expect_eq(late, -1);
    int64_t left_ms = server_ask(&server, "PTTL " CC_RECOUNT_CHAT);
    cr_expect(left_ms > 0 && left_ms <= MINUTE);
}

/* A token of 1 ms is gone when the next of them looks, mostly. */
static void call_recount_at_once(void *arg)
{
    cr_expect_eq(cc_admit_recount(redis, 1, arg), 0, "%s", cc_fail_text());
    if (--running == 0)
        cc_wait_done(&all_done);
}

Test(admit, loses_no_question_let_in_while_it_is_recounted)
{
    static struct caller callers[AT_ONCE];
    int64_t wrong;

    for (int i = 0; i < AT_ONCE; i++) {
        callers[i] = (struct caller){.caps = {1000, 1000}};
        snprintf(callers[i].id, sizeof callers[i].id, "m%d", i);
    }
    server_ask(&server, "HSET " CC_INFLIGHT_CHAT " ten_1 7");
    running = 2 * AT_ONCE;
    for (int i = 0; i < AT_ONCE; i++) {
        cr_assert_eq(cc_task_spawn("admit", call, &callers[i], NULL), 0);
        cr_assert_eq(cc_task_spawn("recount", call_recount_at_once, &wrong, NULL), 0);
    }
    cr_assert_eq(cc_wait_for(&all_done, in_ms(20000)), 0);

    cr_expect_eq(open_of("ten_1"), AT_ONCE);
    cr_expect_eq(recount(), 0);
}

Test(admit, lets_exactly_the_cap_of_fifty_at_once_in)
{
    static struct caller callers[AT_ONCE];
    int in = 0, busy = 0;

    for (int i = 0; i < AT_ONCE; i++) {
        callers[i] = (struct caller){.caps = {17, 1000}};
        snprintf(callers[i].id, sizeof callers[i].id, "m%d", i);
    }
    call_all(callers);

    for (int i = 0; i < AT_ONCE; i++) {
        in += callers[i].rc == 0;
        busy += callers[i].rc == CC_E_TENANT_BUSY;
    }
    cr_expect_eq(in, 17);
    cr_expect_eq(busy, AT_ONCE - 17);
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 17);
}
