#include "tests/integration/bus/calling.h"

TestSuite(call, .init = set_up, .fini = tear_down, .timeout = 60);

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
