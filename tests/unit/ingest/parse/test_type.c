#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/type.h"
#include "proto/base/error.h"

#define BYTES(s) (s), sizeof(s) - 1
#define PNG      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0"
#define ZIP      "PK\3\4\x14\0\0\0\x08\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0a.txt"
#define ELF                                                                                        \
    "\x7f"                                                                                         \
    "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0>\0\1\0\0\0"

static const struct row {
    const char *name, *bytes;
    size_t len;
    int rc;
    enum cc_file_type type;
} rows[] = {
    {"nothing", BYTES(""), CC_E_NOTEXT, 0},
    {"a pdf", BYTES("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), 0, CC_FILE_PDF},
    {"a pdf behind garbage", BYTES("\0\0garbage\n%PDF-1.3\n"), 0, CC_FILE_PDF},
    {"a pdf without its head", BYTES("\xff\xfe\xfd 1 0 obj\nstartxref\n12\n%%EOF"), 0, CC_FILE_PDF},
    {"words about pdf files", BYTES("they end with startxref and %%EOF\n"), 0, CC_FILE_TEXT},
    {"text", BYTES("just words\n"), 0, CC_FILE_TEXT},
    {"one letter", BYTES("a"), 0, CC_FILE_TEXT},
    {"utf-16 with mark", BYTES("\xff\xfeh\0i\0"), 0, CC_FILE_TEXT},
    {"utf-16 without", BYTES("h\0i\0 \0y\0o\0u\0"), 0, CC_FILE_TEXT},
    {"latin-1", BYTES("caf\xe9 au lait, d\xe9j\xe0 vu\n"), 0, CC_FILE_TEXT},
    {"json", BYTES("{\"a\": [1, 2, 3]}\n"), 0, CC_FILE_TEXT},
    {"a picture", BYTES(PNG), CC_E_TYPE, 0},
    {"an archive", BYTES(ZIP), CC_E_TYPE, 0},
    {"a program", BYTES(ELF), CC_E_TYPE, 0},
    {"a web page", BYTES("<!DOCTYPE html><html><body>hi</body></html>"), CC_E_TYPE, 0},
    {"rich text", BYTES("{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Courier;}} hi}"), CC_E_TYPE, 0},
    {"postscript", BYTES("%!PS-Adobe-3.0\n%%Title: x\n"), CC_E_TYPE, 0},
    {"bytes", BYTES("\1\2\3\4\5\6\x0e\x0f\x10\x11\x12\x13\1\2\3\4abc\5\6"), CC_E_TYPE, 0},
};

Test(type, is_found_by_the_bytes_alone)
{
    struct cc_magic *magic = NULL;

    cr_assert_eq(cc_magic_open(&magic), 0, "%s", cc_fail_text());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum cc_file_type type = CC_FILE_COUNT;

        int rc = cc_type_find(magic, rows[i].bytes, rows[i].len, &type);

        cr_expect_eq(rc, rows[i].rc, "%s: %s", rows[i].name, cc_error_name(rc));
        if (!rc)
            cr_expect_eq(type, rows[i].type, "%s: %s", rows[i].name, cc_file_mime(type));
    }
    cc_magic_free(&magic);
    cr_expect_null(magic);
}

static const struct {
    const char *text;
    bool markdown;
} texts[] = {
    {"# One\n\nwords\n\n## Two\n", true},
    {"words\n\n```\ncode\n```\n", true},
    {"| a | b |\n|---|---|\n| 1 | 2 |\n", true},
    {"see [here](https://example.com) and\n[there](#anchor)\n", true},
    {"# only one sign\n\nand nothing else\n", false},
    {"#hashtag #another\n#third\n", false},
    {"From: a <a@example.com>\nSubject: x\n\n* one\n* two\n", false},
    {"a * b * c = d\n__init__(self)\n", false},
    {"", false},
};

Test(type, is_markdown_by_two_signs)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_eq(cc_type_is_markdown(texts[i].text, strlen(texts[i].text)), texts[i].markdown,
                     "%s", texts[i].text);
}
