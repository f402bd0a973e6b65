#include "proto/http/http.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <time.h>

#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "tests/integration/http/server.h"

static struct server server;
static struct cc_http *http;
static char url_text[256];

static void begin(void)
{
    server = server_start();
    cc_loop_init(NULL);
    cr_assert_eq(cc_http_open(NULL, &http), 0);
}

static void end(void)
{
    cc_http_close(&http);
    cc_loop_done();
    server_stop(&server);
}

TestSuite(http, .init = begin, .fini = end, .timeout = 30);

static const char *url(const char *host, const char *path)
{
    snprintf(url_text, sizeof url_text, "http://%s:%d%s", host, server.port, path);
    return url_text;
}

static struct cc_http_req get(const char *path)
{
    return (struct cc_http_req){.url = url("127.0.0.1", path), .trusted = true};
}

/* Reads all, appending to out (NUL-terminated); the last code. */
static int drain(struct cc_stream *stream, char *out)
{
    const char *bytes;
    size_t len;
    int rc;

    out[0] = '\0';
    while ((rc = cc_stream_read(stream, CC_NEVER, &bytes, &len)) == 0 && len > 0)
        memcpy(out + strlen(out), bytes, len), out[strlen(out)] = 0;
    return rc;
}

Test(http, gives_status_headers_and_body)
{
    struct cc_http_req req = get("/hello");
    struct cc_stream *stream;
    char body[64];

    cr_assert_eq(cc_http_start(http, &req, &stream), 0, "%s", cc_fail_text());

    cr_expect_eq(cc_stream_status(stream), 200);
    cr_expect_str_eq(cc_stream_header(stream, "content-type"), "text/plain");
    cr_expect_null(cc_stream_header(stream, "x-absent"));
    cr_expect_eq(drain(stream, body), 0);
    cr_expect_str_eq(body, "hello");
    cc_stream_close(&stream);
    cr_expect_null(stream);
}

Test(http, hands_over_each_piece_as_it_arrives)
{
    struct cc_http_req req = get("/step");
    struct cc_stream *stream;
    const char *bytes;
    size_t len;

    cr_assert_eq(cc_http_start(http, &req, &stream), 0);
    for (int i = 1; i <= 3; i++) {
        cr_expect_eq(cc_stream_read(stream, cc_now() + 1, &bytes, &len), CC_E_TIMEOUT);
        cr_assert_eq(write(server.go[1], "x", 1), 1);
        cr_assert_eq(cc_stream_read(stream, CC_NEVER, &bytes, &len), 0);
        cr_expect_eq(len, 5);
        cr_expect_eq(bytes[4], '0' + i);
    }
    cr_expect_eq(cc_stream_read(stream, CC_NEVER, &bytes, &len), 0);
    cr_expect_eq(len, 0);
    cc_stream_close(&stream);
}

Test(http, stops_reading_when_nobody_takes_what_came)
{
    struct cc_http_req req = get("/flood");
    struct cc_stream *stream;
    const char *bytes;
    size_t len, total = 0;

    req.ahead_bytes = 32768;
    req.idle_ms = 500;
    cr_assert_eq(cc_http_start(http, &req, &stream), 0);
    while (!atomic_load(&server.shared->blocked))
        cc_loop_turn(10);

    cr_expect_lt(atomic_load(&server.shared->sent), 32 << 20, "the kernel's buffers, not ours");
    while (cc_stream_read(stream, CC_NEVER, &bytes, &len) == 0 && len > 0) {
        cr_expect_leq(len, 32768 + 65536);
        total += len;
    }
    cr_expect_eq(total, 64 << 20, "got %zu: %s", total, cc_fail_text());
    cc_stream_close(&stream);
}

Test(http, hangs_up_when_the_stream_is_closed)
{
    struct cc_http_req req = get("/flood");
    struct cc_stream *stream;

    cr_assert_eq(cc_http_start(http, &req, &stream), 0);
    cc_stream_close(&stream);

    while (!atomic_load(&server.shared->gone))
        cc_loop_turn(10);
    cr_expect_eq(atomic_load(&server.shared->gone), 1);
}

