#include "tests/integration/bus/redis_server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "proto/bus/gate.h"
#include "proto/bus/redis_run.h"

static struct server server;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "no", "");
}

static void tear_down(void)
{
    server_end(&server);
    cc_loop_done();
}

TestSuite(redis, .init = set_up, .fini = tear_down);

Test(redis, is_ready_once_the_server_has_answered)
{
    struct cc_redis *redis = server_client(&server);

    cr_assert(cc_redis_is_up(redis));
    cr_assert_eq(cc_redis_epoch(redis), 0);
    cr_assert_eq(cc_redis_ping(redis, 1000), 0);
    cc_redis_close(&redis);
    cr_assert_null(redis);
}

Test(redis, takes_commands_while_it_connects_for_the_first_time)
{
    struct cc_redis *warm = server_client(&server), *redis;

    cr_assert_eq(cc_redis_open(server.url, &redis), 0);
    cr_assert_not(cc_redis_is_up(redis));
    cr_assert_eq(cc_redis_ping(redis, 5000), 0, "%s", cc_fail_text());
    cc_redis_close(&redis);
    cc_redis_close(&warm);
}

static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    getsockname(fd, (struct sockaddr *)&at, &len);
    close(fd);
    return ntohs(at.sin_port);
}

Test(redis, logs_in_with_the_password_of_its_url)
{
    struct server locked;
    struct cc_redis *redis, *stranger;
    char right[64], wrong[64];

    server_start(&locked, "no", "s3cret@x");
    redisContext *c = NULL;
    while (!c || c->err) { /* until it listens */
        if (c)
            redisFree(c);
        c = redisConnectUnix(locked.socket);
    }
    freeReplyObject(redisCommand(c, "AUTH s3cret@x"));
    int port = free_port();
    redisReply *r = redisCommand(c, "CONFIG SET port %d", port);
    cr_assert_eq(r->type, REDIS_REPLY_STATUS, "%s", r->str);
    freeReplyObject(r);
    redisFree(c);
    snprintf(right, sizeof right, "redis://:s3cret@x@127.0.0.1:%d", port);
    snprintf(wrong, sizeof wrong, "redis://:wrong@localhost:%d", port);

    cr_assert_eq(cc_redis_open(right, &redis), 0);
    cr_expect_eq(cc_redis_ready(redis, in_ms(5000)), 0);
    cr_expect_eq(cc_redis_ping(redis, 1000), 0);
    cr_assert_eq(cc_redis_open(wrong, &stranger), 0);
    cr_expect_eq(cc_redis_ready(stranger, in_ms(300)), CC_E_TIMEOUT);

    cc_redis_close(&stranger);
    cc_redis_close(&redis);
    server_end(&locked);
}

/* ---- many at once ---- */
struct many {
    struct cc_redis *redis;
    struct cc_wait done;
    int running, failed;
};

static void count_to_ten(void *arg)
{
    struct many *many = arg;
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "INCR");
    cc_cmd_text(&cmd, "n");
    for (int i = 0; i < 10; i++) {
        if (cc_redis_call(many->redis, &cmd, NULL, 5000))
            many->failed++;
    }
    if (--many->running == 0)
        cc_wait_done(&many->done);
}

Test(redis, serves_a_thousand_tasks_on_one_connection)
{
    struct many many = {.redis = server_client(&server), .running = 1000};

    for (int i = 0; i < 1000; i++)
        cr_assert_eq(cc_task_spawn("count", count_to_ten, &many, NULL), 0);

    cr_assert_eq(cc_wait_for(&many.done, in_ms(30000)), 0);
    cr_expect_eq(many.failed, 0);
    cr_expect_eq(server_ask(&server, "GET n"), 10000);
    cc_redis_close(&many.redis);
}

