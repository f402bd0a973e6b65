/* A question's whole way through gateway and worker, and what breaks on it. */
#include "tests/integration/gateway/house.h"

static struct house h;

#define SLOW "mock-ttft50-itl20-len50"

static void begin(void)
{
    house_open(&h, SLOW, NULL, true);
}

static void end(void)
{
    house_close(&h);
}

TestSuite(chat, .init = begin, .fini = end, .timeout = 120);

static struct told resume(struct told *t, const char *answer)
{
    const char *path = cc_arena_printf(h.store.mem, "/api/widget/answers/%s/stream?after=%s",
                                       answer, t->last ? t->last : "0-0");
    struct answer a = get(&h, path, visitor(&h));

    cr_assert_eq(a.status, 200, "%s", a.body);
    take_stream(&h, t, &a);
    return *t;
}

/* Asks, and leaves when `stop` has come. */
static struct told leave_at(const char *body, const char *stop)
{
    struct asking q = {.method = "POST",
                       .path = "/api/widget/chat/stream",
                       .headers = visitor(&h),
                       .body = body,
                       .stop = stop};
    struct answer a = ask(&h, &q);
    struct told t = {0};

    take_stream(&h, &t, &a);
    return t;
}

static int64_t count_of(const char *what, const char *answer)
{
    const char *n =
        store_sql(&h.store, "CC_PG_SUPER",
                  cc_arena_printf(h.store.mem, "SELECT count(*) FROM %s = '%s'", what, answer));

    return n ? strtoll(n, NULL, 10) : -1;
}

Test(chat, streams_tokens_that_join_to_the_whole_text)
{
    struct told t = chat(&h, visitor(&h), "{\"message\": \"Hello\"}");

    cr_assert_not_null(t.done);
    cr_expect_str_eq(t.tokens, t.done);
    cr_expect_gt(t.events, 20, "token by token");
    cr_expect_eq(t.ends, 1);
    cr_expect_eq(t.repeated, 0);
}

Test(chat, answers_as_a_whole_to_those_who_want_no_stream)
{
    struct answer a = post(&h, "/api/widget/chat", visitor(&h), "{\"message\": \"Hello\"}");

    cr_assert_eq(a.status, 200, "%s", a.body);
    cr_expect_str_eq(member(&h, &a, "finishReason"), "stop");
    cr_expect_gt(strlen(member(&h, &a, "message")), 50);
    cr_expect(cc_id_valid(member(&h, &a, "answerId"), "ans"));
    cr_expect(cc_id_valid(member(&h, &a, "sessionId"), "ses"));
}

Test(chat, goes_on_after_the_last_event_that_was_seen)
{
    struct told t = leave_at("{\"message\": \"Cut me\"}", "id: 1-12\n");

    cr_assert_not_null(t.answer);
    cr_expect_null(t.done);
    resume(&t, t.answer);

    cr_assert_not_null(t.done);
    cr_expect_str_eq(t.tokens, t.done);
    cr_expect_eq(t.repeated, 0);
    cr_expect_eq(count_of("usage_ledger WHERE answer_id", t.answer), 1);
}

Test(chat, is_told_from_storage_when_redis_forgot_it)
{
    struct told t = chat(&h, visitor(&h), "{\"message\": \"Forget me\"}"), again = {0};

    server_ask(&h.redis, "FLUSHALL");
    resume(&again, t.answer);

    cr_expect_str_eq(again.done, t.done);
    cr_expect_str_eq(again.tokens, t.done);
}

Test(chat, ends_whole_when_redis_dies_in_the_middle)
{
    struct told t = leave_at("{\"message\": \"Hold on\"}", "id: 1-5\n");

    server_kill(&h.redis);
    server_run(&h.redis);
    cr_assert_eq(cc_redis_ready(h.live, in_ms(10000)), 0);
    chmod(h.redis.socket, 0777);
    house_await(&h);
    resume(&t, t.answer);

    cr_assert_not_null(t.done, "%s", t.error ? t.error : "no end");
    cr_expect_str_eq(t.tokens, t.done);
    cr_expect_eq(count_of("usage_ledger WHERE answer_id", t.answer), 1);
}

Test(chat, gives_a_repeated_message_its_first_answer)
{
    const char *body = "{\"message\": \"Once\", \"sessionId\": \"my-own-session-name-22\", "
                       "\"messageId\": \"m-1\"}";
    struct told first = chat(&h, visitor(&h), body), second = chat(&h, visitor(&h), body);

    cr_expect_str_eq(first.answer, second.answer);
    cr_expect_str_eq(second.tokens, first.done);
    cr_expect_eq(count_of("messages WHERE session_id", "my-own-session-name-22"), 2);
}

