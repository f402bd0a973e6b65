#include <criterion/criterion.h>
#include <string.h>

#include "proto/vec/sentence.h"

static struct cc_arena *mem;

static void open_arena(void)
{
    mem = cc_arena_new((size_t)8 << 20);
}

static void close_arena(void)
{
    cc_arena_free(&mem);
}

TestSuite(sentences, .init = open_arena, .fini = close_arena);

/* sentences joined by '|' */
static const char *read_sentences(const char *text, size_t max_bytes)
{
    struct cc_span *span;
    size_t n;
    const char *line = "";

    cr_assert_eq(cc_sentences(text, strlen(text), max_bytes, mem, &span, &n), 0);
    for (size_t i = 0; i < n; i++)
        line = cc_arena_printf(mem, "%s%s%.*s", line, i ? "|" : "", (int)span[i].len,
                               text + span[i].from);
    return line;
}

Test(sentences, end_where_the_table_says)
{
    static const struct {
        const char *text, *want;
    } row[] = {
        {"", ""},
        {" \n ", ""},
        {"One. Two! Three?", "One.|Two!|Three?"},
        {"  Mr. Smith pays 3.50 now.  Later more.  ", "Mr. Smith pays 3.50 now.|Later more."},
        {"Title\nText of it.", "Title|Text of it."},
        {"This line is long enough to have been broken by the\npage it stood on. Next.",
         "This line is long enough to have been broken by the\npage it stood on.|Next."},
        {"这是一。这是二。", "这是一。|这是二。"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        cr_expect_str_eq(read_sentences(row[i].text, 1000), row[i].want, "row %zu: %s", i,
                         read_sentences(row[i].text, 1000));
}

Test(sentences, above_the_cap_are_cut_at_spaces)
{
    cr_expect_str_eq(read_sentences("alpha beta gamma delta", 12), "alpha beta|gamma delta");
}

Test(sentences, without_a_space_are_cut_at_characters)
{
    cr_expect_str_eq(read_sentences("\xc3\xa4\xc3\xa4\xc3\xa4", 3), "\xc3\xa4|\xc3\xa4|\xc3\xa4");
}

Test(sentences, of_one_text_do_not_leak_into_the_next)
{
    cr_expect_str_eq(read_sentences("First text. It has two.", 1000), "First text.|It has two.");
    cr_expect_str_eq(read_sentences("Other.", 1000), "Other.");
}
