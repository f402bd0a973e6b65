#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/retell.h"
#include "proto/base/json.h"

static struct cc_arena *mem;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
}

TestSuite(retell, .init = begin, .fini = end);

static const struct cc_answer_view finished = {.state = "done",
                                               .session = "ses_1",
                                               .bot = "bot_1",
                                               .message = "msg_1",
                                               .text = "Paris \"is\" it",
                                               .sources = "[{\"n\":1}]",
                                               .finish = "stop",
                                               .code = "",
                                               .model = "m",
                                               .attempt = 2,
                                               .input_tokens = 10,
                                               .output_tokens = 3,
                                               .cached_tokens = 1};

Test(retell, tells_a_finished_answer_as_one_attempt_more)
{
    static const enum cc_event_kind kinds[] = {CC_EV_START, CC_EV_SOURCES, CC_EV_TOKEN, CC_EV_DONE};
    struct cc_retold told[CC_RETOLD_MAX];
    int n = cc_retell(&finished, "req_1", mem, told);

    cr_assert_eq(n, 4);
    for (int i = 0; i < n; i++) {
        cr_expect_eq(told[i].event.kind, kinds[i]);
        cr_expect_eq(told[i].id.attempt, 3);
        cr_expect_eq(told[i].id.seq, i + 1);
        cr_expect_eq(told[i].event.len, strlen(told[i].event.data));
    }
}

Test(retell, gives_token_and_done_the_same_text)
{
    struct cc_retold told[CC_RETOLD_MAX];
    json_t *token, *done;

    cc_retell(&finished, "req_1", mem, told);
    cr_assert_eq(cc_json_parse(told[2].event.data, told[2].event.len, &token), 0);
    cr_assert_eq(cc_json_parse(told[3].event.data, told[3].event.len, &done), 0);

    cr_expect_str_eq(cc_json_str(token, "text", ""), finished.text);
    cr_expect_str_eq(cc_json_str(done, "text", ""), finished.text);
    cr_expect_str_eq(cc_json_str(done, "messageId", ""), "msg_1");
    cr_expect_eq(cc_json_int(json_object_get(done, "usage"), "cachedTokens", 0), 1);
    json_decref(token);
    json_decref(done);
}

Test(retell, leaves_sources_out_where_there_were_none)
{
    struct cc_answer_view view = finished;
    struct cc_retold told[CC_RETOLD_MAX];

    view.sources = "[]";

    cr_assert_eq(cc_retell(&view, "req_1", mem, told), 3);
    cr_expect_eq(told[1].event.kind, CC_EV_TOKEN);
    cr_expect_eq(told[1].id.seq, 2);
}

Test(retell, ends_a_failed_answer_with_its_code)
{
    static const struct {
        const char *state, *code, *told;
    } table[] = {{"failed", "upstream_failed", "upstream_failed"},
                 {"failed", "never heard of", "internal"},
                 {"expired", "", "expired"},
                 {"dead", "", "gave_up"}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cc_answer_view view = {
            .state = table[i].state, .code = table[i].code, .sources = "[]", .attempt = 1};
        struct cc_retold told[CC_RETOLD_MAX];
        json_t *problem;

        cr_assert_eq(cc_retell(&view, "req_1", mem, told), 2);
        cr_expect_eq(told[1].event.kind, CC_EV_ERROR);
        cr_assert_eq(cc_json_parse(told[1].event.data, told[1].event.len, &problem), 0);
        cr_expect_str_eq(cc_json_str(problem, "code", ""), table[i].told);
        json_decref(problem);
    }
}

Test(retell, knows_what_is_still_running)
{
    struct cc_answer_view view = {.state = "running"};

    cr_expect_not(cc_answer_ended(&view));
    cr_expect(cc_answer_ended(&finished));
}
