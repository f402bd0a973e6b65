#include <criterion/criterion.h>
#include <string.h>

#include "ingest/pairs.h"

static struct cc_arena *mem;
static struct cc_extract doc, joined;

static void setup(void)
{
    mem = cc_arena_new(64 << 20);
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(pairs, .init = setup, .fini = teardown);

static void add(enum cc_block_kind kind, const char *text)
{
    cr_assert_eq(
        cc_extract_add(&doc, kind, kind == CC_BLOCK_HEADING ? 2 : 0, 1, text, strlen(text)), 0);
}

static void join(enum cc_shape_mode mode)
{
    cc_pairs_join(&doc, mode, mem, &joined);
}

static const char *text_of(size_t i)
{
    cr_assert_lt(i, joined.n);
    return cc_arena_dupn(mem, joined.blocks[i].text, joined.blocks[i].len);
}

static size_t pairs(void)
{
    size_t found = 0;

    for (size_t i = 0; i < joined.n; i++)
        found += joined.blocks[i].kind == CC_BLOCK_PAIR;
    return found;
}

static const char *const marked[][2] = {
    {"Q: How long?", "A: Three days."},
    {"Q1: How long?", "A1: Three days."},
    {"Q 1. How long?", "A 1. Three days."},
    {"Question: How long?", "Answer: Three days."},
    {"QUESTION 12: How long?", "ANSWER 12: Three days."},
    {"F: How long?", "A: Three days."},
    {"Frage 3: How long?", "Antwort 3: Three days."},
    {"Q1) How long?", "A1) Three days."},
};

Test(pairs, are_known_by_their_marks)
{
    for (size_t i = 0; i < sizeof marked / sizeof *marked; i++) {
        cc_extract_init(&doc, CC_FILE_TEXT, mem);
        for (int k = 0; k < 4; k++) {
            add(CC_BLOCK_PARAGRAPH, marked[i][0]);
            add(CC_BLOCK_PARAGRAPH, marked[i][1]);
        }

        join(CC_SHAPE_AUTO);

        cr_assert_eq(pairs(), 4, "%s: %zu pairs", marked[i][0], pairs());
        cr_expect_str_eq(text_of(0), "How long?\nThree days.");
    }
}

Test(pairs, may_lie_in_one_paragraph)
{
    add(CC_BLOCK_PARAGRAPH,
        "Before it all.\nQ: How\nlong?\nA: Three days.\nAt most.\nQ: How much?\n"
        "A: Nothing.\nQ: Where?\nA: Here.");

    join(CC_SHAPE_AUTO);

    cr_assert_eq(joined.n, 4);
    cr_expect_eq(joined.blocks[0].kind, CC_BLOCK_PARAGRAPH);
    cr_expect_str_eq(text_of(0), "Before it all.");
    cr_expect_str_eq(text_of(1), "How long?\nThree days.\nAt most.");
    cr_expect_str_eq(text_of(2), "How much?\nNothing.");
    cr_expect_str_eq(text_of(3), "Where?\nHere.");
}

Test(pairs, are_headings_that_ask_and_the_text_below)
{
    add(CC_BLOCK_HEADING, "Help");
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(cc_extract_add(&doc, CC_BLOCK_HEADING, 3, 4, "Where is it?", 12), 0);
        add(CC_BLOCK_PARAGRAPH, "On the shelf.");
        add(CC_BLOCK_LIST, "on the left");
    }

    join(CC_SHAPE_AUTO);

    cr_assert_eq(joined.n, 4);
    cr_expect_eq(joined.blocks[0].kind, CC_BLOCK_HEADING);
    cr_expect_eq(joined.blocks[1].kind, CC_BLOCK_PAIR);
    cr_expect_str_eq(text_of(1), "Where is it?\nOn the shelf.\non the left");
    cr_expect_str_eq(joined.blocks[1].section, "Help");
    cr_expect_eq(joined.blocks[1].page, 4);
}

Test(pairs, are_paragraphs_whose_first_line_asks)
{
    for (int i = 0; i < 3; i++)
        add(CC_BLOCK_PARAGRAPH, "Where is it?\nOn the shelf\non the left.");

    join(CC_SHAPE_AUTO);

    cr_expect_eq(pairs(), 3);
    cr_expect_str_eq(text_of(2), "Where is it?\nOn the shelf\non the left.");
}

Test(pairs, are_not_made_of_a_text_that_asks_now_and_then)
{
    for (int i = 0; i < 6; i++) {
        add(CC_BLOCK_HEADING, "The shelf");
        add(CC_BLOCK_PARAGRAPH, "It is a shelf like many others, and it stands where it has stood "
                                "for years, on the left of the door that nobody uses.");
        add(CC_BLOCK_HEADING, i % 2 ? "The door" : "Which door?");
        add(CC_BLOCK_PARAGRAPH, "The left one.");
    }

    join(CC_SHAPE_AUTO);
    cr_expect_eq(pairs(), 0);
    cr_expect_eq(joined.n, doc.n);

    join(CC_SHAPE_PAIRS);
    cr_expect_eq(pairs(), 3, "who asks for pairs gets those that are there");
}

Test(pairs, are_not_made_of_chapters_that_begin_with_a_question)
{
    char *chapter = cc_arena_get(mem, 6001);

    memset(chapter, 'x', 6000);
    chapter[6000] = '\0';
    for (int i = 0; i < 4; i++) {
        add(CC_BLOCK_HEADING, "Who was he?");
        add(CC_BLOCK_PARAGRAPH, chapter);
    }

    join(CC_SHAPE_AUTO);

    cr_expect_eq(pairs(), 0);
}

Test(pairs, are_none_where_nobody_wants_them)
{
    for (int i = 0; i < 4; i++)
        add(CC_BLOCK_PARAGRAPH, "Q: Where?\nA: Here.");

    join(CC_SHAPE_TEXT);

    cr_expect_eq(joined.n, 4);
    cr_expect_eq(pairs(), 0);
}

Test(pairs, without_an_answer_stay_text)
{
    for (int i = 0; i < 3; i++)
        add(CC_BLOCK_PARAGRAPH, "Q: Where?\nA: Here.");
    add(CC_BLOCK_PARAGRAPH, "Q: Why?");

    join(CC_SHAPE_AUTO);

    cr_assert_eq(joined.n, 4);
    cr_expect_eq(joined.blocks[3].kind, CC_BLOCK_PARAGRAPH);
    cr_expect_str_eq(text_of(3), "Q: Why?");
}

Test(pairs, end_where_records_and_headings_begin)
{
    add(CC_BLOCK_PARAGRAPH, "Q: Where?\nA: Here.");
    add(CC_BLOCK_HEADING, "Prices");
    add(CC_BLOCK_PARAGRAPH, "Q: Where?\nA: There.");
    add(CC_BLOCK_ROW, "Plan: Ember | Price: 3");
    add(CC_BLOCK_PARAGRAPH, "Q: Where?\nA: Nowhere.");

    join(CC_SHAPE_AUTO);

    cr_assert_eq(joined.n, 5);
    cr_expect_eq(joined.blocks[1].kind, CC_BLOCK_HEADING);
    cr_expect_eq(joined.blocks[3].kind, CC_BLOCK_ROW);
    cr_expect_str_eq(text_of(4), "Where?\nNowhere.");
}
