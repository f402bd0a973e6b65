#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/upload.h"
#include "proto/base/error.h"
#include "proto/base/json.h"

static struct cc_arena *mem;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
}

TestSuite(upload, .init = begin, .fini = end);
TestSuite(filename, .init = begin, .fini = end);

Test(filename, keeps_the_last_part_without_controls)
{
    static const struct {
        const char *in, *out;
    } table[] = {
        {"a.txt", "a.txt"},
        {"/etc/passwd", "passwd"},
        {"..\\..\\a.txt", "a.txt"},
        {"../..", "file"},
        {"a/b\\c.txt", "c.txt"},
        {"a\nb\x7f.txt", "ab.txt"},
        {"", "file"},
        {"dir/", "file"},
        {"\xff\xfe", "file"},
        {"\xC3\xA9t\xC3\xA9.pdf", "\xC3\xA9t\xC3\xA9.pdf"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        cr_expect_str_eq(cc_filename_clean(table[i].in, mem), table[i].out, "%s", table[i].in);
}

Test(filename, is_cut_between_characters)
{
    char name[600];

    for (size_t i = 0; i < 298; i += 2)
        memcpy(name + i, "\xC3\xA9", 3);

    cr_expect_eq(strlen(cc_filename_clean(name, mem)), 254);
}

Test(upload, has_a_type_by_its_name_or_by_what_is_declared)
{
    static const struct {
        const char *name, *declared, *type;
    } table[] = {
        {"a.txt", NULL, "text/plain"},
        {"a.MD", "application/octet-stream", "text/markdown"},
        {"a.pdf", "text/plain", "application/pdf"},
        {"a", "application/pdf", "application/pdf"},
        {"a", "text/plain; charset=utf-8", "text/plain"},
        {"a", "pdf", "application/pdf"},
        {"a", "TXT", "text/plain"},
        {"a.exe", "application/x-msdownload", NULL},
        {"a", "", NULL},
        {"a", NULL, NULL},
        {"pdf", NULL, NULL},
        {"a.DOCX", NULL, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"a.htm", NULL, "text/html"},
        {"a", "text/csv", "text/csv"},
        {"a.jsonl", NULL, "application/x-ndjson"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *type = cc_upload_declared(table[i].name, table[i].declared);

        if (table[i].type)
            cr_expect(type && strcmp(type, table[i].type) == 0, "%s: %s", table[i].name,
                      type ? type : "none");
        else
            cr_expect_null(type, "%s", table[i].name);
    }
}

Test(upload, is_known_by_its_first_bytes)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *type;
    } table[] = {
        {"%PDF-1.7\n", 9, "application/pdf"},
        {"PK\x03\x04xxxx", 8, "application/zip"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "application/x-ole-storage"},
        {"\x89PNG\r\n\x1a\nxxxx", 12, "image/png"},
        {"Gr\xC3\xBC\xC3\x9F"
         "e\n",
         8, "text/plain"},
        {"\xEF\xBB\xBF"
         "a",
         4, "text/plain"},
        {"\xff\xfe"
         "a\0\n\0",
         6, "text/plain"},
        {"\xfe\xff\0a", 4, "text/plain"},
        {"\xff\xfe"
         "a\0\0\0",
         6, NULL},
        {"\xff\xfe"
         "a",
         3, NULL},
        {"Gr\xFC\xDF"
         "e",
         5, NULL}, /* Latin-1: its name must tell */
        {"\x7f"
         "ELF\x02\x01\x01\0",
         8, NULL},
        {"MZ\x90\0", 4, NULL},
        {"a\0b", 3, NULL},
        {"", 0, NULL},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *type = cc_upload_content(table[i].bytes, table[i].len);

        if (table[i].type)
            cr_expect(type && strcmp(type, table[i].type) == 0, "row %zu: %s", i,
                      type ? type : "none");
        else
            cr_expect_null(type, "row %zu", i);
    }
}

/* What we look at ends in the middle of a character. */
Test(upload, that_is_a_long_text_is_known_as_one)
{
    char text[6001] = "x";

    for (size_t i = 1; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xC3\xA9", 3);

    cr_expect_str_eq(cc_upload_content(text, strlen(text)), "text/plain");
    text[4000] = '\xC3';
    cr_expect_null(cc_upload_content(text, strlen(text)));
}

Test(upload, is_taken_by_content_or_by_what_is_said_of_it)
{
    static const struct {
        const char *name, *declared, *bytes;
        bool ocr;
        const char *type;
    } table[] = {
        {"a.txt", NULL, "%PDF-1.4", false, "application/pdf"},
        {"a.md", NULL, "# hello", false, "text/markdown"},
        {"a", NULL, "hello", false, "text/plain"},
        {"a.exe", "application/x-msdownload", "MZ\x90\x01", false, NULL},
        {"a.txt", NULL, "Gr\xFC\xDF", false, "text/plain"},
        {"a.docx", NULL, "PK\x03\x04", false,
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"a.bin", NULL, "PK\x03\x04", false, "application/zip"},
        {"a.png", "image/png", "\x89PNG\r\n\x1a\n", false, NULL},
        {"a.png", "image/png", "\x89PNG\r\n\x1a\n", true, "image/png"},
        {"a.txt", NULL, "\x89PNG\r\n\x1a\n", false, NULL},
        {"a.png", "image/png", "hello", false, "text/plain"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct cc_upload file = {
            .filename = table[i].name, .bytes = table[i].bytes, .len = strlen(table[i].bytes)};
        const char *type = cc_upload_type(&file, table[i].declared, table[i].ocr);

        if (table[i].type)
            cr_expect(type && strcmp(type, table[i].type) == 0, "row %zu: %s", i,
                      type ? type : "none");
        else
            cr_expect_null(type, "row %zu", i);
    }
}

static int parse(const char *body, size_t cap, struct cc_upload *ret)
{
    json_t *json = NULL;
    int rc = cc_json_parse(body, strlen(body), &json);

    if (rc == 0)
        rc = cc_upload_parse(json, cap, mem, ret);
    json_decref(json);
    return rc;
}

static int decode(const char *data, size_t cap, struct cc_upload *ret)
{
    char body[500];

    snprintf(body, sizeof body, "{\"filename\": \"a.txt\", \"fileData\": \"%s\"}", data);
    return parse(body, cap, ret);
}

Test(upload, reads_base64_of_both_alphabets)
{
    static const struct {
        const char *data, *bytes;
    } table[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zg", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9v\\r\\nYmFy", "foobar"},
        {"+/8=", "\xfb\xff"},
        {"-_8", "\xfb\xff"},
        {"data:text/plain;base64,Zm9v", "foo"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cc_upload upload;

        cr_assert_eq(decode(table[i].data, 100, &upload), 0, "%s", table[i].data);
        cr_expect_eq(upload.len, strlen(table[i].bytes), "%s", table[i].data);
        cr_expect_eq(memcmp(upload.bytes, table[i].bytes, upload.len), 0, "%s", table[i].data);
    }
}

Test(upload, refuses_what_is_no_base64_or_too_large)
{
    struct cc_upload upload;

    cr_expect_eq(decode("Zm9v!", 100, &upload), CC_E_INVALID);
    cr_expect_eq(decode("Zm9vZ", 100, &upload), CC_E_INVALID);
    cr_expect_eq(decode("Zg==Zg==", 100, &upload), CC_E_INVALID);
    cr_expect_eq(decode("Zm9v", 3, &upload), 0);
    cr_expect_eq(decode("Zm9v", 2, &upload), CC_E_TOOBIG);
    cr_expect_eq(parse("{}", 10, &upload), CC_E_INVALID);
    cr_expect_eq(parse("[]", 10, &upload), CC_E_INVALID);
}

Test(upload, tells_the_ends_of_names_once_each)
{
    const char *end, *ends = "";

    for (size_t i = 0; (end = cc_upload_end(i, false)); i++) {
        cr_expect_not_null(cc_upload_declared(cc_arena_printf(mem, "a%s", end), NULL), "%s", end);
        cr_expect_null(strstr(ends, cc_arena_printf(mem, "%s ", end)), "%s twice", end);
        ends = cc_arena_printf(mem, "%s%s ", ends, end);
    }
    cr_expect_not_null(strstr(ends, ".pdf "));
    cr_expect_null(strstr(ends, ".png "), "pictures are read by an OCR program only");
    cr_expect_str_eq(cc_upload_end(0, true), cc_upload_end(0, false));
    for (size_t i = 0; (end = cc_upload_end(i, true)); i++)
        ends = cc_arena_printf(mem, "%s%s ", ends, end);
    cr_expect_not_null(strstr(ends, ".png "));
}
