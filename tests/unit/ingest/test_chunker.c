#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/chunker.h"
#include "proto/base/buf.h"
#include "proto/base/text.h"
#include "tests/unit/ingest/models.h"

static struct cc_arena *mem;
static struct cc_tokens *tokens;
static struct cc_extract doc;
static struct cc_slice *slice;
static size_t n;

static void setup(void)
{
    mem = cc_arena_new(256 << 20);
    tokens = models_tokens();
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
}

static void teardown(void)
{
    cc_tokens_free(&tokens);
    cc_arena_free(&mem);
}

TestSuite(passages, .init = setup, .fini = teardown);

static void add(enum cc_block_kind kind, int level, int page, const char *text)
{
    cr_assert_eq(cc_extract_add(&doc, kind, level, page, text, strlen(text)), 0);
}

/* times sentences, each of which can be told from the others */
static char *prose(const char *word, int times)
{
    struct cc_buf text;
    char *copy;

    cc_buf_init(&text, 1 << 20);
    for (int i = 0; i < times; i++)
        cc_buf_printf(&text, "%sThe %s number %d stands on a shelf.", i ? " " : "", word, i);
    copy = cc_arena_dupn(mem, text.bytes, text.len);
    cc_buf_done(&text);
    return copy;
}

static void cut(size_t max_tokens, size_t overlap)
{
    struct cc_shape shape = {max_tokens, overlap, CC_SHAPE_AUTO};

    cr_assert_eq(cc_chunker_cut(&doc, tokens, shape, mem, &slice, &n), 0);
    for (size_t i = 0; i < n; i++) {
        cr_assert_leq(slice[i].tokens, max_tokens, "passage %zu", i);
        cr_assert_eq(slice[i].tokens, cc_tokens_count(tokens, slice[i].text, slice[i].len));
        cr_assert_eq(strlen(slice[i].text), slice[i].len);
        cr_assert(cc_utf8_valid(slice[i].text, slice[i].len));
        cr_assert(slice[i].len);
    }
}

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

/* A sheet of that many records; row 1 is the header, as in the file. */
static void add_rows(int from, int count)
{
    for (int i = 0; i < count; i++) {
        doc.row = from + i + 1;
        add(CC_BLOCK_ROW, 0, 1,
            cc_arena_printf(mem, "Part: P-%d | Name: bowl of size %d | Price: %d euros", from + i,
                            from + i, 3 * (from + i)));
    }
    doc.row = 0;
}

Test(passages, of_rows_hold_several_whole_ones_and_name_the_first)
{
    add_rows(1, 60);

    cut(200, 40);

    cr_assert_gt(n, 3);
    for (size_t i = 0; i < n; i++) {
        const char *text = slice[i].text;
        int first = (int)strtol(text + strlen("Part: P-"), NULL, 10);

        cr_expect(cc_text_starts(text, "Part: P-"), "%s", text);
        cr_expect_not_null(strchr(text, '\n'), "only one row: %s", text);
        cr_expect_eq(slice[i].row, first + 1);
        cr_expect_eq(slice[i].kind, CC_BLOCK_ROW);
        cr_expect(strstr(text + slice[i].len - 6, "euros"), "%s", text);
    }
}

Test(passages, of_rows_repeat_none)
{
    size_t lines = 0;

    add_rows(1, 60);

    cut(200, 40);

    for (size_t i = 0; i < n; i++)
        for (const char *at = slice[i].text; at; at = strchr(at + 1, '\n'))
            lines++;
    cr_expect_eq(lines, 60);
}

Test(passages, cut_a_row_between_cells_only_when_it_is_longer_than_one)
{
    add(CC_BLOCK_ROW, 0, 0,
        cc_arena_printf(mem, "A: %s | B: %s | C: end", prose("jar", 6), prose("pot", 6)));

    cut(150, 10);
    cr_expect_eq(n, 1, "it fits: %zu passages", n);
    cut(80, 10);

    cr_expect_geq(n, 2);
    cr_expect(cc_text_starts(slice[1].text, "B: ") || strstr(slice[0].text, "| B: "));
}

static void add_table_below(const char *header, int rows)
{
    struct cc_buf text;

    cc_buf_init(&text, 1 << 20);
    cc_buf_text(&text, header);
    for (int i = 0; i < rows; i++)
        cc_buf_printf(&text, "\nplan %d | %d euros | the oven with number %d", i, 7 * i, i);
    cr_assert_eq(cc_extract_add(&doc, CC_BLOCK_TABLE, 0, 2, text.bytes, text.len), 0);
    cc_buf_done(&text);
}

static void add_table(int rows)
{
    add_table_below("Plan | Price | Oven", rows);
}

Test(passages, of_a_cut_table_all_begin_with_its_header)
{
    add(CC_BLOCK_HEADING, 1, 2, "Plans");
    add_table(70);

    cut(150, 20);

    cr_assert_gt(n, 3);
    cr_expect(cc_text_starts(slice[0].text, "Plans\n\nPlan | Price | Oven\nplan 0 |"));
    for (size_t i = 1; i < n; i++) {
        const char *row = strchr(slice[i].text, '\n') + 1;

        cr_expect(cc_text_starts(slice[i].text, "Plan | Price | Oven\nplan "), "%s", slice[i].text);
        cr_expect_null(
            strstr(slice[i - 1].text, cc_arena_dupn(mem, row, (size_t)(strchr(row, '|') - row))),
            "a row twice: %s", row);
        cr_expect_eq(slice[i].kind, CC_BLOCK_TABLE);
    }
}

