#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/multipart.h"
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

TestSuite(multipart, .init = begin, .fini = end);

#define TYPE "multipart/form-data; boundary=XX"

static int first(const char *type, const char *body, struct cc_part *ret)
{
    struct cc_multipart it;
    int rc = cc_multipart_open(type, body, strlen(body), &it);

    return rc ? rc : cc_multipart_next(&it, mem, ret);
}

static const char *filename_of(const char *disposition)
{
    struct cc_part part = {0};
    char body[1000];

    snprintf(body, sizeof body, "--XX\r\nContent-Disposition: %s\r\n\r\nhi\r\n--XX--\r\n",
             disposition);
    cr_assert_eq(first(TYPE, body, &part), 0, "%s", disposition);
    return part.filename ? part.filename : "(none)";
}

Test(multipart, gives_each_part_with_its_names_and_bytes)
{
    static const char body[] =
        "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n"
        "My file\r\n--XX\r\n"
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
        "Content-Type: text/plain\r\n\r\nline\r\n--X\0Y\r\n--XX--\r\n";
    struct cc_multipart it;
    struct cc_part part;

    cr_assert_eq(cc_multipart_open(TYPE, body, sizeof body - 1, &it), 0);
    cr_assert_eq(cc_multipart_next(&it, mem, &part), 0);
    cr_expect_str_eq(part.name, "title");
    cr_expect_null(part.filename);
    cr_expect_eq(part.len, 7);

    cr_assert_eq(cc_multipart_next(&it, mem, &part), 0);
    cr_expect_str_eq(part.filename, "a.txt");
    cr_expect_str_eq(part.type, "text/plain");
    cr_expect_eq(part.len, 11);
    cr_expect_eq(memcmp(part.bytes, "line\r\n--X\0Y", 11), 0);

    cr_expect_eq(cc_multipart_next(&it, mem, &part), CC_E_NOTFOUND);
}

Test(multipart, reads_file_names_as_browsers_write_them)
{
    cr_expect_str_eq(filename_of("form-data; name=\"f\"; filename=\"a; b.pdf\""), "a; b.pdf");
    cr_expect_str_eq(filename_of("form-data; filename=\"a \\\"b\\\".pdf\"; name=\"f\""),
                     "a \"b\".pdf");
    cr_expect_str_eq(filename_of("form-data; name=f; filename=plain.txt"), "plain.txt");
    cr_expect_str_eq(filename_of("form-data; name=\"f\"; filename=\"C:\\temp\\a.txt\""),
                     "C:\\temp\\a.txt");
    cr_expect_str_eq(filename_of("form-data; name=\"filename=x\""), "(none)");
    cr_expect_str_eq(filename_of("form-data; name=\"f\"; FILENAME=\"\xC3\xA9.txt\""),
                     "\xC3\xA9.txt");
    cr_expect_str_eq(filename_of("form-data; name=\"f\"; filename=\"never closed"), "never closed");
}

Test(multipart, knows_parts_without_bytes)
{
    struct cc_part part;

    cr_assert_eq(first(TYPE,
                       "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--XX--\r\n",
                       &part),
                 0);

    cr_expect_eq(part.len, 0);
    cr_expect_str_eq(part.name, "a");
}

Test(multipart, ignores_what_comes_before_the_first_boundary)
{
    struct cc_part part;

    cr_assert_eq(first(TYPE, "preamble\r\n--XX\r\nX: y\r\n\r\nhi\r\n--XX--", &part), 0);

    cr_expect_eq(part.len, 2);
}

Test(multipart, refuses_types_and_boundaries_that_are_none)
{
    static const struct {
        const char *type;
        int rc;
    } table[] = {
        {"text/plain", CC_E_TYPE},
        {"", CC_E_TYPE},
        {"multipart/form-data", CC_E_INVALID},
        {"multipart/form-data; boundary=", CC_E_INVALID},
        {"multipart/form-data; boundary=\"\"", CC_E_INVALID},
        {"multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaa",
         CC_E_INVALID},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cc_part part;

        cr_expect_eq(first(table[i].type, "--XX\r\n\r\n\r\n--XX--", &part), table[i].rc, "%s",
                     table[i].type);
    }
}

Test(multipart, refuses_a_body_cut_anywhere)
{
    static const char body[] = "--XX\r\nContent-Disposition: form-data; name=\"f\"; "
                               "filename=\"a.txt\"\r\n\r\nhello\r\n--XX--";

    for (size_t len = 0; len < sizeof body - 1; len++) {
        char *copy = malloc(len + 1); /* exactly sized: a read beyond it is seen */
        struct cc_multipart it;
        struct cc_part part;
        int rc;

        memcpy(copy, body, len);
        rc = cc_multipart_open(TYPE, copy, len, &it);
        while (rc == 0)
            rc = cc_multipart_next(&it, mem, &part);
        cr_expect_eq(rc, CC_E_INVALID, "cut at %zu: %d", len, rc);
        free(copy);
    }
}

Test(multipart, stops_after_its_largest_number_of_parts)
{
    static char body[16384];
    size_t len = 0;
    struct cc_multipart it;
    struct cc_part part;
    int n = 0, rc;

    for (int i = 0; i <= CC_MULTIPART_PARTS_MAX; i++)
        len += (size_t)snprintf(body + len, sizeof body - len, "%s--XX\r\nX: y\r\n\r\nhi",
                                i ? "\r\n" : "");
    snprintf(body + len, sizeof body - len, "\r\n--XX--");

    rc = cc_multipart_open(TYPE, body, strlen(body), &it);
    while (rc == 0 && (rc = cc_multipart_next(&it, mem, &part)) == 0)
        n++;

    cr_expect_eq(n, CC_MULTIPART_PARTS_MAX);
    cr_expect_eq(rc, CC_E_TOOBIG);
}
