#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/vec/rank.h"

static struct cc_arena *mem;

static void open_arena(void)
{
    mem = cc_arena_new((size_t)64 << 20);
}

static void close_arena(void)
{
    cc_arena_free(&mem);
}

TestSuite(rank, .init = open_arena, .fini = close_arena);

static const char *words_of(const char *text)
{
    struct cc_terms terms;

    cr_assert_eq(cc_terms(text, strlen(text), NULL, mem, &terms), 0);
    return cc_rank_words(&terms, mem);
}

/* The passages' numbers, best first: "2 0". */
static const char *order(const char *question, const char *const *texts, int n)
{
    const char **words = cc_arena_array(mem, (size_t)n + 1, sizeof *words), *line = "";
    struct cc_ranked *ranked;
    int found;

    for (int i = 0; i < n; i++)
        words[i] = words_of(texts[i]);
    cr_assert_eq(cc_rank(question, words, n, mem, &ranked, &found), 0);
    for (int i = 0; i < found; i++) {
        cr_expect_gt(ranked[i].score, 0);
        line = cc_arena_printf(mem, "%s%s%d", line, i ? " " : "", ranked[i].index);
    }
    return line;
}

Test(rank, keeps_each_word_with_its_count_on_a_line)
{
    cr_expect_str_eq(words_of("Lanterns and one lantern"), "1 and\n2 lantern\n1 one\n");
    cr_expect_str_eq(words_of(" -- "), "");
}

Test(rank, tells_words_apart_that_begin_end_and_measure_alike)
{
    static const char *const texts[] = {"a lintern", "a lantern", "a lentern"};

    cr_expect_str_eq(order("lantern", texts, 3), "1");
}

Test(rank, puts_passages_in_the_order_in_which_they_speak_of_the_question)
{
    static const char *const texts[] = {
        "The kettle stands in the kitchen and the kitchen is warm.",
        "The lantern was repaired on a rainy day.",
        "A lantern and a kettle, both of copper.",
        "Nothing of the kind is said here.",
    };

    cr_expect_str_eq(order("Who repaired the lanterns?", texts, 4), "1 2");
    cr_expect_str_eq(order("kettle kitchen", texts, 4), "0 2");
    cr_expect_str_eq(order("Is there a submarine?", texts, 4), "");
    cr_expect_str_eq(order("", texts, 4), "");
    cr_expect_str_eq(order("lantern", texts, 0), "");
}

Test(rank, counts_a_rare_word_for_more_than_a_frequent_one)
{
    static const char *const texts[] = {"lantern lantern lantern", "lantern here", "lantern there",
                                        "lantern zither", "lantern again"};

    cr_expect_eq(order("lantern zither", texts, 5)[0], '3');
}

Test(rank, leaves_equals_in_their_order)
{
    static const char *const texts[] = {"one lantern", "two lantern", "ten lantern"};

    cr_expect_str_eq(order("lantern", texts, 3), "0 1 2");
}

Test(rank, finds_words_of_a_script_without_spaces)
{
    static const char *const texts[] = {
        "\xe6\x9d\xb1\xe4\xba\xac\xe3\x81\xae\xe5\xa4\xa9\xe6\xb0\x97",
        "\xe5\xa4\xa7\xe9\x98\xaa\xe3\x81\xae\xe6\x96\x99\xe7\x90\x86"};

    cr_expect_str_eq(
        order("\xe5\xa4\xa7\xe9\x98\xaa\xe3\x81\xae\xe6\x96\x99\xe7\x90\x86", texts, 2)[0] == '1'
            ? "1"
            : "",
        "1");
}

Test(rank, passes_over_lines_that_are_none)
{
    static const char *const words[] = {"lantern\n\n3\n 4\n-1 lantern\nx lantern\n0 lantern",
                                        "3 lantern", "1 kettle\n99999999999999999999 x\n"};
    struct cc_ranked *ranked;
    int n;

    cr_assert_eq(cc_rank("lantern", words, 3, mem, &ranked, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_eq(ranked[0].index, 1);
}

Test(rank, looks_for_the_first_words_of_a_question_that_has_thousands)
{
    const char *words[] = {words_of("alpha"), words_of("word0 alpha")};
    char *question = cc_arena_get(mem, 40000);
    struct cc_ranked *ranked;
    int n;

    for (int i = 0; i < 2000; i++)
        snprintf(question + strlen(question), 20, "word%d ", i);
    cr_assert_eq(cc_rank(question, words, 2, mem, &ranked, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_eq(ranked[0].index, 1);
}
