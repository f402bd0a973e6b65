#include "tests/integration/bus/redis_server.h"

#include "proto/base/json.h"
#include "proto/bus/call.h"
#include "proto/wire/names.h"

#define KIND "test"

/* Requests and answers go over servers of their own, as in production. */
static struct server queue_server, live_server;
static struct cc_redis *queue, *live;
static struct cc_calls *calls;
static struct cc_call_server *serving;
static struct {
    int begun, running, most, cancelled;
    struct cc_wait may_end;
} seen;

static void start_servers(void)
{
    memset(&seen, 0, sizeof seen);
    server_start(&queue_server, "no", "");
    server_start(&live_server, "no", "");
}

static void open_asking(void)
{
    cc_loop_init(NULL);
    queue = server_client(&queue_server);
    live = server_client(&live_server);
    cr_assert_eq(cc_calls_open(queue, live, "asker", &calls), 0);
}

static void set_up(void)
{
    start_servers();
    open_asking();
}

static void tear_down(void)
{
    cc_calls_close(&calls);
    cc_call_stop(&serving);
    cc_redis_close(&queue);
    cc_redis_close(&live);
    server_end(&queue_server);
    server_end(&live_server);
    cc_loop_done();
}

TestSuite(call, .init = set_up, .fini = tear_down, .timeout = 60);

/* ---- what is served ---- */
static int echo(void *self, const struct cc_call_request *request, json_t **ret)
{
    seen.begun++;
    *ret = json_pack("{s:s, s:s, s:s, s:O}", "self", self, "tenant", request->tenant, "trace",
                     request->trace, "body", request->body);
    return 0;
}

static int refuse(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)ret;
    return cc_fail(CC_E_CONFLICT, "%s is at work", cc_json_str(request->body, "name", "?"));
}

static int hang(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)request;
    (void)ret;
    seen.begun++;
    int rc = cc_sleep(3600 * 1000);
    seen.cancelled += rc == CC_E_CANCELLED;
    return rc;
}

/* Until the test says so. */
static int pause_call(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)request;
    seen.begun++;
    int rc = cc_wait_for(&seen.may_end, CC_NEVER);
    *ret = json_object();
    return rc;
}

static int slow(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    seen.begun++;
    if (++seen.running > seen.most)
        seen.most = seen.running;
    int rc = cc_sleep(20);
    seen.running--;
    *ret = json_pack("{s:O}", "n", json_object_get(request->body, "n"));
    return rc;
}

static int huge(void *self, const struct cc_call_request *request, json_t **ret)
{
    char *text = cc_arena_get(request->mem, CC_CALL_MAX + 1);

    (void)self;
    memset(text, 'x', CC_CALL_MAX);
    *ret = json_pack("{s:s}", "text", text);
    return 0;
}

/* The process goes while it is at work. */
static int die(void *self, const struct cc_call_request *request, json_t **ret)
{
    (void)self;
    (void)request;
    (void)ret;
    _exit(1);
}

static const struct cc_call_method methods[] = {
    {"echo", echo}, {"pause", pause_call}, {"refuse", refuse}, {"hang", hang},
    {"slow", slow}, {"huge", huge},        {"die", die},       {NULL, NULL},
};

static void serve(int slots)
{
    static char self[] = "me";
    const struct cc_call_server_opts opts = {.live = live,
                                             .queue_url = queue_server.url,
                                             .kind = KIND,
                                             .methods = methods,
                                             .self = self,
                                             .slots = slots};

    cr_assert_eq(cc_call_serve(&opts, &serving), 0, "%s", cc_fail_text());
}

/* ---- asking ---- */
static int ask_for(const char *method, json_t *request, int timeout_ms, json_t **ret)
{
    const struct cc_call call = {.kind = KIND,
                                 .method = method,
                                 .tenant = "ten_1",
                                 .trace = "req_1",
                                 .request = request,
                                 .timeout_ms = timeout_ms};

    *ret = NULL;
    return cc_call(calls, &call, ret);
}

