#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/vec/terms.h"

static struct cc_arena *mem;

static void open_arena(void)
{
    mem = cc_arena_new((size_t)16 << 20);
}

static void close_arena(void)
{
    cc_arena_free(&mem);
}

TestSuite(terms, .init = open_arena, .fini = close_arena);

/* "cat:2 dog:1" */
static const char *read_terms(const char *text, const char *language)
{
    struct cc_terms terms;
    const char *line = "";

    cr_assert_eq(cc_terms(text, strlen(text), language, mem, &terms), 0);
    for (size_t i = 0; i < terms.n; i++)
        line = cc_arena_printf(mem, "%s%s%s:%d", line, i ? " " : "", terms.term[i].text,
                               (int)terms.term[i].count);
    return line;
}

Test(terms, are_what_the_table_says)
{
    static const struct {
        const char *text, *language, *want;
    } row[] = {
        {"", "en", ""},
        {" ... \n\t-- !", "en", ""},
        {"Cats and the cat", "en", "and:1 cat:2 the:1"},
        {"Cats and the cat", "", "and:1 cat:1 cats:1 the:1"},
        {"Cats and the cat", "no-such-language", "and:1 cat:1 cats:1 the:1"},
        {"refunds refunded refunding", "en", "refund:3"},
        {"Häuser HÄUSER", "de", "haus:2"},
        {"It's ICE-9, built in 1999.", "en", "1999:1 9:1 built:1 ice:1 in:1 it:1"},
        {"\xef\xac\x81le \xef\xbc\xa1\xef\xbc\xa2", "en", "ab:1 file:1"}, /* fi ligature, wide AB */
        {"Stra\xc3\x9f"
         "e STRASSE",
         "", "strasse:2"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        cr_expect_str_eq(read_terms(row[i].text, row[i].language), row[i].want, "row %zu: %s", i,
                         read_terms(row[i].text, row[i].language));
}

static const char *read_question(const char *text)
{
    struct cc_terms terms;
    const char *line = "";

    cr_assert_eq(cc_terms_of_question(text, strlen(text), "en", mem, &terms), 0);
    for (size_t i = 0; i < terms.n; i++)
        line = cc_arena_printf(mem, "%s%s%s", line, i ? " " : "", terms.term[i].text);
    return line;
}

Test(terms, of_a_question_are_those_that_say_something)
{
    cr_expect_str_eq(read_question("What are the Refunds for?"), "refund");
    cr_expect_str_eq(read_question("Wie hoch ist die Gebühr?"), "gebühr hoch");
}

Test(terms, of_a_question_without_such_words_are_all)
{
    cr_expect_str_eq(read_question("What is this?"), "is this what");
    cr_expect_str_eq(read_question("?"), "");
}

Test(terms, follow_the_setting_where_no_language_is_named)
{
    cr_assert_eq(cc_config_load(), 0);
    cc_config_set(CC_CFG_SEARCH_LANGUAGE, "de");
    cr_expect_str_eq(read_terms("Häusern", NULL), "haus:1");
    cc_config_set(CC_CFG_SEARCH_LANGUAGE, "");
    cr_expect_str_eq(read_terms("Häusern", NULL), "häusern:1");
}

/* What is looked up with bsearch must be sorted. */
Test(terms, that_say_little_are_all_found)
{
    static const char *const word[] = {"a", "the", "zum", "être", "für", "zur", "à", "más", "über"};

    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        cr_expect(cc_terms_says_little(word[i]), "%s", word[i]);
    cr_expect_not(cc_terms_says_little("refund"));
}

Test(terms, of_chinese_are_more_than_one)
{
    struct cc_terms terms;
    const char *text = "我们的退款政策是什么";

    cr_assert_eq(cc_terms(text, strlen(text), "en", mem, &terms), 0);
    cr_expect_geq(terms.n, 4);
}

Test(terms, count_all_words_into_the_length)
{
    struct cc_terms terms;

    cr_assert_eq(cc_terms("a b a b a", 9, "", mem, &terms), 0);
    cr_expect_eq(terms.words, 5);
    cr_expect_eq(terms.n, 2);
}

Test(terms, are_never_longer_than_the_cap_nor_cut_within_a_character)
{
    struct cc_terms terms;
    char text[3 * 400 + 1];

    for (size_t i = 0; i < 400; i++)
        memcpy(text + 3 * i, "\xe1\x83\x90", 3); /* Georgian an */
    cr_assert_eq(cc_terms(text, 3 * 400, "en", mem, &terms), 0);
    cr_assert_eq(terms.n, 1);
    cr_expect_eq(strlen(terms.term[0].text), 63);
}

Test(terms, of_broken_utf8_are_refused)
{
    struct cc_terms terms;

    cr_expect_eq(cc_terms("a\xff z", 4, "en", mem, &terms), CC_E_INVALID);
}

Test(terms, of_a_text_beyond_the_cap_are_refused)
{
    struct cc_terms terms;
    char *text = cc_arena_get(mem, 300000);

    memset(text, 'a', 299999);
    cr_expect_eq(cc_terms(text, 299999, "en", mem, &terms), CC_E_TOOBIG);
}

static const char *by_setting(const char *text)
{
    struct cc_terms terms;
    const char *line = "";

    cr_assert_eq(cc_terms_of_question(text, strlen(text), NULL, mem, &terms), 0);
    for (size_t i = 0; i < terms.n; i++)
        line = cc_arena_printf(mem, "%s %s", line, terms.term[i].text);
    return cc_arena_printf(mem, "%s ", line);
}

Test(terms, of_a_text_are_those_of_its_own_language)
{
    cr_assert_eq(cc_config_load(), 0);
    cc_config_set(CC_CFG_SEARCH_LANGUAGE, "auto");
    cr_expect_str_eq(read_terms("die Gebühren sind hoch", NULL), "die:1 gebuhr:1 hoch:1 sind:1");
    cr_expect_str_eq(read_terms("the fees are refunded", NULL), "are:1 fee:1 refund:1 the:1");
    cr_expect_str_eq(read_terms("refunds", NULL), "refund:1", "English, where none can be told");
}

Test(terms, of_a_question_meet_those_of_a_passage_in_its_language_or_in_none)
{
    cr_assert_eq(cc_config_load(), 0);
    cc_config_set(CC_CFG_SEARCH_LANGUAGE, "auto");
    const char *german = by_setting("Wie hoch sind die Gebühren?"),
               *unknown = by_setting("Gebühren");

    cr_expect_not_null(strstr(german, " gebuhr "), "%s", german);
    cr_expect_not_null(strstr(german, " gebühren "), "as an English passage has it: %s", german);
    cr_expect_not_null(strstr(unknown, " gebuhr "), "%s", unknown);
    cr_expect_str_eq(by_setting("How high are the fees?"), " fee high ");
}
