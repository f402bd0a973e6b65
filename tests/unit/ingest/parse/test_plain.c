#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"

static const struct row {
    const char *text, *blocks;
} rows[] = {
    {"one\ntwo\n\nthree\n", "P0 p0 [] one/two\nP0 p0 [] three\n"},
    {"one\n \t \ntwo", "P0 p0 [] one\nP0 p0 [] two\n"},
    {"Title\n=====\nwords\n", "H1 p0 [Title] Title\nP0 p0 [Title] words\n"},
    {"Part\n----\n\nwords\n", "H2 p0 [Part] Part\nP0 p0 [Part] words\n"},
    {"4.2 Returns\n\nwords", "H2 p0 [4.2 Returns] 4.2 Returns\nP0 p0 [4.2 Returns] words\n"},
    {"RETURNS AND REFUNDS\n\nwords",
     "H1 p0 [RETURNS AND REFUNDS] RETURNS AND REFUNDS\nP0 p0 [RETURNS AND REFUNDS] words\n"},
    {"3 Plans\nThis line is long enough to be running text, surely.",
     "H1 p0 [3 Plans] 3 Plans\nP0 p0 [3 Plans] This line is long enough to be running text, "
     "surely.\n"},
    {"1 Apple\n2 Pears", "P0 p0 [] 1 Apple/2 Pears\n"},
    {"2024 was a good year", "P0 p0 [] 2024 was a good year\n"},
    {"1. Wash it.", "P0 p0 [] 1. Wash it.\n"},
    {"\n\n\n", ""},
    {"", ""},
};

static int parse_plain(const char *text, size_t len, struct cc_extract *doc)
{
    return cc_parse_plain(text, len, 0, doc);
}

Test(plain_text, becomes_blocks)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        blocks_expect(parse_plain, rows[i].text, rows[i].blocks);
}

Test(plain_text, without_an_empty_line_is_cut_at_lines)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    struct cc_extract doc;
    struct cc_buf text;

    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    cc_buf_init(&text, 1 << 20);
    for (int i = 0; i < 5000; i++)
        cc_buf_printf(&text, "line number %d of a log\n", i);

    cr_assert_eq(cc_parse_plain(text.bytes, text.len, 0, &doc), 0);

    cr_assert_gt(doc.n, 2);
    for (size_t i = 0; i < doc.n; i++) {
        cr_expect_leq(doc.blocks[i].len, 32768);
        cr_expect(!strncmp(doc.blocks[i].text, "line number ", 12), "%.40s", doc.blocks[i].text);
    }
    cc_buf_done(&text);
    cc_arena_free(&mem);
}

Test(pdf_text, counts_pages_and_joins_cut_words)
{
    static const char text[] =
        "first exam-\nple and Jean-\nPaul in 2024-\n25\n\fsecond\n\n\f\fand last\f";
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_extract doc;

    cc_extract_init(&doc, CC_FILE_PDF, mem);
    cr_assert_eq(cc_parse_pdf_text(text, sizeof text - 1, &doc), 0);

    cr_expect_str_eq(blocks_show(&doc, mem), "P0 p1 [] first example and Jean-/Paul in 2024-/25\n"
                                             "P0 p2 [] second\nP0 p4 [] and last\n");
    cr_expect_eq(doc.pages, 4);
    cc_arena_free(&mem);
}

static const struct {
    const char *bytes;
    size_t len;
    const char *text;
    size_t pages;
} ends[] = {
    {"old mac\rline", 12, "P0 p0 [] old mac/line\n", 0},
    {"dos\r\nline\r\n\r\nnext", 17, "P0 p0 [] dos/line\nP0 p0 [] next\n", 0},
    {"\xef\xbb\xbfmarked", 9, "P0 p0 [] marked\n", 0},
};

Test(text_file, may_come_from_any_system)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct cc_arena *mem = cc_arena_new(1 << 20);
        struct cc_extract doc;

        cc_extract_init(&doc, CC_FILE_TEXT, mem);
        cr_expect_eq(cc_parse_text_file(NULL, ends[i].bytes, ends[i].len, &doc), 0);
        cr_expect_str_eq(blocks_show(&doc, mem), ends[i].text);
        cc_arena_free(&mem);
    }
}
