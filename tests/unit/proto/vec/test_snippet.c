#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/text.h"
#include "proto/vec/search.h"

static struct cc_arena *mem;

static void open_arena(void)
{
    cr_assert_eq(cc_config_load(), 0);
    mem = cc_arena_new((size_t)4 << 20);
}

static void close_arena(void)
{
    cc_arena_free(&mem);
}

TestSuite(snippet, .init = open_arena, .fini = close_arena);

static const char *best; /* sentence of the last snippet() */

static const char *snippet(const char *text, const char *question)
{
    const char *line = NULL;

    cr_assert_eq(cc_snippet(text, question, mem, &line, &best), 0);
    return line;
}

static const char handbook[] =
    "Welcome to the shop. We sell bicycles, tyres, lamps and everything else that a rider needs "
    "on the road, in the forest or in the city, and we repair what others have sold as well. Our "
    "workshop is open from Monday to Friday between nine in the morning and five in the "
    "afternoon. Refunds are paid within fourteen days to the card that was used. Gift cards are "
    "never refunded. On Sundays we rest, and so do our bicycles, which are locked away in the "
    "cellar until the next day comes.";

Test(snippet, holds_the_sentence_that_answers)
{
    const char *line = snippet(handbook, "How long does a refund take?");

    cr_expect_eq(strncmp(line, "Refunds are paid within fourteen days", 37), 0, "%s", line);
    cr_expect_not_null(strstr(line, "Gift cards are never refunded."));
}

Test(snippet, finds_words_whose_stem_ends_otherwise)
{
    const char *line = snippet("First there is talk of something else that goes on and on until "
                               "nobody listens to it any more, which takes a good while, as long "
                               "talks do, and then it still goes on for some more time, because "
                               "the speaker likes to hear his own voice very much indeed, it "
                               "seems to all. Our policy is short.",
                               "policies");

    cr_expect_str_eq(line, "Our policy is short.");
}

Test(snippet, begins_at_the_beginning_when_no_word_is_found)
{
    const char *line = snippet(handbook, "giraffe");

    cr_expect_eq(strncmp(line, "Welcome to the shop.", 20), 0, "%s", line);
}

Test(snippet, is_never_longer_than_its_cap)
{
    char text[4096];

    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = i % 7 == 6 ? ' ' : 'x';
    text[sizeof text - 1] = '\0';

    cr_expect_leq(cc_utf8_count(snippet(text, "x"), strlen(snippet(text, "x"))), CC_SNIPPET_CHARS);
    cr_expect_leq(strlen(snippet(handbook, "refund")), CC_SNIPPET_CHARS);
}

Test(snippet, of_nothing_is_nothing)
{
    cr_expect_str_eq(snippet("", "refund"), "");
    cr_expect_str_eq(snippet(" \n ", "refund"), "");
    cr_expect_str_eq(snippet("One.", "?!"), "One.");
}

Test(snippet, of_more_words_than_are_looked_for_is_given_too)
{
    const char *question = "";

    for (int i = 0; i < 100; i++)
        question = cc_arena_printf(mem, "%s word%d", question, i);
    cr_expect_eq(strncmp(snippet(handbook, question), "Welcome", 7), 0);
}

Test(snippet, names_the_sentence_with_most_of_the_words)
{
    const char *line = snippet(handbook, "When are refunds paid to the card?");

    cr_expect_str_eq(best, "Refunds are paid within fourteen days to the card that was used.");
    cr_expect_not_null(strstr(line, best));
    snippet("", "refund");
    cr_expect_str_eq(best, "");
    snippet("Only this.", "refund");
    cr_expect_str_eq(best, "Only this.");
}
