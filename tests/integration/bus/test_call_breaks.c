#include "tests/integration/bus/calling.h"

TestSuite(call_breaks, .init = set_up, .fini = tear_down, .timeout = 60);

/* ---- what breaks ---- */

/* Another process answers; it is forked before this one has a loop. */
static pid_t elsewhere;

static void serve_elsewhere(void)
{
    cc_loop_init(NULL);
    if (cc_redis_open(live_server.url, &live) != 0)
        _exit(2);
    serve(4);
    for (;;)
        cc_loop_turn(CC_NEVER);
}

static void set_up_elsewhere(void)
{
    start_servers();
    elsewhere = fork();
    cr_assert_geq(elsewhere, 0);
    if (elsewhere == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_elsewhere();
    }
    open_asking();
}

TestSuite(call_elsewhere, .init = set_up_elsewhere, .fini = tear_down, .timeout = 60);

Test(call_elsewhere, whose_server_dies_ends_in_time_and_another_server_takes_the_next)
{
    int status;
    expect_echo();

    cr_expect_eq(ask("die", 500), CC_E_TIMEOUT);
    cr_assert_eq(waitpid(elsewhere, &status, 0), elsewhere);
    cr_expect_eq(WEXITSTATUS(status), 1);

    serve(4);
    expect_echo();
    cr_expect_eq(seen.begun, 1, "what the dead one had taken is not taken again");
}

Test(call_breaks, is_answered_again_after_each_of_the_servers_of_redis_came_back)
{
    serve(4);
    expect_echo();

    server_crash(&queue_server, &queue, 1);
    while (ask("echo", 2000) != 0)
        cr_assert_eq(cc_redis_ready(queue, in_ms(10000)), 0);
    server_crash(&live_server, &live, 1);
    while (ask("echo", 2000) != 0)
        cr_assert_eq(cc_redis_ready(live, in_ms(10000)), 0);

    expect_echo();
}

static void ask_to_pause(void *arg)
{
    struct many *many = arg;

    many->failed = ask("pause", 30000);
    cc_wait_done(&many->done);
}

Test(call_breaks, is_answered_though_the_live_server_was_lost_meanwhile)
{
    struct many many = {.failed = -1};
    serve(4);
    cr_assert_eq(cc_task_spawn("ask", ask_to_pause, &many, NULL), 0);
    while (seen.begun == 0)
        cc_loop_turn(100);

    server_crash(&live_server, &live, 1);
    cc_wait_done(&seen.may_end); /* perhaps before the asker's own link is there again */

    cr_assert_eq(cc_wait_for(&many.done, in_ms(20000)), 0);
    cr_expect_eq(many.failed, 0);
}

Test(call_breaks, while_the_queue_is_down_fails_at_once)
{
    serve(4);
    expect_echo();
    server_kill(&queue_server);
    cr_assert_eq(cc_redis_ping(queue, 5000), CC_E_DOWN);
    int64_t begun = cc_clock_ms();

    cr_expect_eq(ask("echo", 20000), CC_E_DOWN);
    cr_expect_lt(cc_clock_ms() - begun, 5000);
    server_run(&queue_server);
}

Test(call_breaks, that_is_malformed_is_dropped_and_the_next_is_served)
{
    char line[CC_NAME_MAX];
    cc_name_calls(KIND, line);

    server_ask(&queue_server, "RPUSH %s %s", line, "{\"id\":\"x\"}");
    server_ask(&queue_server, "RPUSH %s %s", line, "\x01\x02");
    server_ask(&queue_server, "PUBLISH cc:called:asker %s", "nonsense");
    serve(1);

    expect_echo();
    cr_expect_eq(seen.begun, 1);
}

/* ---- stopping ---- */
static void ask_to_hang(void *arg)
{
    struct many *many = arg;

    many->failed = ask("hang", 60000);
    cc_wait_done(&many->done);
}

static void begin_hanging(struct many *many)
{
    cr_assert_eq(cc_task_spawn("ask", ask_to_hang, many, NULL), 0);
    while (seen.begun == 0)
        cc_loop_turn(100);
}

Test(call_breaks, under_way_is_cancelled_when_the_server_stops)
{
    struct many many = {0};
    serve(4);
    begin_hanging(&many);

    cc_call_stop(&serving);

    cr_expect_null(serving);
    cr_expect_eq(seen.cancelled, 1);
    cr_assert_eq(cc_wait_for(&many.done, in_ms(10000)), 0);
    cr_expect_eq(many.failed, CC_E_CANCELLED);
}

static void ask_shortly(void *arg)
{
    struct many *many = arg;

    many->failed = ask("slow", 60000);
    cc_wait_done(&many->done);
}

Test(call_breaks, under_way_is_let_end_when_the_server_stops)
{
    struct many many = {0};
    serve(4);
    cr_assert_eq(cc_task_spawn("ask", ask_shortly, &many, NULL), 0);
    while (seen.begun == 0)
        cc_loop_turn(100);

    cc_call_stop(&serving);

    cr_assert_eq(cc_wait_for(&many.done, in_ms(10000)), 0);
    cr_expect_eq(many.failed, 0);
}

Test(call_breaks, under_way_is_cancelled_when_its_own_process_stops)
{
    struct many many = {0};
    serve(4);
    begin_hanging(&many);

    cc_calls_close(&calls);

    cr_expect_null(calls);
    cr_expect(many.done.done);
    cr_expect_eq(many.failed, CC_E_CANCELLED);
}

Test(call_breaks, sides_that_were_never_opened_may_be_closed)
{
    struct cc_calls *none = NULL;
    struct cc_call_server *nobody = NULL;

    cc_calls_close(&none);
    cc_call_stop(&nobody);
}
