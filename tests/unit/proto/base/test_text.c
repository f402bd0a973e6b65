#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/text.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

Test(utf8, is_valid_at_the_borders_of_each_length)
{
    static const char *const good[] = {"",
                                       "plain",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbd",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z"};

    for (size_t i = 0; i < N(good); i++)
        cr_expect(cc_utf8_valid(good[i], strlen(good[i])), "case %zu", i);
}

Test(utf8, is_invalid_when_overlong_a_surrogate_too_large_or_cut)
{
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2 ",
        "\xe0\x9f\xbf",
        "\xe0\xa0",
        "\xe2\x82",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xf0\x9f\x98",
        "\xff",
        "\xfe",
        "ab\xe2\x28\xa1",
        "\xf8\x88\x80\x80\x80",
    };

    for (size_t i = 0; i < N(bad); i++)
        cr_expect_not(cc_utf8_valid(bad[i], strlen(bad[i])), "case %zu", i);
}

/* Every code point there is, against the definition of UTF-8. */
Test(utf8, carries_every_code_point_there_and_back)
{
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[4];
        size_t back, n = cc_utf8_put(cp, bytes);
        bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;

        if (cc_utf8_valid(bytes, n) == surrogate ||
            (!surrogate && (cc_utf8_next(bytes, n, &back) != cp || back != n)))
            cr_assert_fail("U+%X", cp);
    }
}

Test(utf8, goes_on_one_byte_behind_an_invalid_one)
{
    size_t n;

    cr_assert_eq(cc_utf8_next("\xe2\x82(", 3, &n), 0xFFFD);
    cr_assert_eq(n, 1);
    cr_assert_eq(cc_utf8_next("\xf0\x9f", 2, &n), 0xFFFD);
    cr_assert_eq(n, 1);
    cr_assert_eq(cc_utf8_next("\xef\xbf\xbd", 3, &n), 0xFFFD); /* a real one */
    cr_assert_eq(n, 3);
}

static const char mixed[] = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1 2 3 4 1 bytes */

Test(utf8, counts_characters_not_bytes)
{
    cr_assert_eq(cc_utf8_count(mixed, strlen(mixed)), 5);
    cr_assert_eq(cc_utf8_count("", 0), 0);
}

Test(utf8, is_cut_only_between_characters)
{
    static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};

    for (size_t max = 0; max < N(want); max++)
        cr_assert_eq(cc_utf8_cut(mixed, strlen(mixed), max), want[max], "at most %zu", max);
}

Test(text, is_trimmed_of_all_white_space_at_both_ends)
{
    static const struct {
        const char *in, *out;
    } cases[] = {{"", ""},
                 {"   ", ""},
                 {"a", "a"},
                 {" \t\r\n a b \v\f", "a b"},
                 {"\xc2\xa0x\xc2\xa0", "x"},
                 {"\xe3\x80\x80x y\xe2\x80\x8b\xe2\x80\x83", "x y"},
                 {"\xef\xbb\xbfx", "x"},
                 {"\xc3\xa0", "\xc3\xa0"}, /* ends with the byte A0, but is a letter */
                 {" \x80 ", "\x80"}};

    for (size_t i = 0; i < N(cases); i++) {
        size_t n;
        const char *p = cc_text_trim(cases[i].in, strlen(cases[i].in), &n);

        cr_expect(n == strlen(cases[i].out) && memcmp(p, cases[i].out, n) == 0, "case %zu", i);
    }
}

Test(text, starts_with_its_prefix)
{
    cr_assert(cc_text_starts("abc", "ab"));
    cr_assert(cc_text_starts("abc", "abc"));
    cr_assert(cc_text_starts("abc", ""));
    cr_assert_not(cc_text_starts("ab", "abc"));
    cr_assert_not(cc_text_starts("xabc", "abc"));
}

Test(number, is_read_whole_or_not_at_all)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"007", 7},
                {"-12", -12},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x1",
                                      "1e3",
                                      "--1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999"};
    int64_t value;

    for (size_t i = 0; i < N(good); i++) {
        cr_assert(cc_text_int(good[i].text, INT64_MIN, INT64_MAX, &value), "%s", good[i].text);
        cr_assert_eq(value, good[i].value);
    }
    value = 42;
    for (size_t i = 0; i < N(bad); i++)
        cr_assert_not(cc_text_int(bad[i], INT64_MIN, INT64_MAX, &value), "%s", bad[i]);
    cr_assert_eq(value, 42); /* untouched on failure */
}

Test(number, lies_within_its_bounds)
{
    int64_t value;

    cr_assert(cc_text_int("1", 1, 5, &value));
    cr_assert(cc_text_int("5", 1, 5, &value));
    cr_assert_not(cc_text_int("0", 1, 5, &value));
    cr_assert_not(cc_text_int("6", 1, 5, &value));
    cr_assert_not(cc_text_int("-3", 1, 5, &value));
}

Test(base64, digits_are_those_of_both_alphabets_and_no_others)
{
    static const char usual[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int known = 0;

    for (int i = 0; i < 64; i++) {
        cr_expect_eq(cc_base64_digit(usual[i]), i);
        cr_expect_eq(cc_base64_digit(url[i]), i);
    }
    for (int c = -128; c < 128; c++)
        known += cc_base64_digit((char)c) >= 0;
    cr_expect_eq(known, 66);
}
