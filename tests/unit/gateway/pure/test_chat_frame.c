#include <criterion/criterion.h>
#include <string.h>

#include "gateway/pure/chat_frame.h"
#include "gateway/pure/problem.h"
#include "proto/base/error.h"

#define ANSWER "ans_0123456789abcdef0123456789abcdef"

static struct cc_arena *mem;
static struct cc_buf out;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
    cc_buf_init(&out, 1 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
    cc_buf_done(&out);
}

TestSuite(said, .init = begin, .fini = end);
TestSuite(told, .init = begin, .fini = end);

static int parse(const char *text, struct cc_chat_said *ret)
{
    return cc_chat_said_parse(text, strlen(text), mem, ret);
}

Test(said, message_has_all_members_of_a_question)
{
    struct cc_chat_said said;

    cr_assert_eq(parse("{\"type\": \"message\", \"message\": \" Hi! \", \"messageId\": \"m.1\", "
                       "\"metadata\": {\"page\": \"/a\"}, \"other\": 1}",
                       &said),
                 0, "%s", cc_fail_text());

    cr_expect_eq(said.kind, CC_SAID_MESSAGE);
    cr_expect_str_eq(said.ask.message, "Hi!");
    cr_expect_str_eq(said.ask.message_id, "m.1");
    cr_expect_str_eq(said.ask.metadata, "{\"page\":\"/a\"}");
    cr_expect_str_eq(said.message_id, "m.1");
    cr_expect_str_eq(said.answer, "");
}

Test(said, resume_names_answer_and_event)
{
    struct cc_chat_said said;

    cr_assert_eq(
        parse("{\"type\":\"resume\",\"answerId\":\"" ANSWER "\",\"after\":\"2-17\"}", &said), 0,
        "%s", cc_fail_text());

    cr_expect_eq(said.kind, CC_SAID_RESUME);
    cr_expect_str_eq(said.answer, ANSWER);
    cr_expect_eq(said.after.attempt, 2);
    cr_expect_eq(said.after.seq, 17);
}

Test(said, resume_without_event_begins_at_the_first)
{
    struct cc_chat_said said;

    cr_assert_eq(parse("{\"type\":\"resume\",\"answerId\":\"" ANSWER "\",\"after\":null}", &said),
                 0);

    cr_expect_eq(said.after.attempt, 0);
    cr_expect_eq(said.after.seq, 0);
}

Test(said, stop_may_name_no_answer)
{
    struct cc_chat_said said;

    cr_assert_eq(parse("{\"type\":\"stop\"}", &said), 0);
    cr_expect_eq(said.kind, CC_SAID_STOP);
    cr_expect_str_eq(said.answer, "");
    cr_assert_eq(parse("{\"type\":\"stop\",\"answerId\":\"" ANSWER "\"}", &said), 0);
    cr_expect_str_eq(said.answer, ANSWER);
}

Test(said, ping_is_one)
{
    struct cc_chat_said said;

    cr_assert_eq(parse("{\"type\":\"ping\",\"pad\":\"x\"}", &said), 0);
    cr_expect_eq(said.kind, CC_SAID_PING);
}

Test(said, refusal_names_the_member)
{
    static const struct {
        const char *text, *word;
        int rc;
    } cases[] = {
        {"", "", CC_E_INVALID},
        {"hello", "", CC_E_INVALID},
        {"[1]", "object", CC_E_INVALID},
        {"{}", "type", CC_E_INVALID},
        {"{\"type\":7}", "type", CC_E_INVALID},
        {"{\"type\":\"sing\"}", "type", CC_E_INVALID},
        {"{\"type\":\"Message\",\"message\":\"a\"}", "type", CC_E_INVALID},
        {"{\"type\":\"message\"}", "message", CC_E_MESSAGE},
        {"{\"type\":\"message\",\"message\":\"  \"}", "message", CC_E_MESSAGE},
        {"{\"type\":\"message\",\"message\":[]}", "message", CC_E_INVALID},
        {"{\"type\":\"message\",\"message\":\"a\",\"messageId\":\"a b\"}", "messageId",
         CC_E_INVALID},
        {"{\"type\":\"message\",\"message\":\"a\",\"messageId\":7}", "messageId", CC_E_INVALID},
        {"{\"type\":\"message\",\"message\":\"a\",\"metadata\":[]}", "metadata", CC_E_INVALID},
        {"{\"type\":\"message\",\"message\":\"a\",\"sessionId\":\"x\"}", "sessionId", CC_E_INVALID},
        {"{\"type\":\"resume\"}", "answerId", CC_E_INVALID},
        {"{\"type\":\"resume\",\"answerId\":\"\"}", "answerId", CC_E_INVALID},
        {"{\"type\":\"resume\",\"answerId\":{}}", "answerId", CC_E_INVALID},
        {"{\"type\":\"resume\",\"answerId\":\"ans_1\"}", "answerId", CC_E_INVALID},
        {"{\"type\":\"resume\",\"answerId\":\"ses_0123456789abcdef0123456789abcdef\"}", "answerId",
         CC_E_INVALID},
        {"{\"type\":\"resume\",\"answerId\":\"" ANSWER "\",\"after\":\"x\"}", "after",
         CC_E_INVALID},
        {"{\"type\":\"resume\",\"answerId\":\"" ANSWER "\",\"after\":7}", "after", CC_E_INVALID},
        {"{\"type\":\"stop\",\"answerId\":\"all\"}", "answerId", CC_E_INVALID},
        {"{\"type\":\"ping\",\"type\":\"stop\"}", "", CC_E_INVALID},
    };
    struct cc_chat_said said;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cc_fail_reset();
        cr_expect_eq(parse(cases[i].text, &said), cases[i].rc, "%s", cases[i].text);
        cr_expect(strstr(cc_fail_text(), cases[i].word), "%s: %s", cases[i].text, cc_fail_text());
    }
}

