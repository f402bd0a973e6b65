/* Questions that no worker has taken yet: their session is known all the same, to its owner. */
#include "tests/integration/gateway/house.h"

static struct house h;

static void begin(void)
{
    house_open(&h, "mock-len5", NULL, false);
}

static void end(void)
{
    house_close(&h);
}

TestSuite(unclaimed, .init = begin, .fini = end, .timeout = 120);

static const char *body_of(const char *session)
{
    return session ? cc_arena_printf(h.store.mem, "{\"message\": \"And?\", \"sessionId\": \"%s\"}",
                                     session)
                   : "{\"message\": \"First\"}";
}

/* Asks, and leaves as soon as the question is let in; a refusal comes whole. */
static struct answer let_in(struct house *by, const char *session, struct told *ret)
{
    struct asking q = {.method = "POST",
                       .path = "/api/widget/chat/stream",
                       .headers = visitor(by),
                       .body = body_of(session),
                       .stop = "\n\n"};
    struct answer a;

    if (!ret)
        q.stop = NULL;
    a = ask(by, &q);
    if (ret)
        take_stream(by, ret, &a);
    return a;
}

static struct told first_question(void)
{
    struct told t = {0};

    let_in(&h, NULL, &t);
    cr_assert_not_null(t.session);
    cr_expect_str_eq(
        store_sql(&h.store, "CC_PG_SUPER",
                  cc_arena_printf(h.store.mem, "SELECT count(*) FROM sessions WHERE id = '%s'",
                                  t.session)),
        "0", "PostgreSQL has nothing to do with it yet");
    return t;
}

static const char *messages_path(const char *session)
{
    return cc_arena_printf(h.store.mem, "/api/widget/sessions/%s/messages", session);
}

static void expect_unknown(struct house *by, const char *session)
{
    struct answer a = let_in(by, session, NULL);

    cr_expect_eq(a.status, 404, "%d %s", a.status, a.body);
    cr_expect_str_eq(member(by, &a, "code"), "session_unknown");
    a = get(by, messages_path(session), visitor(by));
    cr_expect_eq(a.status, 404, "%d %s", a.status, a.body);
    cr_expect_str_eq(member(by, &a, "code"), "session_unknown");
}

Test(unclaimed, a_second_question_of_the_session_is_let_in)
{
    struct told first = first_question(), second = {0}, third = {0};

    let_in(&h, first.session, &second);
    let_in(&h, first.session, &third);

    cr_assert_not_null(third.answer);
    cr_expect_str_eq(second.session, first.session);
    cr_expect_str_eq(third.session, first.session);
    cr_expect_str_neq(second.answer, first.answer);
    cr_expect_eq(server_ask(&h.redis, "XLEN cc:work:chat"), 3);
}

Test(unclaimed, the_history_is_empty_and_may_be_cleared)
{
    struct told t = first_question();
    struct answer a = get(&h, messages_path(t.session), visitor(&h));
    json_t *list = NULL;

    cr_assert_eq(a.status, 200, "%d %s", a.status, a.body);
    cr_assert_eq(cc_json_parse(a.body, a.len, &list), 0);
    cr_expect_eq(json_array_size(json_object_get(list, "items")), 0);
    cr_expect(json_is_null(json_object_get(list, "nextCursor")));
    json_decref(list);
    a = ask(&h, &(struct asking){
                    .method = "DELETE",
                    .path = cc_arena_printf(h.store.mem, "/api/widget/sessions/%s", t.session),
                    .headers = visitor(&h)});
    cr_expect_eq(a.status, 204, "%d %s", a.status, a.body);
}

Test(unclaimed, another_tenants_session_is_unknown)
{
    struct house other = house_other(&h, "mock-len5");
    struct told t = first_question();

    expect_unknown(&other, t.session);
}

Test(unclaimed, another_bots_session_is_unknown)
{
    struct house other = h;
    struct told t = first_question();

    add_bot(&other, "mock-len5");
    expect_unknown(&other, t.session);
}

Test(unclaimed, an_id_that_nobody_was_given_is_unknown)
{
    char session[CC_ID_MAX];

    expect_unknown(&h, cc_id_random("ses", session));
}

static bool was_said(const json_t *list, const char *text)
{
    const json_t *items = json_object_get(list, "items");

    for (size_t i = 0; i < json_array_size(items); i++)
        if (strcmp(cc_json_str(json_array_get(items, i), "text", ""), text) == 0)
            return true;
    return false;
}

/* Both may be taken at once: which is claimed first is nobody's promise. */
Test(unclaimed, the_conversation_is_whole_when_a_worker_comes)
{
    struct told first = first_question(), second;
    struct answer a;
    json_t *list = NULL;

    h.worker = house_run(&h, "cc-worker", NULL);
    second = chat(&h, visitor(&h), body_of(first.session));

    cr_assert_not_null(second.done, "%s", second.error ? second.error : "no end");
    a = get(&h, cc_arena_printf(h.store.mem, "/api/widget/answers/%s/stream", first.answer),
            visitor(&h));
    take_stream(&h, &first, &a);
    cr_assert_not_null(first.done, "%s", first.error ? first.error : "no end");
    a = get(&h, messages_path(first.session), visitor(&h));
    cr_assert_eq(a.status, 200, "%s", a.body);
    cr_assert_eq(cc_json_parse(a.body, a.len, &list), 0);
    cr_expect(was_said(list, "First"), "%s", a.body);
    cr_expect(was_said(list, "And?"), "%s", a.body);
    json_decref(list);
}
