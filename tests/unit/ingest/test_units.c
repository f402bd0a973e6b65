/* Rows, tables and pairs, and what stays the same after an edit. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ingest/cut.h"

TestSuite(passages, .init = cut_setup, .fini = cut_teardown);

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