static int ask(const char *method, int timeout_ms)
{
    json_t *answer;
    int rc = ask_for(method, NULL, timeout_ms, &answer);

    json_decref(answer);
    return rc;
}

static void expect_echo(void)
{
    cr_expect_eq(ask("echo", 10000), 0, "%s", cc_fail_text());
}

Test(call, brings_the_answer_back)
{
    json_t *request = json_pack("{s:s, s:[i, i]}", "text", "\xC3\xA9t\xC3\xA9", "list", 1, 2);
    json_t *answer;
    serve(4);

    cr_assert_eq(ask_for("echo", request, 10000, &answer), 0, "%s", cc_fail_text());

    cr_expect_str_eq(cc_json_str(answer, "self", ""), "me");
    cr_expect_str_eq(cc_json_str(answer, "tenant", ""), "ten_1");
    cr_expect_str_eq(cc_json_str(answer, "trace", ""), "req_1");
    cr_expect(json_equal(json_object_get(answer, "body"), request));
    json_decref(answer);
    json_decref(request);
}

Test(call, without_a_request_carries_an_empty_object)
{
    json_t *answer;
    serve(4);

    cr_assert_eq(ask_for("echo", NULL, 10000, &answer), 0, "%s", cc_fail_text());

    cr_expect_eq(json_object_size(json_object_get(answer, "body")), 0);
    cr_expect(json_is_object(json_object_get(answer, "body")));
    json_decref(answer);
}

Test(call, that_is_refused_comes_back_with_code_and_words)
{
    json_t *request = json_pack("{s:s}", "name", "doc_7"), *answer;
    serve(4);

    cr_expect_eq(ask_for("refuse", request, 10000, &answer), CC_E_CONFLICT);
    cr_expect_str_eq(cc_fail_text(), "doc_7 is at work");
    cr_expect_null(answer);
    json_decref(request);
}

/* 255 bytes end in the middle of a character. */
Test(call, that_is_refused_in_half_a_character_comes_back_all_the_same)
{
    char name[302] = "x";
    serve(4);

    for (size_t i = 1; i < 299; i += 2)
        memcpy(name + i, "\xC3\xA9", 3);
    json_t *request = json_pack("{s:s}", "name", name), *answer;

    cr_expect_eq(ask_for("refuse", request, 10000, &answer), CC_E_CONFLICT);
    cr_expect_eq(strncmp(cc_fail_text(), name, 200), 0, "%s", cc_fail_text());
    json_decref(request);
}

Test(call, that_nobody_knows_is_our_own_mistake)
{
    serve(4);

    cr_expect_eq(ask("sing", 10000), CC_E_INTERNAL);
    cr_expect_not_null(strstr(cc_fail_text(), "sing"));
}

Test(call, that_nobody_takes_ends_in_time_and_is_dropped_by_who_comes_later)
{
    cr_expect_eq(ask("echo", 50), CC_E_TIMEOUT);
    cr_expect_not_null(strstr(cc_fail_text(), "50 ms"), "%s", cc_fail_text());

    serve(4);
    expect_echo();
    cr_expect_eq(seen.begun, 1, "only the one that somebody waits for");
}

static void ask_early(void *arg)
{
    struct cc_wait *answered = arg;

    expect_echo();
    cc_wait_done(answered);
}

Test(call, waits_for_a_server_that_comes_in_time)
{
    struct cc_wait answered = {0};
    char line[CC_NAME_MAX];
    cc_name_calls(KIND, line);
    cr_assert_eq(cc_task_spawn("ask", ask_early, &answered, NULL), 0);
    while (server_ask(&queue_server, "LLEN %s", line) == 0)
        cc_loop_turn(10);

    serve(1);

    cr_expect_eq(cc_wait_for(&answered, in_ms(10000)), 0);
}