Test(chat, finds_a_repeated_message_without_a_session_by_its_unguessable_id)
{
    const char *body =
        "{\"message\": \"Once\", \"messageId\": \"0f8fad5b-d9cb-469f-a165-70867728950e\"}";
    struct told first = chat(&h, visitor(&h), body), second = chat(&h, visitor(&h), body);

    cr_expect_str_eq(first.answer, second.answer);
    cr_expect_str_eq(first.session, second.session);
}

Test(chat, begins_anew_when_the_id_could_be_anybodys)
{
    const char *body = "{\"message\": \"Once\", \"messageId\": \"1\"}";
    struct told first = chat(&h, visitor(&h), body), second = chat(&h, visitor(&h), body);

    cr_expect_str_neq(first.answer, second.answer);
    cr_expect_str_neq(first.session, second.session);
}

Test(chat, stops_at_once_when_told_to)
{
    struct told t = leave_at("{\"message\": \"Stop me\"}", "id: 1-5\n");
    const char *path = cc_arena_printf(h.store.mem, "/api/widget/answers/%s/stop", t.answer);
    struct answer a = post(&h, path, visitor(&h), "");

    cr_expect_eq(a.status, 202, "%s", a.body);
    resume(&t, t.answer);

    cr_expect_str_eq(t.finish, "cancelled");
    cr_expect_lt(strlen(t.done), 120, "%s", t.done);
    cr_expect_str_eq(t.tokens, t.done);
}

Test(chat, is_cancelled_when_nobody_looks_on_any_more)
{
    struct told t = leave_at("{\"message\": \"I leave\"}", "event: accepted\n");
    char key[CC_ID_MAX + 32];
    int64_t end = cc_clock_ms() + 20000;

    snprintf(key, sizeof key, "cc:ans:%s:cancel", t.answer);
    while (server_ask(&h.redis, "EXISTS %s", key) != 1) {
        cr_assert_lt(cc_clock_ms(), end, "the answer goes on without a viewer");
        poll(NULL, 0, 20);
    }
}

Test(chat, goes_on_when_the_viewer_is_back_within_the_grace_time)
{
    struct told t = leave_at("{\"message\": \"Back soon\"}", "id: 1-3\n");

    resume(&t, t.answer);

    cr_expect_str_eq(t.finish, "stop");
    cr_expect_str_eq(t.tokens, t.done);
}

Test(chat, keeps_the_conversation_of_a_session)
{
    struct told t = chat(&h, visitor(&h), "{\"message\": \"First\"}");
    const char *body =
        cc_arena_printf(h.store.mem, "{\"message\": \"Second\", \"sessionId\": \"%s\"}", t.session);
    struct answer a;
    json_t *list = NULL;

    chat(&h, visitor(&h), body);
    a = get(&h, cc_arena_printf(h.store.mem, "/api/widget/sessions/%s/messages", t.session),
            visitor(&h));

    cr_assert_eq(a.status, 200, "%s", a.body);
    cr_assert_eq(cc_json_parse(a.body, a.len, &list), 0);
    cr_expect_eq(json_array_size(json_object_get(list, "items")), 4);
    cr_expect_str_eq(cc_json_str(json_array_get(json_object_get(list, "items"), 0), "text", ""),
                     "First");
    json_decref(list);
}

Test(chat, ends_streams_politely_when_the_gateway_is_told_to_end)
{
    struct told t = {0};
    struct cc_buf in;
    struct answer a;
    const char *body = "{\"message\": \"Restart\"}";
    const char *text = cc_arena_printf(h.store.mem,
                                       "POST /api/widget/chat/stream HTTP/1.1\r\nHost: a\r\n%s"
                                       "Content-Length: %zu\r\n\r\n%s",
                                       visitor(&h), strlen(body), body);
    int fd = dial(&h);

    cc_buf_init(&in, 1 << 20);
    send_text(fd, text, strlen(text));
    cr_assert(read_until(fd, &in, "id: 1-4\n"));
    cr_expect_eq(house_end(&h.gateway, SIGTERM), 0);
    cr_expect(read_until(fd, &in, NULL));
    close(fd);
    a = parse_answer(&h, &in);
    cc_buf_done(&in);
    cr_expect(a.whole, "the stream ends with its last chunk");
    take_stream(&h, &t, &a);
    cr_expect_null(t.done);

    h.gateway = house_run(&h, "cc-gateway", NULL);
    house_await(&h);
    resume(&t, t.answer);
    cr_expect_str_eq(t.tokens, t.done);
    cr_expect_str_eq(t.finish, "stop");
}
