#include "worker/llm/scan.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *json; /* behind the opening quote */
    const char *want; /* NULL: refused */
    const char *rest;
};
static const struct row rows[] = {
    {"hello\"}", "hello", "}"},
    {"\"}", "", "}"},
    {"a\\\"b\\\\c\\/\\b\\f\\n\\r\\t\",", "a\"b\\c/\b\f\n\r\t", ","},
    {"\\u00fc \\u6F22\"", "\xc3\xbc \xe6\xbc\xa2", ""},
    {"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", ""},
    {"\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x98\x80\"", "\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x98\x80", ""},
    {"\\u0000\"", "\xef\xbf\xbd", ""},
    {"\\ud83dx\"", "\xef\xbf\xbdx", ""},
    {"\\ud83d\\n\"", "\xef\xbf\xbd\n", ""},
    {"\\ude00\"", "\xef\xbf\xbd", ""},
    {"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80", ""},
    {"not closed", NULL, NULL},
    {"ends in \\", NULL, NULL},
    {"\\u12", NULL, NULL},
    {"\\u12g4\"", NULL, NULL},
    {"\\x41\"", NULL, NULL},
    {"a\nb\"", NULL, NULL},
    {"\xff\"", NULL, NULL},
    {"\xc3\"", NULL, NULL},
    {"\xed\xa0\x80\"", NULL, NULL},
};

Test(scan, reads_json_strings_and_refuses_what_is_none)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].json);
        char *json = malloc(len ? len : 1); /* exact size: ASan sees a read beyond it */
        struct cc_scan scan = {0};
        struct cc_buf out;

        memcpy(json, rows[i].json, len);
        cc_buf_init(&out, 1000);
        cc_buf_text(&out, "before|");
        const char *rest = cc_scan_string(&scan, json, json + len, &out);
        if (rows[i].want) {
            cr_assert_not_null(rest, "row %zu", i);
            cr_expect_str_eq(out.bytes + 7, rows[i].want, "row %zu", i);
            cr_expect_eq((size_t)(json + len - rest), strlen(rows[i].rest), "row %zu", i);
        } else {
            cr_expect_null(rest, "row %zu", i);
            cr_expect_str_eq(out.bytes, "before|", "row %zu", i);
        }
        cc_buf_done(&out);
        free(json);
    }
}

Test(scan, joins_a_pair_of_surrogates_that_comes_in_two_messages)
{
    static const char first[] = "a\\ud83d\"", second[] = "\\ude00b\"";
    struct cc_scan scan = {0};
    struct cc_buf out;

    cc_buf_init(&out, 100);
    cr_assert_not_null(cc_scan_string(&scan, first, first + strlen(first), &out));
    cr_expect_str_eq(out.bytes, "a");
    cr_assert_not_null(cc_scan_string(&scan, second, second + strlen(second), &out));

    cr_expect_str_eq(out.bytes, "a\xf0\x9f\x98\x80"
                                "b");
    cc_buf_done(&out);
}

Test(scan, makes_a_mark_of_a_half_pair_at_the_end)
{
    static const char json[] = "a\\ud83d\"";
    struct cc_scan scan = {0};
    struct cc_buf out;

    cc_buf_init(&out, 100);
    cc_scan_string(&scan, json, json + strlen(json), &out);
    cc_scan_flush(&scan, &out);
    cc_scan_flush(&scan, &out);

    cr_expect_str_eq(out.bytes, "a\xef\xbf\xbd");
    cc_buf_done(&out);
}
