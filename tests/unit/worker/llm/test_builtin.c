#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/config.h"
#include "worker/llm/llm.h"
#include "worker/llm/quote.h"

static const struct cc_llm_passage passages[] = {
    {.n = 1,
     .title = "manual.pdf",
     .page = 7,
     .text = "Cleaning. Wipe the door with a damp cloth. Never use a metal scraper on the glass."},
    {.n = 2,
     .title = "warranty.txt",
     .text = "How long is the warranty?\nThe oven has a warranty of thirty months from the day of "
             "purchase. Keep the receipt."},
};

static struct cc_arena *mem;

static void begin(void)
{
    cr_assert_eq(cc_config_load(), 0);
    cc_loop_init(NULL);
    mem = cc_arena_new(16 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
    cc_loop_done();
}

TestSuite(builtin, .init = begin, .fini = end, .timeout = 30);

static struct cc_llm_request request(const char *message, int passages_n)
{
    return (struct cc_llm_request){.mem = mem,
                                   .model = "builtin",
                                   .system = "",
                                   .context = "some context",
                                   .message = message,
                                   .passages = passages,
                                   .passages_n = passages_n,
                                   .temperature = -1,
                                   .max_tokens = 100};
}

static int answer(const char *message, int passages_n, char *out, size_t cap)
{
    struct cc_llm_choice choice = {.provider = &cc_llm_builtin, .model = "builtin"};
    struct cc_llm_request req = request(message, passages_n);
    struct cc_llm_piece piece = {0};
    struct cc_llm_call *call;
    int pieces = 0;

    out[0] = '\0';
    cr_assert_eq(cc_llm_start(&choice, &req, &call), 0, "%s", cc_fail_text());
    while (cc_llm_read(call, CC_NEVER, &piece) == 0 && !piece.end) {
        size_t at = strlen(out);
        cr_assert_lt(at + piece.len, cap);
        memcpy(out + at, piece.text, piece.len);
        out[at + piece.len] = '\0';
        pieces++;
    }
    cr_expect(piece.end);
    cr_expect_str_eq(piece.finish, "stop");
    cr_expect_eq(piece.usage.output, pieces);
    cr_expect_gt(piece.usage.input, 0);
    cc_llm_close(&call);
    return pieces;
}

Test(builtin, quotes_the_sentence_that_answers_and_cites_it)
{
    char text[4096];

    int pieces = answer("May I use a scraper on the glass?", 2, text, sizeof text);

    cr_expect_str_eq(text, "\xe2\x80\x9cNever use a metal scraper on the glass.\xe2\x80\x9d "
                           "\xe2\x80\x94 manual.pdf, page 7 [1]");
    cr_expect_gt(pieces, 5, "streamed in small pieces");
}

Test(builtin, gives_the_answer_with_the_question_it_stands_under)
{
    char text[4096];

    answer("How long is the warranty?", 2, text, sizeof text);

    cr_expect_not_null(strstr(text, "thirty months"), "%s", text);
    cr_expect_not_null(strstr(text, "warranty.txt [2]"), "%s", text);
    cr_expect_null(strstr(text, "scraper"));
    cr_expect_null(strstr(text, "warranty?\n"), "on one line");
}

Test(builtin, goes_on_while_the_next_sentence_answers_the_rest)
{
    static const struct cc_llm_passage plan = {
        .n = 1,
        .title = "prices.pdf",
        .page = 2,
        .text =
            "The plan Ember costs 4 euros. The plan Blaze costs 9 euros a\nmonth. It covers all "
            "repairs. Both end with a quarter. What does a repair cost? 89 euros."};
    struct cc_llm_request req = request("What does the plan Blaze cost a month, and what does it "
                                        "cover?",
                                        1);
    struct cc_quote quotes[5];
    int n;

    req.passages = &plan;
    cr_assert_eq(cc_quotes(&req, 5, quotes, &n), 0);

    cr_assert_geq(n, 1);
    cr_expect_str_eq(quotes[0].text,
                     "The plan Blaze costs 9 euros a month. It covers all repairs.");
    for (int i = 1; i < n; i++)
        cr_expect_null(strstr(quotes[i].text, "Blaze"), "nothing is quoted twice: %s",
                       quotes[i].text);
}

Test(builtin, says_so_when_there_is_nothing_to_quote)
{
    char text[4096];

    answer("How long is the warranty?", 0, text, sizeof text);
    cr_expect_not_null(strstr(text, "found nothing"));
    answer("Who painted the Mona Lisa?", 2, text, sizeof text);
    cr_expect_not_null(strstr(text, "found nothing"), "%s", text);
}

Test(quotes, are_none_without_passages_and_at_most_so_many)
{
    struct cc_quote quotes[3];
    struct cc_llm_request req = request("warranty oven door glass", 0);
    int n = -1;

    begin();
    req.mem = mem;
    cr_assert_eq(cc_quotes(&req, 3, quotes, &n), 0);
    cr_expect_eq(n, 0);
    req.passages_n = 2;
    cr_assert_eq(cc_quotes(&req, 1, quotes, &n), 0);
    cr_expect_eq(n, 1);
    end();
}

Test(builtin, quotes_the_lines_of_a_form_together)
{
    static const struct cc_llm_passage form = {
        .n = 1,
        .title = "form.pdf",
        .page = 2,
        .text = "Claim #\n999\nPolicy #\nIM-42\nPhone\n555-1234\nVehicle information\nYear\n2025\n"
                "Model\nMeteor\nTrim\nLimited\n"};
    struct cc_llm_request req = request("Which policy has the Meteor?", 1);
    struct cc_quote stretch;

    req.passages = &form;
    cr_assert_eq(cc_quote_stretch(&req, &stretch), 0);

    cr_expect_gt(stretch.share, 0.9);
    cr_expect_not_null(strstr(stretch.text, "IM-42"), "%s", stretch.text);
    cr_expect_null(strstr(stretch.text, "999"), "begins with a word of the question");
    req = request("Does it rain on the moon?", 1);
    req.passages = &form;
    cr_assert_eq(cc_quote_stretch(&req, &stretch), 0);
    cr_expect_eq(stretch.share, 0);
}
