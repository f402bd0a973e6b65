/* The whole way of an answer, with a real worker process, PostgreSQL and Redis. */
#include "tests/integration/worker/stage.h"

static struct stage s;
static struct visitor v;

static void begin(void)
{
    stage_open(&s);
}

static void end(void)
{
    visitor_done(&v);
    stage_close(&s);
}

TestSuite(answering, .init = begin, .fini = end, .timeout = 60);

static const char *const quick[] = {"CC_LEASE_MS=2000", "CC_RECLAIM_MS=100", "CC_EMBED=hash",
                                    "CC_CACHE_ANSWER_S=0", NULL};

static void ask(const char *model, const char *message)
{
    const char *bot = stage_bot(&s, "scripted", model, "");

    visitor_ask(&s, &(struct asking){.bot = bot, .message = message}, &v);
}

Test(answering, is_told_stored_and_charged_once)
{
    stage_worker(&s, quick);
    ask("mock-ttft20-itl5-len60", "Why is that so?");

    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_str_eq(v.text, scripted_text(&s, "Why is that so?", 60));
    cr_expect_eq(v.attempt, 1);
    cr_expect_gt(v.tokens, 5, "%d token events: it must arrive piece by piece", v.tokens);
    cr_expect_str_eq(cc_json_str(v.done, "finishReason", ""), "stop");
    cr_expect_eq(cc_json_int(json_object_get(v.done, "usage"), "outputTokens", 0), 60);
    stage_expect_empty(&s);
}

Test(answering, says_the_first_token_at_once_and_puts_fast_ones_together)
{
    stage_worker(&s, quick);
    ask("mock-ttft0-itl0-len2000", "Fast?");

    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_str_eq(v.text, scripted_text(&s, "Fast?", 2000));
    cr_expect_lt(v.tokens, 200, "%d token events for 2000 tokens", v.tokens);
}