Test(call, that_takes_too_long_ends_for_both_sides)
{
    serve(1);

    cr_expect_eq(ask("hang", 100), CC_E_TIMEOUT);

    expect_echo(); /* the one slot is free again */
    cr_expect_eq(seen.begun, 2);
}

/* ---- many ---- */
struct many {
    int left, failed, n;
    struct cc_wait done;
};

static void ask_slowly(void *arg)
{
    struct many *many = arg;
    int n = many->n++;
    json_t *request = json_pack("{s:i}", "n", n), *answer;

    if (ask_for("slow", request, 30000, &answer) != 0 || cc_json_int(answer, "n", -1) != n)
        many->failed++;
    json_decref(answer);
    json_decref(request);
    if (--many->left == 0)
        cc_wait_done(&many->done);
}

Test(call, many_at_once_each_get_their_own_answer_within_the_slots)
{
    struct many many = {.left = 200};
    serve(16);

    for (int i = 0; i < 200; i++)
        cr_assert_eq(cc_task_spawn("ask", ask_slowly, &many, NULL), 0);

    cr_assert_eq(cc_wait_for(&many.done, in_ms(30000)), 0);
    cr_expect_eq(many.failed, 0);
    cr_expect_eq(seen.begun, 200);
    cr_expect_eq(seen.most, 16);
}

static void ask_in_vain(void *arg)
{
    struct many *many = arg;

    many->failed += ask("echo", 1500) == CC_E_BUSY;
    if (--many->left == 0)
        cc_wait_done(&many->done);
}

Test(call, beyond_what_may_wait_is_refused_at_once)
{
    struct many many = {.left = 300};

    for (int i = 0; i < 300; i++)
        cr_assert_eq(cc_task_spawn("ask", ask_in_vain, &many, NULL), 0);

    cr_assert_eq(cc_wait_for(&many.done, in_ms(30000)), 0);
    cr_expect_eq(many.failed, 300 - 256);
}

/* ---- sizes ---- */
Test(call, that_is_too_large_is_refused_and_so_is_an_answer)
{
    char *text = calloc(1, CC_CALL_MAX + 1);
    json_t *answer;
    memset(text, 'x', CC_CALL_MAX);
    json_t *request = json_pack("{s:s}", "text", text);
    serve(1);

    cr_expect_eq(ask_for("echo", request, 10000, &answer), CC_E_TOOBIG);
    cr_expect_eq(seen.begun, 0);
    cr_expect_eq(ask("huge", 10000), CC_E_TOOBIG);
    json_decref(request);
    text[CC_CALL_MAX - 10000] = '\0';
    request = json_pack("{s:s}", "text", text);
    cr_expect_eq(ask_for("echo", request, 10000, &answer), 0, "%s", cc_fail_text());
    cr_expect(json_equal(json_object_get(answer, "body"), request));
    json_decref(answer);
    json_decref(request);
    free(text);
}

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

Test(call, is_answered_again_after_each_of_the_servers_of_redis_came_back)
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

Test(call, is_answered_though_the_live_server_was_lost_meanwhile)
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

Test(call, while_the_queue_is_down_fails_at_once)
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

Test(call, that_is_malformed_is_dropped_and_the_next_is_served)
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

Test(call, under_way_is_cancelled_when_the_server_stops)
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

Test(call, under_way_is_let_end_when_the_server_stops)
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

Test(call, under_way_is_cancelled_when_its_own_process_stops)
{
    struct many many = {0};
    serve(4);
    begin_hanging(&many);

    cc_calls_close(&calls);

    cr_expect_null(calls);
    cr_expect(many.done.done);
    cr_expect_eq(many.failed, CC_E_CANCELLED);
}

Test(call, sides_that_were_never_opened_may_be_closed)
{
    struct cc_calls *none = NULL;
    struct cc_call_server *nobody = NULL;

    cc_calls_close(&none);
    cc_call_stop(&nobody);
}
