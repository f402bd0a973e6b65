#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/frame.h"
#include "ingest/prepare.h"
#include "proto/base/hash.h"
#include "proto/task/loop.h"
#include "proto/task/offload.h"
#include "tests/unit/ingest/models.h"

static struct cc_arena *mem;
static struct cc_tokens *tokens;
static struct cc_prepared prepared;
static struct cc_buf frames;

static void setup(void)
{
    cc_loop_init(NULL);
    cr_assert_eq(cc_offload_open(1, 4), 0);
    mem = cc_arena_new(16 << 20);
    tokens = models_tokens();
    prepared = (struct cc_prepared){0};
}

static void teardown(void)
{
    cc_arena_free(&prepared.mem);
    cc_offload_close();
    cc_tokens_free(&tokens);
    cc_arena_free(&mem);
    cc_loop_done();
}

TestSuite(prepared, .init = setup, .fini = teardown, .timeout = 20);

/* Three pairs: three passages. */
static void write_frames(int code, const char *words)
{
    struct cc_extract doc;

    cc_extract_init(&doc, CC_FILE_PDF, mem);
    doc.pages = 2;
    cc_extract_title(&doc, "Questions", 9);
    cc_extract_add(&doc, CC_BLOCK_PAIR, 0, 1, "How long?\nThree days.", 21);
    cc_extract_add(&doc, CC_BLOCK_PAIR, 0, 1, "How much?\nNothing.", 18);
    cc_extract_add(&doc, CC_BLOCK_PAIR, 0, 2, "Who?\nNobody.", 12);
    cc_buf_init(&frames, 1 << 20);
    cc_frame_encode(&doc, code, words, &frames);
}

static const char *hash(const char *text)
{
    return cc_sha256_hex(text, strlen(text), cc_arena_get(mem, CC_SHA256_HEX));
}

static int prepare(const struct cc_chunk_edit *edits, int n)
{
    const struct cc_prepare_opts opts = {tokens, CC_SHAPE, edits, n};

    write_frames(0, "");
    return cc_prepare(&opts, &frames, &prepared);
}

Test(prepared, passages_carry_the_hash_of_their_text)
{
    cr_assert_eq(prepare(NULL, 0), 0, "%s", cc_fail_text());

    cr_assert_eq(prepared.n, 3);
    cr_expect_eq(prepared.type, CC_FILE_PDF);
    cr_expect_eq(prepared.pages, 2);
    cr_expect_str_eq(prepared.title, "Questions");
    for (size_t i = 0; i < prepared.n; i++) {
        cr_expect_str_eq(prepared.slice[i].text_sha256, hash(prepared.slice[i].text));
        cr_expect_eq(prepared.slice[i].edit, 0);
        cr_expect_not(prepared.slice[i].disabled);
    }
    cr_expect_null(frames.bytes, "taken over");
}

Test(prepared, passages_have_what_the_owner_did_to_them_laid_over)
{
    const struct cc_chunk_edit edits[] = {
        {7, hash("How much?\nNothing."), "It is a gift.", "Prices", true},
        {8, hash("Who?\nNobody."), "", "", false},
        {9, "", "Call us.", "Help", true},
        {10, hash("Why?\nBecause."), "of a text that has gone", "", true},
        {11, "", "Closed on Mondays.", "", false},
    };

    cr_assert_eq(prepare(edits, 5), 0, "%s", cc_fail_text());

    const struct cc_slice *slice = prepared.slice;

    cr_assert_eq(prepared.n, 5);
    cr_expect_str_eq(slice[0].text, "How long?\nThree days.");
    cr_expect_eq(slice[0].edit, 0);
    cr_expect_str_eq(slice[1].text, "It is a gift.");
    cr_expect_str_eq(slice[1].section, "Prices");
    cr_expect_eq(slice[1].edit, 7);
    cr_expect_str_eq(slice[1].text_sha256, hash("How much?\nNothing."), "of the text as parsed");
    cr_expect_eq(slice[1].tokens, cc_tokens_count(tokens, "It is a gift.", 13));
    cr_expect_str_eq(slice[2].text, "Who?\nNobody.");
    cr_expect(slice[2].disabled && slice[2].edit == 8);
    cr_expect_str_eq(slice[3].text, "Call us.");
    cr_expect_str_eq(slice[3].section, "Help");
    cr_expect_str_eq(slice[3].text_sha256, "");
    cr_expect(slice[3].edit == 9 && !slice[3].disabled);
    cr_expect(slice[4].edit == 11 && slice[4].disabled);
}

Test(prepared, passages_of_a_file_that_could_not_be_read_are_none)
{
    const struct cc_prepare_opts opts = {tokens, CC_SHAPE, NULL, 0};

    write_frames(CC_E_ENCRYPTED, "the PDF wants a password");

    cr_expect_eq(cc_prepare(&opts, &frames, &prepared), CC_E_ENCRYPTED);
    cr_expect_str_eq(cc_fail_text(), "the PDF wants a password");
}
