#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/frame.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"

static struct cc_arena *mem;
static struct cc_extract doc, back;
static struct cc_buf bytes;

static void setup(void)
{
    mem = cc_arena_new(16 << 20);
    cc_buf_init(&bytes, 1 << 20);
    cc_extract_init(&doc, CC_FILE_PDF, mem);
    cc_extract_add(&doc, CC_BLOCK_HEADING, 1, 1, "Plans", 5);
    cc_extract_add(&doc, CC_BLOCK_PARAGRAPH, 0, 1, "Ember and\nBlaze", 15);
    cc_extract_add(&doc, CC_BLOCK_LIST, 0, 3, "Größe", 7);
    doc.row = 7;
    cc_extract_add(&doc, CC_BLOCK_ROW, 0, 3, "Plan: Ember", 11);
    cc_extract_title(&doc, "Stoves", 6);
    cc_extract_leave(&doc);
    cc_extract_add(&doc, CC_BLOCK_LIST, 0, 4, "  deeper", 8);
    doc.pages = 4;
}

static void teardown(void)
{
    cc_buf_done(&bytes);
    cc_arena_free(&mem);
}

TestSuite(frame, .init = setup, .fini = teardown);

Test(frame, brings_the_extract_back)
{
    cc_frame_encode(&doc, 0, "", &bytes);

    int rc = cc_frame_decode(bytes.bytes, bytes.len, mem, &back);

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(blocks_show(&back, mem), blocks_show(&doc, mem));
    cr_expect_eq(back.type, CC_FILE_PDF);
    cr_expect_eq(back.pages, 4);
    cr_expect_eq(back.blocks[2].row, 0);
    cr_expect_eq(back.blocks[3].row, 7);
    cr_expect_str_eq(back.title, "Stoves");
    cr_expect_str_eq(back.blocks[4].section, "");
    cr_expect_str_eq(back.blocks[4].text, "  deeper");
}

Test(frame, may_say_between_records_which_page_is_read)
{
    cc_frame_begin(&bytes);
    cc_frame_page(1, &bytes);
    cc_frame_page(4, &bytes);
    cc_frame_end(&doc, 0, "", &bytes);

    int rc = cc_frame_decode(bytes.bytes, bytes.len, mem, &back);

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_eq(back.n, 5);
}

Test(frame, cut_anywhere_tells_the_last_page_it_has_whole)
{
    cc_frame_begin(&bytes);
    cc_frame_page(1, &bytes);
    cc_frame_page(4, &bytes);

    cr_expect_eq(cc_frame_last_page(bytes.bytes, bytes.len), 4);
    for (size_t len = 13; len < bytes.len; len++)
        cr_expect_eq(cc_frame_last_page(bytes.bytes, len), 1, "%zu", len);
    for (size_t len = 0; len < 13; len++)
        cr_expect_eq(cc_frame_last_page(bytes.bytes, len), 0, "%zu", len);
}

Test(frame, brings_the_failure_and_its_words)
{
    cc_frame_encode(&doc, CC_E_ENCRYPTED, "the PDF wants a password", &bytes);

    int rc = cc_frame_decode(bytes.bytes, bytes.len, mem, &back);

    cr_expect_eq(rc, CC_E_ENCRYPTED);
    cr_expect_str_eq(cc_fail_text(), "the PDF wants a password");
}

Test(frame, of_a_failure_that_no_file_can_have_is_damaged)
{
    static const int codes[] = {CC_E_DOWN,     CC_E_BUSY,   CC_E_CANCELLED, CC_E_TIMEOUT,
                                CC_E_CONFLICT, CC_E_FENCED, CC_E_NOTFOUND};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        cc_buf_reset(&bytes);
        cc_frame_encode(&doc, codes[i], "try again", &bytes);
        cr_expect_eq(cc_frame_decode(bytes.bytes, bytes.len, mem, &back), CC_E_PARSER, "%s",
                     cc_error_name(codes[i]));
    }
}

Test(frame, of_a_failure_shows_no_control_characters)
{
    cc_frame_encode(&doc, CC_E_PARSER, "a\nb\x1b[31m\xff", &bytes);

    cc_frame_decode(bytes.bytes, bytes.len, mem, &back);

    cr_expect_str_eq(cc_fail_text(), "a?b?[31m?");
}

Test(frame, without_a_block_is_no_text)
{
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    cc_frame_encode(&doc, 0, "", &bytes);

    cr_expect_eq(cc_frame_decode(bytes.bytes, bytes.len, mem, &back), CC_E_NOTEXT);
}

Test(frame, is_refused_when_cut_anywhere)
{
    cc_frame_encode(&doc, 0, "", &bytes);

    for (size_t len = 0; len < bytes.len; len++)
        cr_expect_eq(cc_frame_decode(bytes.bytes, len, mem, &back), CC_E_PARSER, "%zu", len);
}

Test(frame, is_refused_with_anything_behind)
{
    cc_frame_encode(&doc, 0, "", &bytes);
    cc_buf_char(&bytes, 'B');

    cr_expect_eq(cc_frame_decode(bytes.bytes, bytes.len, mem, &back), CC_E_PARSER);
}

/* offset of a byte to change; what it becomes */
static const struct {
    size_t at;
    char to;
    const char *what;
} damage[] = {
    {0, 'X', "magic"},         {4, 'B', "no type"},         {5, 2, "length of the type"},
    {9, 99, "type"},           {21, 'Z', "kind of record"}, {26, 9, "kind of block"},
    {27, 9, "level"},          {31, 1, "page beyond all"},  {22, 0x7f, "length"},
    {25, 0x7f, "huge length"}, {35, -128, "row"},           {10, 'B', "a block for a title"},
};

Test(frame, is_refused_when_damaged)
{
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        cc_buf_reset(&bytes);
        cc_frame_encode(&doc, 0, "", &bytes);
        bytes.bytes[damage[i].at] = damage[i].to;
        cr_expect_eq(cc_frame_decode(bytes.bytes, bytes.len, mem, &back), CC_E_PARSER, "%s",
                     damage[i].what);
    }
}

Test(frame, cannot_smuggle_dirty_text)
{
    static const char dirty[] = "CCP1D\1\0\0\0\0B\x11\0\0\0\1\0\0\0\0\0\0\0\0\0a\0\x1b\xff b "
                                "E\x07\0\0\0\0\0\0\0ok\0";

    int rc = cc_frame_decode(dirty, sizeof dirty - 1, mem, &back);

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(back.blocks[0].text, "a\xef\xbf\xbd b");
}