Test(passages, repeat_all_of_a_header_that_begins_with_an_empty_cell)
{
    add_table_below(" | цена | печь исполнении", 70);

    cut(150, 20);

    cr_assert_gt(n, 3);
    for (size_t i = 1; i < n; i++)
        cr_expect(cc_text_starts(slice[i].text, " | цена | печь исполнении\nplan "), "%s",
                  slice[i].text);
}

Test(passages, never_cut_a_line_of_a_table)
{
    add_table(70);

    cut(100, 20);

    for (size_t i = 0; i < n; i++)
        for (const char *at = strchr(slice[i].text, '\n'); at; at = strchr(at + 1, '\n')) {
            const char *end = strchr(at + 1, '\n') ? strchr(at + 1, '\n') : at + strlen(at);

            cr_expect(cc_text_starts(at + 1, "plan "), "%s", at + 1);
            cr_expect(end[-1] >= '0' && end[-1] <= '9', "%s", at + 1);
        }
}

Test(passages, of_pairs_hold_one_each_below_its_heading)
{
    add(CC_BLOCK_PARAGRAPH, 0, 1, "All about ovens.");
    add(CC_BLOCK_HEADING, 1, 1, "Delivery");
    add(CC_BLOCK_PAIR, 0, 1, "How long?\nThree days.");
    add(CC_BLOCK_PAIR, 0, 1, "How much?\nNothing.");
    add(CC_BLOCK_PARAGRAPH, 0, 2, "Thank you.");

    cut(200, 20);

    cr_assert_eq(n, 4);
    cr_expect_str_eq(slice[0].text, "All about ovens.");
    cr_expect_str_eq(slice[1].text, "Delivery\n\nHow long?\nThree days.");
    cr_expect_eq(slice[1].kind, CC_BLOCK_PAIR);
    cr_expect_str_eq(slice[2].text, "How much?\nNothing.");
    cr_expect_str_eq(slice[3].text, "Thank you.");
}

Test(passages, of_a_long_pair_repeat_the_question)
{
    add(CC_BLOCK_PAIR, 0, 0, cc_arena_printf(mem, "How many bowls?\n%s", prose("bowl", 40)));

    cut(150, 20);

    cr_assert_gt(n, 2);
    for (size_t i = 0; i < n; i++)
        cr_expect(cc_text_starts(slice[i].text, "How many bowls?\nThe bowl number"), "%s",
                  slice[i].text);
}

/* Passages of the last cut whose text the one before did not have. */
static size_t count_new(const struct cc_slice *old, size_t old_n)
{
    size_t changed = 0;

    for (size_t i = 0; i < n; i++) {
        bool found = false;

        for (size_t k = 0; k < old_n && !found; k++)
            found = !strcmp(old[k].text, slice[i].text);
        changed += !found;
    }
    return changed;
}

/* A long section without headings; paragraph `edited` says something else. */
static void add_section(int edited)
{
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    for (int i = 0; i < 900; i++) {
        const char *word = cc_arena_printf(mem, i == edited ? "edited%d" : "cup%d", i);

        add(CC_BLOCK_PARAGRAPH, 0, 0, prose(word, i == edited ? 11 : 4 + i * 7 % 5));
    }
}

Test(passages, far_from_an_edit_stay_as_they_were, .timeout = 60)
{
    size_t worst = 0, all = 0;
    struct cc_slice *old;
    size_t old_n;

    add_section(-1);
    cut(500, 50);
    old = slice;
    old_n = n;
    cr_assert_gt(old_n, 150);
    for (int edited = 400; edited < 500; edited += 10) {
        size_t changed;

        add_section(edited);
        cut(500, 50);
        changed = count_new(old, old_n);
        all += changed;
        worst = changed > worst ? changed : worst;
    }

    cr_expect_leq(worst, 20, "%zu of %zu", worst, n);
    cr_expect_leq(all, 60, "%zu for ten edits", all);
}

Test(passages, far_from_a_new_row_stay_as_they_were)
{
    struct cc_slice *old;
    size_t old_n;

    add_rows(1, 2000);
    cut(500, 50);
    old = slice;
    old_n = n;
    cc_extract_init(&doc, CC_FILE_CSV, mem);
    add_rows(1, 1000);
    add(CC_BLOCK_ROW, 0, 1, "Part: new | Name: a bowl that nobody had | Price: 1 euro");
    add_rows(1001, 1000);

    cut(500, 50);

    cr_expect_leq(count_new(old, old_n), 8, "%zu of %zu", count_new(old, old_n), n);
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
    struct cc_arena *room = cc_arena_new(300 << 20);
    char title[160];

    cc_extract_init(&doc, CC_FILE_MARKDOWN, room);
    memset(title, 'h', sizeof title);
    for (size_t i = 0; i < CC_EXTRACT_BLOCKS; i++)
        cr_assert_eq(
            cc_extract_add(&doc, CC_BLOCK_HEADING, (int)(i % 6) + 1, 0, title, sizeof title), 0);

    cr_assert_eq(cc_chunker_cut(&doc, tokens, CC_SHAPE, room, &slice, &n), 0);

    cr_expect_lt(cc_arena_used(room), (size_t)200 << 20, "%zu MB", cc_arena_used(room) >> 20);
    cc_arena_free(&room);
}
