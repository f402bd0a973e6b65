#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/upload.h"
#include "proto/base/error.h"

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
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *type = cc_upload_type(table[i].name, table[i].declared);

        if (table[i].type)
            cr_expect(type && strcmp(type, table[i].type) == 0, "%s: %s", table[i].name,
                      type ? type : "none");
        else
            cr_expect_null(type, "%s", table[i].name);
    }
}

static int decode(const char *data, size_t cap, struct cc_upload *ret)
{
    char body[500];

    snprintf(body, sizeof body, "{\"filename\": \"a.txt\", \"fileData\": \"%s\"}", data);
    return cc_upload_parse(body, strlen(body), cap, mem, ret);
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
    cr_expect_eq(cc_upload_parse("{}", 2, 10, mem, &upload), CC_E_INVALID);
    cr_expect_eq(cc_upload_parse("[", 1, 10, mem, &upload), CC_E_INVALID);
}
