#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/ocr.h"
#include "ingest/parse/frame.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/task/loop.h"
#include "tests/integration/ingest/files.h"

static struct cc_arena *mem;
static struct cc_extract doc;
static char program[] = "/tmp/cc-ocr-XXXXXX";

static void setup(void)
{
    cc_config_load();
    cc_loop_init(NULL);
    mem = cc_arena_new(64 << 20);
    close(mkstemp(program));
}

static void teardown(void)
{
    unlink(program);
    cc_arena_free(&mem);
    cc_loop_done();
}

TestSuite(ocr, .init = setup, .fini = teardown, .timeout = 60);

static void write_program(const char *script)
{
    FILE *file = fopen(program, "we");

    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    chmod(program, 0700);
}

static int read_bytes(const char *script, const void *bytes, size_t len, int ocr_ms)
{
    const struct cc_jail jail = {.ocr = script ? program : "", .ocr_ms = ocr_ms};
    const struct cc_jail_file file = {.bytes = bytes, .len = len};
    struct cc_jail_result result;
    int rc;

    if (script)
        write_program(script);
    rc = cc_ocr_read(&jail, &file, &result);
    if (rc)
        return rc;
    rc = cc_frame_decode(result.out.bytes, result.out.len, mem, &doc);
    cc_buf_done(&result.out);
    return rc;
}

static int read_scan(const char *script)
{
    struct cc_buf pdf;
    int rc;

    files_read("tests/fixtures/ingest/drawing.pdf", &pdf);
    rc = read_bytes(script, pdf.bytes, pdf.len, 1000);
    cc_buf_done(&pdf);
    return rc;
}

Test(ocr, is_not_done_without_a_program)
{
    cr_expect_eq(read_scan(NULL), CC_E_NOTEXT);
    cr_expect_eq(cc_ocr_check(&(struct cc_jail){.ocr = ""}), 0);
}

Test(ocr, program_is_checked_at_the_start)
{
    write_program("true");

    cr_expect_eq(cc_ocr_check(&(struct cc_jail){.ocr = program}), 0);
    cr_expect_eq(cc_ocr_check(&(struct cc_jail){.ocr = "/nonexistent"}), CC_E_NOTFOUND);
    cr_expect_eq(cc_ocr_check(&(struct cc_jail){.ocr = "tesseract"}), CC_E_INVALID);
}

Test(ocr, of_a_pdf_without_text_brings_its_pages)
{
    int rc = read_scan("test \"$(head -c 5)\" = %PDF- || exit 9\n"
                       "printf 'The first page says this.\\n\\fAnd the second one that.\\n\\f'");

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_assert_eq(doc.n, 2);
    cr_expect_str_eq(doc.blocks[0].text, "The first page says this.");
    cr_expect_eq(doc.blocks[0].page, 1);
    cr_expect_str_eq(doc.blocks[1].text, "And the second one that.");
    cr_expect_eq(doc.blocks[1].page, 2);
    cr_expect_eq(doc.type, CC_FILE_PDF);
}

Test(ocr, of_a_picture_brings_its_text)
{
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    cr_expect_eq(read_bytes(NULL, png, sizeof png - 1, 0), CC_E_TYPE);
    cr_assert_eq(read_bytes("echo 'No entry, please.'", png, sizeof png - 1, 1000), 0, "%s",
                 cc_fail_text());
    cr_expect_str_eq(doc.blocks[0].text, "No entry, please.");
}

Test(ocr, is_not_asked_about_files_with_text_or_of_other_kinds)
{
    static const char binary[] = "MZ\0\1\2\3\0\0\0\377\376";

    cr_assert_eq(read_bytes("echo seen", "Some text.", 10, 1000), 0);
    cr_expect_str_eq(doc.blocks[0].text, "Some text.");
    cr_expect_eq(read_bytes("echo seen", binary, sizeof binary - 1, 1000), CC_E_TYPE);
    cr_expect_eq(read_bytes("echo seen", "  \n ", 4, 1000), CC_E_NOTEXT);
}

static const struct {
    const char *what, *script;
    int rc;
} bad[] = {
    {"finds nothing", "exit 0", CC_E_NOTEXT},
    {"fails", "echo half; exit 3", CC_E_PARSER},
    {"crashes", "kill -SEGV $$", CC_E_PARSER},
    {"hangs", "echo half; sleep 1000", CC_E_LIMIT},
    {"floods", "yes", CC_E_LIMIT},
    {"leaves a child behind", "sleep 1000 & exit 0", CC_E_LIMIT},
};

Test(ocr, program_that_misbehaves_costs_this_document_only)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t began = cc_clock_ms();

        cr_expect_eq(read_scan(bad[i].script), bad[i].rc, "%s: %s", bad[i].what, cc_fail_text());
        cr_expect_lt(cc_clock_ms() - began, 6000, "%s", bad[i].what);
    }
}

Test(ocr, program_gets_no_key_and_no_descriptor_of_ours)
{
    setenv("CC_OPENAI_KEY", "sk-very-secret", 1);

    cr_assert_eq(read_scan("echo text; env; ls /proc/self/fd | tr '\\n' ' '"), 0, "%s",
                 cc_fail_text());

    for (size_t i = 0; i < doc.n; i++) {
        cr_expect_null(strstr(doc.blocks[i].text, "sk-very-secret"));
        cr_expect_null(strstr(doc.blocks[i].text, " 4 "), "%s", doc.blocks[i].text);
    }
}

Test(ocr, text_that_is_no_utf8_is_cleaned_in_the_jail)
{
    cr_assert_eq(read_scan("printf 'caf\\351 and \\033[31mred\\000 words'"), 0, "%s",
                 cc_fail_text());

    cr_expect_null(strchr(doc.blocks[0].text, '\033'));
    cr_expect_not_null(strstr(doc.blocks[0].text, "words"), "%s", doc.blocks[0].text);
}