Test(redis, gives_each_command_of_a_run_its_own_reply)
{
    struct cc_redis *redis = server_client(&server);
    struct cc_cmd cmds[3];
    redisReply *replies[3];
    static const char *const words[] = {"a", "b", "c"};

    for (int i = 0; i < 3; i++) {
        cc_cmd_init(&cmds[i], "ECHO");
        cc_cmd_text(&cmds[i], words[i]);
    }
    cr_assert_eq(cc_redis_run(redis, cmds, 3, replies, 1000), 0);

    for (int i = 0; i < 3; i++) {
        cr_expect_str_eq(replies[i]->str, words[i]);
        freeReplyObject(replies[i]);
    }
    cc_redis_close(&redis);
}

Test(redis, tells_an_error_of_the_server_in_its_words)
{
    struct cc_redis *redis = server_client(&server);
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "NOSUCHCOMMAND");

    cr_assert_eq(cc_redis_call(redis, &cmd, NULL, 1000), CC_E_REPLY);
    cr_assert(strstr(cc_fail_text(), "unknown command"), "%s", cc_fail_text());
    cc_redis_close(&redis);
}

Test(redis, sends_a_script_again_that_the_server_forgot)
{
    struct cc_redis *redis = server_client(&server);
    struct cc_gate gate = {"cc:gate:test", 5, 60000};
    struct cc_gate_verdict verdict;

    cr_assert_eq(cc_gate_pass(redis, &gate, 1, &verdict), 0);
    server_ask(&server, "SCRIPT FLUSH");

    cr_assert_eq(cc_gate_pass(redis, &gate, 1, &verdict), 0, "%s", cc_fail_text());
    cr_assert_eq(verdict.left, 3);
    cc_redis_close(&redis);
}

/* ---- a server that goes ---- */
Test(redis, fails_at_once_while_the_server_is_away_and_heals_when_it_returns)
{
    struct cc_redis *redis = server_client(&server);

    server_kill(&server);
    cr_assert_eq(cc_redis_ping(redis, 5000), CC_E_DOWN);
    int64_t since_ms = cc_clock_ms();
    for (int i = 0; i < 100; i++)
        cr_assert_eq(cc_redis_ping(redis, 5000), CC_E_DOWN);
    cr_assert_lt(cc_clock_ms() - since_ms, 100);

    server_run(&server);
    cr_assert_eq(cc_redis_ready(redis, in_ms(10000)), 0);
    cr_assert_eq(cc_redis_epoch(redis), 1);
    cr_assert_eq(cc_redis_ping(redis, 1000), 0);
    cc_redis_close(&redis);
}

Test(redis, is_found_when_the_server_starts_later)
{
    struct cc_redis *redis;

    server_kill(&server);
    cr_assert_eq(cc_redis_open(server.url, &redis), 0);
    cr_expect_eq(cc_redis_ping(redis, 5000), CC_E_DOWN);
    cr_expect_eq(cc_redis_ready(redis, in_ms(100)), CC_E_TIMEOUT);

    server_run(&server);
    cr_expect_eq(cc_redis_ready(redis, in_ms(10000)), 0);
    cr_expect_eq(cc_redis_epoch(redis), 0);
    cc_redis_close(&redis);
}

Test(redis, is_refused_on_a_port_where_nobody_listens)
{
    struct cc_redis *redis;

    cr_assert_eq(cc_redis_open("redis://127.0.0.1:1", &redis), 0);
    cr_expect_eq(cc_redis_ping(redis, 5000), CC_E_DOWN);
    cr_expect_eq(cc_redis_ready(redis, in_ms(200)), CC_E_TIMEOUT);
    cc_redis_close(&redis);
}

Test(redis, that_hangs_is_given_up_and_connected_to_again)
{
    struct cc_redis *redis = server_client(&server);

    kill(server.pid, SIGSTOP);
    cr_expect_eq(cc_redis_ping(redis, 300), CC_E_TIMEOUT);
    cr_expect_eq(cc_redis_ping(redis, 5000), CC_E_DOWN, "the silent link is dropped");
    kill(server.pid, SIGCONT);

    cr_assert_eq(cc_redis_ready(redis, in_ms(10000)), 0);
    cr_expect_eq(cc_redis_ping(redis, 1000), 0);
    cr_expect_eq(cc_redis_epoch(redis), 1);
    cc_redis_close(&redis);
}