Test(said, what_could_be_read_of_a_refused_one_says_what_it_is_about)
{
    struct cc_chat_said said;

    parse("{\"type\":\"message\",\"message\":\"\",\"messageId\":\"m-7\"}", &said);
    cr_expect_str_eq(said.message_id, "m-7");
    parse("{\"type\":\"message\",\"message\":\"a\",\"messageId\":\"no good\"}", &said);
    cr_expect_str_eq(said.message_id, "");
    parse("{\"type\":\"resume\",\"answerId\":\"" ANSWER "\",\"after\":\"x\"}", &said);
    cr_expect_str_eq(said.answer, ANSWER);
    parse("{\"type\":\"resume\",\"answerId\":\"x\"}", &said);
    cr_expect_str_eq(said.answer, "");
    parse("nothing", &said);
    cr_expect_str_eq(said.message_id, "");
    cr_expect_str_eq(said.answer, "");
}

static json_t *told_event(enum cc_event_kind kind, const struct cc_event_id *id, const char *data)
{
    const struct cc_event event = {.kind = kind, .data = data, .len = strlen(data)};
    json_t *frame = NULL;

    cc_buf_reset(&out);
    cc_chat_frame_event(&out, ANSWER, id, &event);
    cr_assert_eq(cc_json_parse(out.bytes, out.len, &frame), 0, "%s: %s", out.bytes, cc_fail_text());
    return frame;
}

Test(told, event_is_its_data_with_type_id_and_answer)
{
    const struct cc_event_id id = {2, 31};
    json_t *frame = told_event(CC_EV_TOKEN, &id, "{\"text\":\"a \\\"b\\\" \\u20ac\"}");

    cr_expect_eq(json_object_size(frame), 4);
    cr_expect_str_eq(cc_json_str(frame, "type", ""), "token");
    cr_expect_str_eq(cc_json_str(frame, "id", ""), "2-31");
    cr_expect_str_eq(cc_json_str(frame, "answerId", ""), ANSWER);
    cr_expect_str_eq(cc_json_str(frame, "text", ""), "a \"b\" \u20ac");
    json_decref(frame);
}

Test(told, event_without_id_or_members_is_whole)
{
    json_t *frame = told_event(CC_EV_START, NULL, "{}");

    cr_expect_eq(json_object_size(frame), 2);
    cr_expect_str_eq(cc_json_str(frame, "type", ""), "start");
    cr_expect_str_eq(cc_json_str(frame, "answerId", ""), ANSWER);
    json_decref(frame);
}

Test(told, members_of_the_frame_are_never_those_of_the_data)
{
    const struct cc_event_id id = {1, 2};
    static const enum cc_event_kind kinds[] = {CC_EV_ACCEPTED, CC_EV_TOOL, CC_EV_HANDOFF,
                                               CC_EV_ERROR};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        json_t *frame = told_event(
            kinds[i], &id, "{\"type\":\"x\",\"id\":\"y\",\"answerId\":\"z\",\"code\":\"c\"}");

        cr_expect_str_eq(cc_json_str(frame, "type", ""), cc_event_name(kinds[i]));
        cr_expect_str_eq(cc_json_str(frame, "id", ""), "1-2");
        cr_expect_str_eq(cc_json_str(frame, "answerId", ""), ANSWER);
        cr_expect_str_eq(cc_json_str(frame, "code", ""), "c");
        json_decref(frame);
    }
}

Test(told, event_of_no_object_is_told_without_it)
{
    json_t *frame = told_event(CC_EV_TOOL, NULL, "[1]");

    cr_expect_eq(json_object_size(frame), 2);
    json_decref(frame);
}

Test(told, refusal_is_a_problem_that_says_what_it_is_about)
{
    json_t *problem = cc_problem(CC_E_RATE, "slowly", "req_1"), *frame = NULL;
    const struct cc_chat_refusal refusal = {
        .message_id = "m-1", .answer = ANSWER, .problem = problem, .retry_s = 7};

    cc_chat_frame_refusal(&out, &refusal);
    cr_assert_eq(cc_json_parse(out.bytes, out.len, &frame), 0);

    cr_expect_str_eq(cc_json_str(frame, "type", ""), "error");
    cr_expect_str_eq(cc_json_str(frame, "messageId", ""), "m-1");
    cr_expect_str_eq(cc_json_str(frame, "answerId", ""), ANSWER);
    cr_expect_eq(cc_json_int(frame, "retryAfter", 0), 7);
    cr_expect_eq(cc_json_int(frame, "status", 0), 429);
    cr_expect_str_eq(cc_json_str(frame, "code", ""), "rate_limited");
    cr_expect_str_eq(cc_json_str(frame, "detail", ""), "slowly");
    json_decref(frame);
    json_decref(problem);
}

Test(told, refusal_of_nothing_in_particular_has_no_ids)
{
    json_t *problem = cc_problem(CC_E_INVALID, NULL, "req_1"), *frame = NULL;
    const struct cc_chat_refusal refusal = {.message_id = "", .answer = "", .problem = problem};

    cc_chat_frame_refusal(&out, &refusal);
    cr_assert_eq(cc_json_parse(out.bytes, out.len, &frame), 0);

    cr_expect_null(json_object_get(frame, "messageId"));
    cr_expect_null(json_object_get(frame, "answerId"));
    cr_expect_null(json_object_get(frame, "retryAfter"));
    json_decref(frame);
    json_decref(problem);
}
