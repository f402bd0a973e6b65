/* Things die or freeze in the middle of an answer; the visitor's text is whole and stored once. */
#include "tests/integration/worker/stage.h"

static struct stage s;
static struct visitor v;

static void begin(void)
{
    stage_open(&s);
}

static void end(void)
{
    visitor_done(&v);
    stage_close(&s);
}

TestSuite(takeover, .init = begin, .fini = end, .timeout = 90);

#define LEASE_MS 1500
static const char *const quick[] = {"CC_LEASE_MS=1500", "CC_RECLAIM_MS=100", "CC_EMBED=hash",
                                    "CC_CACHE_ANSWER_S=0", NULL};

#define LEN   150
#define MODEL "mock-itl10-len150"

static void ask_and_wait_for_text(void)
{
    const char *bot = stage_bot(&s, "scripted", MODEL, "");

    visitor_ask(&s, &(struct asking){.bot = bot, .message = "Whole?"}, &v);
    cr_assert(visitor_watch(&v, 60, 20000), "no text");
}

static void expect_whole_text(int64_t attempt)
{
    cr_assert(visitor_watch(&v, 0, 30000), "no end");
    visitor_expect_whole(&v, "done");
    cr_expect_str_eq(v.text, scripted_text(&s, "Whole?", LEN));
    cr_expect_eq(v.attempt, attempt, "attempt %lld", (long long)v.attempt);
}

/* The number of the worker whose process id the answer's owner has in its name. */
static int owner_of(const char *answer)
{
    char sql[256], part[32];

    snprintf(sql, sizeof sql, "SELECT owner FROM answers WHERE id = '%s'", answer);
    const char *owner = store_sql(&s.store, "CC_PG_SUPER", sql);
    for (int i = 0; i < s.workers; i++) {
        snprintf(part, sizeof part, "-%d-", (int)s.worker[i]);
        if (strstr(owner, part))
            return i;
    }
    cr_assert_fail("%s is none of our workers", owner);
    return -1;
}

Test(takeover, another_worker_answers_when_one_is_killed)
{
    stage_worker(&s, quick);
    stage_worker(&s, quick);
    ask_and_wait_for_text();

    int64_t began = cc_clock_ms();
    cr_expect_eq(stage_end_worker(&s, owner_of(v.answer), SIGKILL), -SIGKILL);
    expect_whole_text(2);

    cr_expect_lt(cc_clock_ms() - began, LEASE_MS + 1000 + LEN * 10 + 5000);
    stage_expect_empty(&s);
}

Test(takeover, a_worker_that_was_frozen_changes_nothing_when_it_wakes)
{
    stage_worker(&s, quick);
    stage_worker(&s, quick);
    ask_and_wait_for_text();
    int frozen = owner_of(v.answer);

    kill(s.worker[frozen], SIGSTOP);
    cr_assert(visitor_watch(&v, 0, 30000), "no end");
    struct cc_event_id last = v.last;
    kill(s.worker[frozen], SIGCONT);
    cr_expect_eq(stage_end_worker(&s, frozen, SIGTERM), 0, "it drains in good order");

    visitor_read(&v);
    cr_expect_eq(cc_event_id_compare(v.last, last), 0, "nothing came after the end");
    expect_whole_text(2);
    stage_expect_empty(&s);
}

Test(takeover, a_worker_that_is_told_to_stop_finishes_first)
{
    stage_worker(&s, quick);
    ask_and_wait_for_text();

    cr_expect_eq(stage_end_worker(&s, 0, SIGTERM), 0);

    expect_whole_text(1);
    stage_expect_empty(&s);
}

Test(takeover, a_worker_that_may_not_finish_hands_the_answer_to_another)
{
    static const char *const leaving[] = {"CC_LEASE_MS=60000", "CC_EMBED=hash", "CC_DRAIN_MS=100",
                                          NULL};
    static const char *const staying[] = {"CC_LEASE_MS=60000", "CC_EMBED=hash", NULL};

    stage_worker(&s, leaving);
    ask_and_wait_for_text();
    stage_worker(&s, staying);
    cr_expect_eq(stage_end_worker(&s, 0, SIGTERM), 0);

    expect_whole_text(2); /* far before the lease is over */
    stage_expect_empty(&s);
}

