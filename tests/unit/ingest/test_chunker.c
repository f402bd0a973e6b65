#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "tests/unit/ingest/cut.h"

TestSuite(passages, .init = cut_setup, .fini = cut_teardown);

Test(passages, of_an_empty_extract_are_none)
{
    cut(500, 50);

    cr_expect_eq(n, 0);
}

Test(passages, hold_a_short_document_whole)
{
    add(CC_BLOCK_HEADING, 1, 3, "Returns");
    add(CC_BLOCK_PARAGRAPH, 0, 3, "Within 45 days.");
    add(CC_BLOCK_LIST, 0, 3, "with the box");
    add(CC_BLOCK_LIST, 0, 4, "with the stone");

    cut(500, 50);

    cr_assert_eq(n, 1);
    cr_expect_str_eq(slice[0].text, "Returns\n\nWithin 45 days.\n\nwith the box\nwith the stone");
    cr_expect_str_eq(slice[0].section, "Returns");
    cr_expect_eq(slice[0].page, 3);
}

Test(passages, are_nearly_full_and_end_with_sentences)
{
    add(CC_BLOCK_PARAGRAPH, 0, 0, prose("bowl", 300));

    cut(500, 50);

    cr_assert_gt(n, 4);
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(slice[i].text[slice[i].len - 1], '.', "%s", slice[i].text);
        cr_expect(cc_text_starts(slice[i].text, "The bowl"), "%s", slice[i].text);
        if (i + 1 < n)
            cr_expect_geq(slice[i].tokens, 310, "passage %zu has %zu", i, slice[i].tokens);
    }
}

Test(passages, repeat_at_most_the_overlap_and_something)
{
    add(CC_BLOCK_PARAGRAPH, 0, 0, prose("bowl", 300));

    cut(500, 50);

    for (size_t i = 1; i < n; i++) {
        const char *before = slice[i - 1].text;
        size_t shared = 0;

        for (size_t len = 1; len < slice[i].len && len < slice[i - 1].len; len++)
            if (!memcmp(before + slice[i - 1].len - len, slice[i].text, len))
                shared = len;
        cr_assert_gt(shared, 0, "passage %zu", i);
        cr_expect_leq(cc_tokens_count(tokens, slice[i].text, shared), 50);
    }
}

Test(passages, repeat_words_where_the_last_sentence_is_too_long)
{
    struct cc_buf text;

    cc_buf_init(&text, 1 << 20);
    for (int i = 0; i < 2000; i++)
        cc_buf_printf(&text, "word%d ", i);
    cr_assert_eq(cc_extract_add(&doc, CC_BLOCK_PARAGRAPH, 0, 0, text.bytes, text.len), 0);
    cc_buf_done(&text);

    cut(200, 20);

    for (size_t i = 1; i < n; i++) {
        const char *blank = strchr(slice[i].text, ' ');
        char *first = cc_arena_dupn(mem, slice[i].text, (size_t)(blank - slice[i].text));

        cr_expect(strstr(slice[i - 1].text, first), "'%s' is not in passage %zu", first, i - 1);
    }
}

Test(passages, lose_no_word)
{
    add(CC_BLOCK_HEADING, 1, 1, "One");
    add(CC_BLOCK_PARAGRAPH, 0, 1, prose("bowl", 90));
    add(CC_BLOCK_HEADING, 2, 2, "Two");
    add(CC_BLOCK_CODE, 0, 2, "for (;;) {\n    spin();\n}");
    add(CC_BLOCK_PARAGRAPH, 0, 3, prose("cup", 90));

    cut(120, 20);

    for (int i = 0; i < 90; i++) {
        const char *bowl = cc_arena_printf(mem, "bowl number %d stands", i);
        const char *cup = cc_arena_printf(mem, "cup number %d stands", i);
        int found = 0;

        for (size_t k = 0; k < n; k++)
            found |= (strstr(slice[k].text, bowl) ? 1 : 0) | (strstr(slice[k].text, cup) ? 2 : 0);
        cr_expect_eq(found, 3, "sentence %d", i);
    }
}

