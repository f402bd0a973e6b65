#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"

Test(buffer, is_an_empty_text_when_born)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 10);

    cr_assert_str_eq(buf.bytes, "");
    cr_assert_eq(buf.len, 0);
    cr_assert_not(cc_buf_over(&buf));
    cc_buf_done(&buf);
}

Test(buffer, takes_what_is_appended_in_order)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 1000);
    cc_buf_text(&buf, "one");
    cc_buf_char(&buf, ' ');
    cc_buf_printf(&buf, "%d", 2);
    cc_buf_add(&buf, "\0x", 2);

    cr_assert_eq(buf.len, 7);
    cr_assert_arr_eq(buf.bytes, "one 2\0x", 8);
    cc_buf_done(&buf);
}

Test(buffer, fills_to_its_cap_exactly)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 300);
    for (int i = 0; i < 300; i++)
        cc_buf_char(&buf, 'x');
    cr_assert_not(cc_buf_over(&buf));

    cc_buf_char(&buf, 'y');

    cr_assert(cc_buf_over(&buf));
    cr_assert_eq(buf.len, 300);
    cr_assert_eq(strlen(buf.bytes), 300);
    cc_buf_done(&buf);
}

Test(buffer, keeps_what_fitted_whole_and_refuses_all_after_it)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 10);
    cc_buf_text(&buf, "12345678");
    cc_buf_text(&buf, "too long");
    cc_buf_char(&buf, '9');
    cc_buf_printf(&buf, "%d", 9);

    cr_assert(cc_buf_over(&buf));
    cr_assert_str_eq(buf.bytes, "12345678");
    cc_buf_done(&buf);
}

Test(buffer, is_over_but_still_a_text_when_the_first_append_is_too_long)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 3);
    cc_buf_printf(&buf, "%s", "1234");

    cr_assert(cc_buf_over(&buf));
    cr_assert_str_eq(buf.bytes, "");
    cc_buf_done(&buf);
}

Test(buffer, accepts_again_after_a_reset)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 3);
    cc_buf_text(&buf, "1234");
    cc_buf_reset(&buf);
    cc_buf_text(&buf, "123");

    cr_assert_not(cc_buf_over(&buf));
    cr_assert_str_eq(buf.bytes, "123");
    cc_buf_done(&buf);
}

Test(buffer, drops_from_its_front)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 100);
    cc_buf_text(&buf, "abcdef");
    cc_buf_drop(&buf, 0);
    cc_buf_drop(&buf, 2);
    cr_assert_str_eq(buf.bytes, "cdef");

    cc_buf_drop(&buf, 4);
    cr_assert_str_eq(buf.bytes, "");
    cc_buf_done(&buf);
}

Test(buffer, escapes_text_as_JSON_wants_it)
{
    static const struct {
        const char *text, *json;
    } cases[] = {{"", ""},
                 {"plain", "plain"},
                 {"a\"b\\c", "a\\\"b\\\\c"},
                 {"\n\r\t\b\f", "\\n\\r\\t\\b\\f"},
                 {"\x01\x1f\x7f", "\\u0001\\u001f\x7f"},
                 {"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cc_buf buf;

        cc_buf_init(&buf, 100);
        cc_buf_json(&buf, cases[i].text, strlen(cases[i].text));
        cr_assert_str_eq(buf.bytes, cases[i].json);
        cc_buf_done(&buf);
    }
}

Test(buffer, escapes_a_NUL_within_JSON)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 100);
    cc_buf_json(&buf, "a\0b", 3);

    cr_assert_str_eq(buf.bytes, "a\\u0000b");
    cc_buf_done(&buf);
}

Test(buffer, takes_no_half_of_a_JSON_text)
{
    struct cc_buf buf;

    cc_buf_init(&buf, 8);
    cc_buf_text(&buf, "12");
    cc_buf_json(&buf, "abc\n\n\n\n", 7);

    cr_assert(cc_buf_over(&buf));
    cr_assert_str_eq(buf.bytes, "12");
    cc_buf_done(&buf);
}
