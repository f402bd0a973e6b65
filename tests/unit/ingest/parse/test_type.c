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
    {"an archive cut off", BYTES(ZIP), CC_E_PARSER, 0},
    {"a program", BYTES(ELF), CC_E_TYPE, 0},
    {"a web page", BYTES("<!DOCTYPE html><html><body>hi</body></html>"), 0, CC_FILE_TEXT},
    {"old Word", BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"),
     CC_E_TYPE, 0},
    {"new Word behind a password",
     BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"),
     CC_E_ENCRYPTED, 0},
    {"half a container", BYTES("PK\3\4\x14\0\0"), CC_E_PARSER, 0},
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

static const struct {
    const char *text;
    bool html;
} pages[] = {
    {"<!DOCTYPE html><html><body>hi</body></html>", true},
    {"  \n<HTML lang=\"en\"><p>hi", true},
    {"<?xml version=\"1.0\"?>\n<!-- made by hand -->\n<html xmlns=\"x\"><p>hi</p></html>", true},
    {"<div class=\"a\"><p>a piece of a page</p></div>", true},
    {"<p>not closed", false},
    {"<?xml version=\"1.0\"?><rss><channel></channel></rss>", false},
    {"<pre-release> is a word of ours </pre-release>", false},
    {"a < b and b > c", false},
    {"<!-- never closed", false},
    {"<", false},
    {"", false},
};

Test(type, is_html_when_it_begins_with_a_tag_of_html)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        cr_expect_eq(cc_type_is_html(pages[i].text, strlen(pages[i].text)), pages[i].html, "%s",
                     pages[i].text);
}