Test(passages, keep_a_heading_with_its_text)
{
    for (int i = 0; i < 12; i++) {
        add(CC_BLOCK_HEADING, 1, 0, cc_arena_printf(mem, "Heading %d", i));
        add(CC_BLOCK_HEADING, 2, 0, cc_arena_printf(mem, "Below %d", i));
        add(CC_BLOCK_PARAGRAPH, 0, 0, prose(cc_arena_printf(mem, "jar%d", i), 9));
    }

    cut(150, 20);

    for (int i = 0; i < 12; i++) {
        const char *heading = cc_arena_printf(mem, "Heading %d\n\nBelow %d\n\nThe jar%d", i, i, i);
        bool together = false;

        for (size_t k = 0; k < n; k++)
            together |= strstr(slice[k].text, heading) != NULL;
        cr_expect(together, "%s", heading);
    }
}

Test(passages, begin_a_new_section_without_repeating_the_old)
{
    add(CC_BLOCK_HEADING, 1, 1, "Cups");
    add(CC_BLOCK_PARAGRAPH, 0, 1, prose("cup", 20));
    add(CC_BLOCK_HEADING, 1, 2, "Bowls");
    add(CC_BLOCK_PARAGRAPH, 0, 2, prose("bowl", 20));

    cut(300, 50);

    cr_assert_eq(n, 2);
    cr_expect_str_eq(slice[1].section, "Bowls");
    cr_expect_eq(slice[1].page, 2);
    cr_expect(cc_text_starts(slice[1].text, "Bowls\n\nThe bowl number 0"), "%s", slice[1].text);
}

Test(passages, gather_small_sections_until_a_third_is_full)
{
    for (int i = 0; i < 6; i++) {
        add(CC_BLOCK_HEADING, 1, 0, cc_arena_printf(mem, "Part %d", i));
        add(CC_BLOCK_PARAGRAPH, 0, 0, prose("cup", 2));
    }

    cut(500, 50);

    cr_expect_eq(n, 1);
}

Test(passages, carry_the_section_of_their_first_text)
{
    add(CC_BLOCK_HEADING, 1, 0, "Care");
    add(CC_BLOCK_HEADING, 2, 0, "Descaling");
    add(CC_BLOCK_PARAGRAPH, 0, 0, "Thirty grams of citric acid.");

    cut(500, 50);

    cr_expect_str_eq(slice[0].section, "Care \xe2\x80\xba Descaling");
}

Test(passages, prefer_the_end_of_a_paragraph)
{
    add(CC_BLOCK_PARAGRAPH, 0, 0, prose("bowl", 40));
    add(CC_BLOCK_PARAGRAPH, 0, 0, prose("cup", 40));

    cut(440, 40);

    cr_assert_geq(n, 2);
    cr_expect_null(strstr(slice[0].text, "cup"), "%s", slice[0].text);
    cr_expect_not_null(strstr(slice[1].text, "cup"));
}

static const struct odd {
    const char *name, *unit;
    size_t times;
} odd[] = {
    {"one endless word", "x", 60000},
    {"no blanks at all", "\xe6\xbc\xa2\xe5\xad\x97", 8000},
    {"a ruler", "-", 60000},
    {"emoji with joiners", "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", 4000},
    {"single letters", "a b ", 20000},
    {"base64", "QUJDREVG+/", 6000},
};

Test(passages, of_odd_texts_keep_the_caps, .timeout = 60)
{
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct cc_buf text;

        cc_extract_init(&doc, CC_FILE_TEXT, mem);
        cc_buf_init(&text, 1 << 20);
        for (size_t k = 0; k < odd[i].times; k++)
            cc_buf_text(&text, odd[i].unit);
        cr_assert_eq(cc_extract_add(&doc, CC_BLOCK_PARAGRAPH, 0, 0, text.bytes, text.len), 0);
        cc_buf_done(&text);
        cut(500, 50);
        cr_expect_gt(n, 1, "%s: %zu", odd[i].name, n);
        for (size_t k = 0; k < n; k++)
            cr_expect_leq(slice[k].len, 16384, "%s", odd[i].name);
    }
}