struct failing {
    const char *path;
    int code;
};

Test(http, tells_how_an_exchange_failed)
{
    static const struct failing rows[] = {
        {"/mute", CC_E_TIMEOUT},     {"/silent", CC_E_TIMEOUT},    {"/cut", CC_E_UPSTREAM},
        {"/garbage", CC_E_UPSTREAM}, {"/cutchunk", CC_E_UPSTREAM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cc_http_req req = get(rows[i].path);
        struct cc_arena *mem = cc_arena_new(1 << 20);
        struct cc_http_answer answer;

        req.first_ms = 100;
        req.idle_ms = 100;
        int rc = cc_http_fetch(http, &req, 1000, mem, &answer);
        cr_expect_eq(rc, rows[i].code, "%s: %s (%s)", rows[i].path, cc_error_name(rc),
                     cc_fail_text());
        cc_arena_free(&mem);
    }
}

Test(http, gives_up_on_a_whole_answer_that_takes_too_long)
{
    static const char *const paths[] = {"/drip", "/silent", "/mute"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct cc_http_req req = get(paths[i]);
        struct cc_arena *mem = cc_arena_new(1 << 20);
        struct cc_http_answer answer;
        int64_t began = cc_now();

        req.total_ms = 300;
        cr_expect_eq(cc_http_fetch(http, &req, 1 << 20, mem, &answer), CC_E_TIMEOUT, "%s",
                     paths[i]);
        cr_expect_geq(cc_now() - began, 300, "%s", paths[i]);
        cr_expect_lt(cc_now() - began, 5000, "%s", paths[i]);
        cc_arena_free(&mem);
    }
}

Test(http, says_invalid_or_upstream_when_there_is_nothing_to_talk_to)
{
    static const struct failing rows[] = {
        {"gopher://127.0.0.1/", CC_E_INVALID},
        {"file:///etc/passwd", CC_E_INVALID},
        {"http://", CC_E_INVALID},
        {"http://127.0.0.1:1/", CC_E_UPSTREAM},
        {"http://name.invalid/", CC_E_UPSTREAM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cc_http_req req = {.url = rows[i].path, .trusted = true};
        struct cc_stream *stream = NULL;

        int rc = cc_http_start(http, &req, &stream);
        cr_expect_eq(rc, rows[i].code, "%s: %s", rows[i].path, cc_error_name(rc));
        cr_expect_null(stream);
    }
}

Test(http, fetches_whole_answers_up_to_a_cap)
{
    struct cc_http_req req = get("/hello");
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_http_answer answer;

    cr_assert_eq(cc_http_fetch(http, &req, 5, mem, &answer), 0);
    cr_expect_str_eq(answer.body, "hello");
    cr_expect_eq(answer.retry_after_s, -1);
    cr_expect_eq(cc_http_fetch(http, &req, 4, mem, &answer), CC_E_TOOBIG);
    req = get("/nobody");
    cr_assert_eq(cc_http_fetch(http, &req, 5, mem, &answer), 0);
    cr_expect_eq(answer.status, 204);
    cr_expect_eq(answer.len, 0);
    req = get("/early");
    cr_assert_eq(cc_http_fetch(http, &req, 5, mem, &answer), 0);
    cr_expect_eq(answer.status, 200);
    cr_expect_str_eq(answer.body, "ok");
    cc_arena_free(&mem);
}

Test(http, reads_retry_after_in_seconds_and_as_a_date)
{
    struct cc_http_req req = get("/busy");
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_http_answer answer;

    cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    cr_expect_eq(answer.status, 429);
    cr_expect_eq(answer.retry_after_s, 7);
    req = get("/later");
    cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    long long left = 4133980799LL - time(NULL);
    cr_expect_lt(llabs(answer.retry_after_s - (left > INT32_MAX ? INT32_MAX : left)), 5);
    cc_arena_free(&mem);
}

Test(http, sends_body_and_method)
{
    struct cc_http_req req = get("/echo");
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_http_answer answer;

    req.body = "{\"a\":1}";
    req.body_len = 7;
    cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    cr_expect_str_eq(answer.body, "POST {\"a\":1}");
    req.method = "PUT";
    cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    cr_expect_str_eq(answer.body, "PUT {\"a\":1}");
    req = get("/echo");
    req.method = "DELETE";
    cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    cr_expect_str_eq(answer.body, "DELETE ");
    cc_arena_free(&mem);
}

Test(http, follows_redirects_only_when_told_and_not_for_ever)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_http_answer answer;
    struct cc_http_req req = get("/redirect?to=/hello");

    cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    cr_expect_eq(answer.status, 302);
    cr_expect_str_eq(answer.body, "move");
    req.redirects = 3;
    cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    cr_expect_eq(answer.status, 200);
    cr_expect_str_eq(answer.body, "hello");
    req = get("/redirect?to=/redirect?to=/redirect?to=/redirect?to=");
    req.redirects = 3;
    cr_expect_eq(cc_http_fetch(http, &req, 100, mem, &answer), CC_E_UPSTREAM);
    req = get("/redirect?to=file:///etc/passwd");
    req.redirects = 3;
    cr_expect_eq(cc_http_fetch(http, &req, 100, mem, &answer), CC_E_INVALID);
    cc_arena_free(&mem);
}

static void asker(void *arg)
{
    struct cc_http_req req = get("/mute");
    struct cc_stream *stream;

    *(int *)arg = cc_http_start(http, &req, &stream);
}

Test(http, gives_up_when_its_task_is_cancelled)
{
    struct cc_task_ref task;
    int rc = 0;

    cc_task_spawn("asker", asker, &rc, &task);
    while (atomic_load(&server.shared->accepts) == 0)
        cc_loop_turn(10);
    cc_task_cancel(task);
    while (cc_task_live() > 0)
        cc_loop_turn(10);

    cr_expect_eq(rc, CC_E_CANCELLED);
    while (!atomic_load(&server.shared->gone))
        cc_loop_turn(10);
}

Test(http, keeps_a_connection_for_the_next_request)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_http_answer answer;

    for (int i = 0; i < 5; i++) {
        struct cc_http_req req = get("/hello");
        cr_assert_eq(cc_http_fetch(http, &req, 100, mem, &answer), 0);
    }

    cr_expect_eq(atomic_load(&server.shared->accepts), 1);
    cc_arena_free(&mem);
}

