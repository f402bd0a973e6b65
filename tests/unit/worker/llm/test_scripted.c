#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "worker/llm/llm.h"

static struct cc_arena *mem;

static void begin(void)
{
    cr_assert_eq(cc_config_load(), 0);
    cc_config_set(CC_CFG_LLM_TRIES, "1");
    cc_loop_init(NULL);
    mem = cc_arena_new(16 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
    cc_loop_done();
}

TestSuite(scripted, .init = begin, .fini = end, .timeout = 30);

static int start(const char *model, struct cc_llm_call **call)
{
    struct cc_llm_choice choice = {.provider = &cc_llm_scripted, .model = model};
    struct cc_llm_request req = {
        .mem = mem, .model = model, .system = "", .context = "the context", .message = "Question?"};

    return cc_llm_start(&choice, &req, call);
}

static int read_all(struct cc_llm_call *call, char *out)
{
    struct cc_llm_piece piece = {0};
    int rc;

    out[0] = '\0';
    while ((rc = cc_llm_read(call, CC_NEVER, &piece)) == 0 && !piece.end) {
        size_t at = strlen(out);
        memcpy(out + at, piece.text, piece.len);
        out[at + piece.len] = '\0';
    }
    return rc;
}

Test(scripted, says_the_same_to_the_same_question)
{
    static char text[2][4096];

    for (int i = 0; i < 2; i++) {
        struct cc_llm_call *call;
        cr_assert_eq(start("mock-len12", &call), 0);
        cr_expect_eq(read_all(call, text[i]), 0);
        cc_llm_close(&call);
    }

    cr_expect_str_eq(text[0], text[1]);
    cr_expect_not_null(strstr(text[0], " 1 2 3 4 5 6 7 8 9 10\xc3\xbc"));
    cr_expect_null(strstr(text[0], " 12"));
}

Test(scripted, keeps_its_times)
{
    struct cc_llm_call *call;
    char text[4096];
    int64_t began = cc_clock_ms();

    cr_assert_eq(start("mock-ttft100-itl10-len11", &call), 0);
    int64_t first = cc_clock_ms() - began;
    cr_expect_eq(read_all(call, text), 0);
    cc_llm_close(&call);

    cr_expect_geq(first, 100);
    cr_expect_geq(cc_clock_ms() - began, 190);
}

Test(scripted, can_be_waited_for_in_small_steps)
{
    struct cc_llm_call *call;
    struct cc_llm_piece piece;
    int rc, late = 0;

    cr_assert_eq(start("mock-itl50-len2", &call), 0);
    cr_assert_eq(cc_llm_read(call, CC_NEVER, &piece), 0);
    while ((rc = cc_llm_read(call, cc_now() + 10, &piece)) == CC_E_TIMEOUT)
        late++;

    cr_expect_eq(rc, 0);
    cr_expect_geq(late, 2);
    cr_expect_eq(strncmp(piece.text, " 1", piece.len), 0);
    cc_llm_close(&call);
}

Test(scripted, fails_as_it_is_told)
{
    struct cc_llm_call *call = NULL;
    char text[4096];

    cr_expect_eq(start("mock-err429", &call), CC_E_UPSTREAM);
    cr_expect_eq(start("mock-err503", &call), CC_E_UPSTREAM);
    cr_expect_eq(start("mock-err401", &call), CC_E_REFUSED);
    cr_assert_eq(start("mock-len30-cut10", &call), 0);
    cr_expect_eq(read_all(call, text), CC_E_UPSTREAM);
    cr_expect_not_null(strstr(text, " 9"));
    cr_expect_null(strstr(text, " 10"));
    cc_llm_close(&call);
}

Test(scripted, echoes_what_it_was_asked)
{
    struct cc_llm_call *call;
    char text[4096];

    cr_assert_eq(start("mock-echo", &call), 0);
    cr_expect_eq(read_all(call, text), 0);
    cr_expect_str_eq(text, "Question? the context");
    cc_llm_close(&call);
}