static void restart(const char *server, const char *how)
{
    char command[512];
    int status, folder = (int)(strrchr(__FILE__, '/') - __FILE__);

    snprintf(command, sizeof command, "%.*s/../../support/server-restart", folder, __FILE__);
    pid_t pid = fork();
    if (pid == 0) {
        execl(command, command, server, how, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0, "server-restart %s %s", server, how);
}

Test(takeover, the_text_is_exact_when_the_live_server_loses_everything)
{
    stage_worker(&s, quick);
    ask_and_wait_for_text();

    restart("redis-live", "kill");
    cr_assert_eq(cc_redis_ready(s.live, cc_now() + 5000), 0);

    expect_whole_text(1);
    stage_expect_empty(&s);
}

Test(takeover, the_answer_is_made_while_the_live_server_is_away)
{
    struct cc_answer_view view = {.state = "running"};
    int64_t until = cc_clock_ms() + 20000;

    stage_worker(&s, quick);
    ask_and_wait_for_text();
    restart("redis-live", "stop");
    while (strcmp(view.state, "done") != 0 && cc_clock_ms() < until)
        cr_assert_eq(cc_answer_read(s.store.pg, s.store.tenant, v.answer, s.store.mem, &view), 0);
    cr_expect_str_eq(view.text, scripted_text(&s, "Whole?", LEN));
    restart("redis-live", "start");

    expect_whole_text(1);
    stage_expect_empty(&s);
}

Test(takeover, the_queue_server_may_be_restarted)
{
    stage_worker(&s, quick);
    ask_and_wait_for_text();

    restart("redis-queue", "kill");
    cr_assert_eq(cc_redis_ready(s.queue, cc_now() + 5000), 0);

    expect_whole_text(1);
    stage_expect_empty(&s);
}

Test(takeover, the_database_may_be_restarted)
{
    stage_worker(&s, quick);
    ask_and_wait_for_text();

    restart("pg", "immediate");

    expect_whole_text(1);
    stage_expect_empty(&s);
}

Test(takeover, an_end_that_was_not_acknowledged_is_told_again)
{
    struct cc_answer_claim claim;
    struct cc_turn turn;
    const char *bot = stage_bot(&s, "scripted", MODEL, "");

    /* a worker that died between the record and everything after it */
    visitor_ask(&s, &(struct asking){.bot = bot, .message = "Whole?"}, &v);
    claim = (struct cc_answer_claim){
        s.store.tenant, v.answer,     bot,   v.session, "", "dead", "Whole?",
        "free",         cc_unix_ms(), 60000, "",        "", "",     ""};
    cr_assert_eq(cc_turn_begin(s.store.pg, &claim, 0, s.store.mem, &turn), 0);
    struct cc_answer_result result = {.tenant = s.store.tenant,
                                      .answer = v.answer,
                                      .bot = bot,
                                      .session = v.session,
                                      .attempt = 1,
                                      .state = "done",
                                      .message = "msg_1",
                                      .text = "It is.",
                                      .sources = "[]",
                                      .provider = "scripted",
                                      .model = MODEL,
                                      .finish = "stop"};
    cr_assert_eq(cc_answer_finish(s.store.pg, &result), 0);
    stage_worker(&s, quick);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_str_eq(v.text, "It is.");
    stage_expect_empty(&s);
}

Test(takeover, an_end_is_not_told_twice)
{
    char id[44];
    struct cc_buf body;

    stage_worker(&s, quick);
    ask_and_wait_for_text();
    expect_whole_text(1);
    stage_expect_empty(&s);
    struct cc_chat_job job = {.answer = v.answer,
                              .tenant = s.store.tenant,
                              .bot = s.store.bot,
                              .session = v.session,
                              .client_message = "",
                              .message = "Whole?",
                              .tier = "free",
                              .reply = s.channel,
                              .trace = "test",
                              .metadata = "",
                              .asked_ms = cc_unix_ms(),
                              .deadline_ms = cc_unix_ms() + 60000};
    cc_buf_init(&body, CC_JOB_MAX);
    cc_chat_job_encode(&job, &body);
    cr_assert_eq(cc_queue_put(s.queue, CC_STREAM_CHAT, body.bytes, body.len, id), 0);
    cc_buf_done(&body);

    stage_expect_empty(&s);
    visitor_read(&v); /* fails if anything follows the end */
    cr_expect_eq(stage_count(&s, "messages", v.answer), 1);
}

Test(takeover, an_answer_whose_bot_was_deleted_ends_with_an_error)
{
    stage_worker(&s, quick);
    ask_and_wait_for_text();

    store_sql(&s.store, "CC_PG_SUPER",
              cc_arena_printf(s.store.mem,
                              "DELETE FROM bots USING answers a WHERE bots.id = a.bot_id"
                              " AND a.id = '%s'",
                              v.answer));
    cr_assert(visitor_watch(&v, 0, 30000), "no end");

    cr_assert_not_null(v.error);
    cr_expect_str_eq(cc_json_str(v.error, "code", ""), "not_found");
    cr_expect_eq(stage_count(&s, "usage_ledger", v.answer), 0);
    stage_expect_empty(&s);
}