Test(redis, may_be_closed_while_a_call_is_given_up)
{
    struct cc_redis *redis = server_client(&server);
    struct cc_cmd cmd;
    redisReply *reply;

    cc_cmd_init(&cmd, "BLPOP");
    CC_CMD_TEXTS(&cmd, "nothing", "5");
    cr_expect_eq(cc_redis_run(redis, &cmd, 1, &reply, 50), CC_E_TIMEOUT);
    cc_redis_close(&redis);
}

/* ---- calls that are given up, links that are cut ---- */
static void wait_on_nothing(void *arg)
{
    struct many *many = arg;
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "ECHO");
    cc_cmd_text(&cmd, "for nobody");
    many->failed += cc_redis_call(many->redis, &cmd, NULL, 5000) == CC_E_CANCELLED;
    many->running--;
}

Test(redis, gives_nobody_the_reply_of_a_call_that_was_cancelled)
{
    struct many many = {.redis = server_client(&server), .running = 100};
    struct cc_task_ref refs[100];
    struct cc_cmd cmd;
    redisReply *reply;

    for (int i = 0; i < 100; i++)
        cr_assert_eq(cc_task_spawn("echo", wait_on_nothing, &many, &refs[i]), 0);
    for (int i = 0; i < 100; i++)
        cc_task_cancel(refs[i]);
    cc_cmd_init(&cmd, "ECHO");
    cc_cmd_text(&cmd, "for us");
    cr_assert_eq(cc_redis_call(many.redis, &cmd, &reply, 5000), 0);

    cr_expect_str_eq(reply->str, "for us");
    cr_expect_eq(many.running, 0);
    cr_expect_eq(many.failed, 100);
    freeReplyObject(reply);
    cc_redis_close(&many.redis);
}

struct echoing {
    struct cc_redis *redis;
    const bool *stop;
    int *running, *wrong, *right, number;
};

static void echo_until_stopped(void *arg)
{
    struct echoing *e = arg;
    struct cc_cmd cmd;
    redisReply *reply;

    while (!*e->stop) {
        cc_cmd_init(&cmd, "ECHO");
        cc_cmd_number(&cmd, e->number);
        int rc = cc_redis_call(e->redis, &cmd, &reply, 5000);
        if (rc == 0) {
            *e->right += cc_reply_number(reply) == e->number;
            *e->wrong += cc_reply_number(reply) != e->number;
            freeReplyObject(reply);
        } else {
            *e->wrong += rc != CC_E_DOWN;
            cc_redis_ready(e->redis, in_ms(5000));
        }
    }
    --*e->running;
}

Test(redis, gives_each_its_own_reply_while_the_link_is_cut_again_and_again, .timeout = 60)
{
    static struct echoing tasks[100];
    bool stop = false;
    int running = 100, wrong = 0, right = 0;
    struct cc_redis *redis = server_client(&server);

    for (int i = 0; i < 100; i++) {
        tasks[i] = (struct echoing){redis, &stop, &running, &wrong, &right, i};
        cr_assert_eq(cc_task_spawn("echo", echo_until_stopped, &tasks[i], NULL), 0);
    }
    for (uint64_t cuts = 1; cuts <= 20; cuts++) {
        int before = right;
        server_ask(&server, "CLIENT KILL TYPE normal");
        while (cc_redis_epoch(redis) < cuts || right < before + 100)
            cc_loop_turn(10);
    }
    stop = true;
    while (running > 0)
        cc_loop_turn(10);

    cr_expect_eq(wrong, 0);
    cr_expect_geq(right, 2000);
    cc_redis_close(&redis);
}
