#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"

#define TEXT                                                                                       \
    "Goods go back within thirty days, unworn and in the box they came in, and the money follows " \
    "within a week, whatever way it was paid."

static const struct row {
    const char *text, *blocks;
} rows[] = {
    {"one\ftwo\f", "P0 p1 [] one\nP0 p2 [] two\n"},
    {"an exam-\nple of Jean-\nPaul and 2024-\n25",
     "P0 p1 [] an example of Jean-/Paul and 2024-/25\n"},
    {"a hy\xe2\x80\x90\nphen", "P0 p1 [] a hyphen\n"},
    {"Before.\n\n3\n\nReturns\n\n" TEXT,
     "P0 p1 [] Before.\nH1 p1 [3 Returns] 3 Returns\nP0 p1 [3 Returns] " TEXT "\n"},
    {"Before.\n\n3.1\n\nReturns\n\n" TEXT,
     "P0 p1 [] Before.\nH2 p1 [3.1 Returns] 3.1 Returns\nP0 p1 [3.1 Returns] " TEXT "\n"},
    {"3\n\nSmith and others\n\n" TEXT, /* the number of a page, and its head */
     "P0 p1 [] 3\nP0 p1 [] Smith and others\nP0 p1 [] " TEXT "\n"},
    {"Sending it back\n\n" TEXT,
     "H3 p1 [Sending it back] Sending it back\nP0 p1 [Sending it back] " TEXT "\n"},
    {"and so it\n\nGoes on here\n\n" TEXT,
     "P0 p1 [] and so it\nP0 p1 [] Goes on here\nP0 p1 [] " TEXT "\n"},
    {"Where to Send\nGoods that are sent\nback go to the shop they were\nbought in, or to the next "
     "one, if that has closed, or moved, or burnt.",
     "H3 p1 [Where to Send] Where to Send\nP0 p1 [Where to Send] Goods that are sent/back go to "
     "the shop they were/bought in, or to the next one, if that has closed, or moved, or burnt.\n"},
    {"Amount\n\n12.50\n\nName\n\nSmith", "P0 p1 [] Amount\nP0 p1 [] 12.50\nP0 p1 [] Name\nP0 p1 [] "
                                         "Smith\n"},
    {"\f\f", ""},
    {"", ""},
};

Test(pdf_text, becomes_blocks)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        blocks_expect(cc_parse_pdf_text, rows[i].text, rows[i].blocks);
}

/* n pages of the same shape; body lines differ. */
static size_t count(const char *head, const char *foot, size_t lines, const char *words)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_extract doc;
    struct cc_buf text;
    size_t n = 0;

    cc_buf_init(&text, 1 << 18);
    for (int page = 1; page <= 6; page++) {
        cc_buf_printf(&text, "%s %d\n\n", head, page);
        for (size_t i = 0; i < lines; i++)
            cc_buf_printf(&text, "line %c of page %c is here\n", (char)('a' + i),
                          (char)('a' + page));
        cc_buf_printf(&text, "\n%s\n\n%d\n\f", foot, 40 + page);
    }
    cc_extract_init(&doc, CC_FILE_PDF, mem);
    cr_expect_eq(cc_parse_pdf_text(text.bytes, text.len, &doc), 0);
    cr_expect_eq(doc.pages, 6);
    for (size_t i = 0; i < doc.n; i++)
        for (const char *at = doc.blocks[i].text; (at = strstr(at, words)); at++)
            n++;
    cc_buf_done(&text);
    cc_arena_free(&mem);
    return n;
}

Test(pdf_text, heads_of_pages_come_once_and_their_numbers_never)
{
    cr_expect_eq(count("Handbook of returns, page", "Acme", 14, "Handbook"), 1);
    cr_expect_eq(count("Handbook of returns, page", "Acme", 14, "Acme"), 1);
    cr_expect_eq(count("Handbook of returns, page", "Acme", 14, "43"), 0);
    cr_expect_eq(count("Handbook of returns, page", "Acme", 14, "is here"), 6 * 14);
}

Test(pdf_text, pages_of_a_few_lines_are_left_as_they_are)
{
    cr_expect_eq(count("Handbook of returns, page", "Acme", 2, "Handbook"), 6);
}

Test(pdf_text, amounts_at_the_foot_are_no_page_numbers)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_extract doc;
    struct cc_buf text;

    cc_buf_init(&text, 1 << 18);
    for (int page = 1; page <= 6; page++) {
        for (int i = 0; i < 14; i++)
            cc_buf_printf(&text, "line %c%c\n", (char)('a' + i), (char)('a' + page));
        cc_buf_printf(&text, "\n%d\n\f", page * page * 7);
    }
    cc_extract_init(&doc, CC_FILE_PDF, mem);
    cr_assert_eq(cc_parse_pdf_text(text.bytes, text.len, &doc), 0);

    cr_expect(strstr(blocks_show(&doc, mem), "252"));
    cr_expect(strstr(blocks_show(&doc, mem), "63"));
    cc_buf_done(&text);
    cc_arena_free(&mem);
}

Test(pdf_text, of_more_pages_than_a_document_may_have_is_refused)
{
    struct cc_arena *mem = cc_arena_new(8 << 20);
    char *text = cc_arena_get(mem, CC_EXTRACT_PAGES + 1);
    struct cc_extract doc;

    memset(text, '\f', CC_EXTRACT_PAGES + 1);
    cc_extract_init(&doc, CC_FILE_PDF, mem);
    cr_expect_eq(cc_parse_pdf_text(text, CC_EXTRACT_PAGES, &doc), 0);
    cr_expect_eq(doc.pages, CC_EXTRACT_PAGES);
    cr_expect_eq(cc_parse_pdf_text(text, CC_EXTRACT_PAGES + 1, &doc), CC_E_LIMIT);
    cc_arena_free(&mem);
}