/* ---- a name server that does not answer ---- */

#define SILENT_MS 5000

static int asked[2], answered[2];

static bool wait_byte(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char byte;

    return poll(&p, 1, ms) == 1 && read(fd, &byte, 1) == 1;
}

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* In front of the C library's: libcurl's threads look names up with it. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    lookup *real = (lookup *)(uintptr_t)dlsym(RTLD_NEXT, "getaddrinfo");

    if (!node || strcmp(node, "silent.test") != 0)
        return real(node, service, hints, ret);
    cr_assert_eq(write(asked[1], "x", 1), 1);
    wait_byte(answered[0], SILENT_MS);
    return EAI_AGAIN;
}

static void ask_silent_name(void *arg)
{
    struct cc_http_req req = {.url = "http://silent.test/", .trusted = true};
    struct cc_stream *stream;

    *(int *)arg = cc_http_start(http, &req, &stream);
}

Test(http, stops_at_once_while_a_name_is_looked_up)
{
    struct cc_task_ref task;
    int rc = 0;

    cr_assert_eq(pipe(asked), 0);
    cr_assert_eq(pipe(answered), 0);
    cr_assert_eq(cc_task_spawn("asks", ask_silent_name, &rc, &task), 0);
    cr_assert_eq(cc_wait_fd(asked[0], CC_READ, cc_now() + SILENT_MS), 0);

    int64_t began_ms = cc_clock_ms();
    cc_task_cancel(task);
    while (cc_task_live() > 0)
        cc_loop_turn(100);

    cr_expect_eq(rc, CC_E_CANCELLED);
    cr_expect_lt(cc_clock_ms() - began_ms, SILENT_MS / 2);
    cr_assert_eq(write(answered[1], "x", 1), 1);
}