Test(passages, of_code_keep_its_lines_and_their_indent)
{
    add(CC_BLOCK_CODE, 0, 0, "if (x) {\n    y();\n\n    z();\n}");

    cut(500, 50);

    cr_expect_str_eq(slice[0].text, "if (x) {\n    y();\n\n    z();\n}");
}

Test(passages, of_headings_alone_are_still_found)
{
    add(CC_BLOCK_HEADING, 1, 7, "Only this");

    cut(500, 50);

    cr_assert_eq(n, 1);
    cr_expect_str_eq(slice[0].text, "Only this");
    cr_expect_eq(slice[0].page, 7);
}

/* What an attacker's file may hold at most: memory and time stay bounded. */
static const struct odd hostile[] = {
    {"a code block of one endless line", "x", 4 << 20},
    {"lines of one letter", "x\n", 2 << 20},
    {"rulers", "----------------", 256 << 10},
};

Test(passages, of_the_largest_hostile_blocks_take_bounded_memory, .timeout = 120)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct cc_arena *room = cc_arena_new(300 << 20);
        size_t len = strlen(hostile[i].unit);
        char *text = malloc(len * hostile[i].times);

        for (size_t k = 0; k < hostile[i].times; k++)
            memcpy(text + k * len, hostile[i].unit, len);
        cc_extract_init(&doc, CC_FILE_MARKDOWN, room);
        cr_assert_eq(cc_extract_add(&doc, CC_BLOCK_CODE, 0, 0, text, len * hostile[i].times), 0);
        cr_assert_eq(cc_chunker_cut(&doc, tokens, CC_SHAPE, room, &slice, &n), 0);
        cr_expect_gt(n, 100, "%s", hostile[i].name);
        cr_expect_lt(cc_arena_used(room), (size_t)60 << 20, "%s: %zu MB", hostile[i].name,
                     cc_arena_used(room) >> 20);
        free(text);
        cc_arena_free(&room);
    }
}

Test(passages, of_the_largest_list_of_headings_take_bounded_memory, .timeout = 120)
{
    struct cc_arena *room = cc_arena_new(400 << 20);
    char title[CC_EXTRACT_TEXT / CC_EXTRACT_BLOCKS];

    cc_extract_init(&doc, CC_FILE_MARKDOWN, room);
    memset(title, 'h', sizeof title);
    for (size_t i = 0; i < CC_EXTRACT_BLOCKS; i++)
        cr_assert_eq(
            cc_extract_add(&doc, CC_BLOCK_HEADING, (int)(i % 6) + 1, 0, title, sizeof title), 0);

    cr_assert_eq(cc_chunker_cut(&doc, tokens, CC_SHAPE, room, &slice, &n), 0);

    cr_expect_lt(cc_arena_used(room), (size_t)240 << 20, "%zu MB", cc_arena_used(room) >> 20);
    cc_arena_free(&room);
}

Test(passages, beyond_measure_are_refused, .timeout = 120)
{
    struct cc_arena *room = cc_arena_new(400 << 20);
    const char line[] = "Q: a b c\n";
    size_t len = sizeof line - 1, lines = 32 * 1024 / len;
    char *text = cc_arena_get(room, lines * len);

    for (size_t i = 0; i < lines; i++)
        memcpy(text + i * len, line, len);
    cc_extract_init(&doc, CC_FILE_TEXT, room);
    while (doc.bytes + lines * len < CC_EXTRACT_TEXT)
        cr_assert_eq(cc_extract_add(&doc, CC_BLOCK_PARAGRAPH, 0, 0, text, lines * len), 0);

    cr_expect_eq(
        cc_chunker_cut(&doc, tokens, (struct cc_shape){32, 15, CC_SHAPE_TEXT}, room, &slice, &n),
        CC_E_LIMIT);
    cc_arena_free(&room);
}
