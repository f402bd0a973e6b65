#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/wire/call_text.h"

Test(call_text, of_a_question_is_read_as_it_was)
{
    json_t *request = json_pack("{s:[i, s]}", "a", 1, "\xC3\xA9"), *json;
    const struct cc_call_ask ask = {"cal_1", "channel",     "search", "ten_1",
                                    "req_1", 1234567890123, request,  "usr_1\n::1\nreq_1"};
    struct cc_call_ask got;
    char *text = cc_call_ask_text(&ask);

    cr_assert_eq(cc_call_ask_read(text, strlen(text), &json, &got), 0, "%s", cc_fail_text());

    cr_expect_str_eq(got.id, "cal_1");
    cr_expect_str_eq(got.reply, "channel");
    cr_expect_str_eq(got.method, "search");
    cr_expect_str_eq(got.tenant, "ten_1");
    cr_expect_str_eq(got.trace, "req_1");
    cr_expect_eq(got.until_ms, 1234567890123);
    cr_expect(json_equal(got.request, request));
    cr_expect_str_eq(got.actor, ask.actor);
    json_decref(json);
    json_decref(request);
    free(text);
}

static int read_answer(const struct cc_call_answer *said, json_t **json, struct cc_call_answer *got)
{
    char *text = cc_call_answer_text(said);
    int rc = cc_call_answer_read(text, strlen(text), json, got);

    free(text);
    return rc;
}

Test(call_text, of_an_answer_is_read_as_it_was)
{
    json_t *answer = json_pack("{s:f}", "score", 0.25), *json;
    struct cc_call_answer got;

    cr_assert_eq(
        read_answer(&(struct cc_call_answer){.id = "cal_1", .answer = answer}, &json, &got), 0);
    cr_expect_str_eq(got.id, "cal_1");
    cr_expect(json_equal(got.answer, answer));
    cr_expect_eq(got.code, 0);
    json_decref(json);
    json_decref(answer);
}

Test(call_text, of_an_error_keeps_code_and_words)
{
    json_t *json;
    struct cc_call_answer got;

    cr_assert_eq(
        read_answer(
            &(struct cc_call_answer){.id = "cal_1", .code = CC_E_NOTFOUND, .words = "no \"doc\""},
            &json, &got),
        0);
    cr_expect_null(got.answer);
    cr_expect_eq(got.code, CC_E_NOTFOUND);
    cr_expect_str_eq(got.words, "no \"doc\"");
    json_decref(json);
}

Test(call_text, of_an_error_keeps_only_words_that_are_text)
{
    static const struct {
        const char *said, *got;
    } table[] = {
        {"", ""},
        {"a\xC3", "a"},
        {"\xFF", ""},
        {"\xC3\xA9\xC3\xA9", "\xC3\xA9\xC3\xA9"},
        {"a\xEF\xBF\xBD"
         "b",
         "a\xEF\xBF\xBD"
         "b"},
        {"ab\xE2\x82", "ab"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cc_call_answer got;
        json_t *json;

        cr_assert_eq(
            read_answer(
                &(struct cc_call_answer){.id = "c", .code = CC_E_INVALID, .words = table[i].said},
                &json, &got),
            0);
        cr_expect_str_eq(got.words, table[i].got);
        json_decref(json);
    }
}

Test(call_text, that_lacks_something_is_refused)
{
    static const char *const asks[] = {
        "",
        "[]",
        "{}",
        "{\"id\":\"a\",\"reply\":\"b\",\"method\":\"c\"}",
        "{\"id\":\"a\",\"reply\":\"b\",\"method\":\"c\",\"request\":[]}",
        "{\"id\":\"\",\"reply\":\"b\",\"method\":\"c\",\"request\":{}}",
        "{\"id\":\"a\",\"reply\":1,\"method\":\"c\",\"request\":{}}",
        "{\"id\":\"a\",\"reply\":\"b\",\"request\":{}}",
    };
    static const char *const answers[] = {
        "",
        "[]",
        "{}",
        "{\"id\":\"a\"}",
        "{\"answer\":{}}",
        "{\"id\":\"a\",\"answer\":1}",
        "{\"id\":\"a\",\"error\":\"x\"}",
    };
    struct cc_call_ask ask;
    struct cc_call_answer answer;
    json_t *json;

    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++)
        cr_expect_eq(cc_call_ask_read(asks[i], strlen(asks[i]), &json, &ask), CC_E_INVALID, "%s",
                     asks[i]);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        cr_expect_eq(cc_call_answer_read(answers[i], strlen(answers[i]), &json, &answer),
                     CC_E_INVALID, "%s", answers[i]);
}

Test(call_text, keeps_floats_as_they_are_in_few_bytes)
{
    static const float floats[] = {0.1f, -0.0123456789f, 1.0f / 3, 1e-30f, 16777215.0f};
    struct cc_call_answer said = {.id = "a"}, heard;
    json_t *json, *list = json_array();

    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        json_array_append_new(list, json_real((double)floats[i]));
    said.answer = json_pack("{s:o}", "v", list);
    char *text = cc_call_answer_text(&said);
    cr_assert_eq(cc_call_answer_read(text, strlen(text), &json, &heard), 0);
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        cr_expect_eq((float)json_real_value(json_array_get(json_object_get(heard.answer, "v"), i)),
                     floats[i], "%s", text);
    cr_expect_lt(strlen(text), 110, "%s", text);
    json_decref((json_t *)(uintptr_t)said.answer);
    json_decref(json);
    free(text);
}

Test(call_text, with_members_that_are_not_known_is_read)
{
    static const char text[] = "{\"id\":\"a\",\"reply\":\"b\",\"method\":\"c\",\"request\":{},"
                               "\"new\":[1]}";
    struct cc_call_ask ask;
    json_t *json;

    cr_assert_eq(cc_call_ask_read(text, strlen(text), &json, &ask), 0);
    cr_expect_eq(ask.until_ms, 0);
    cr_expect_str_eq(ask.tenant, "");
    json_decref(json);
}
