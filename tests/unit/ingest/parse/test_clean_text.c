#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/clean_text.h"
#include "proto/base/text.h"

#define BYTES(s) (s), sizeof(s) - 1

static const struct row {
    const char *in;
    size_t len;
    bool layout;
    const char *out;
} rows[] = {
    {BYTES("  a  b\t c "), false, "a b c"},
    {BYTES("a\n\n\n\nb"), false, "a\n\nb"},
    {BYTES("a  \nb"), false, "a\nb"},
    {BYTES("a\n  b"), false, "a\nb"},
    {BYTES("a\n  b\n\tc  "), true, "a\n  b\n\tc"},
    {BYTES("a\0b\1c\x7f"), false, "abc"},
    {BYTES("soft\xc2\xadhyphen"), false, "softhyphen"},
    {BYTES("\xef\xbb\xbfmark"), false, "mark"},
    {BYTES("z\xe2\x80\x8bw\xe2\x81\xa0j"), false, "zwj"},
    {BYTES("no\xc2\xa0"
           "break\xe3\x80\x80wide"),
     false, "no break wide"},
    {BYTES("\xef\xac\x81sh o\xef\xac\x83"
           "ce"),
     false, "fish office"},
    {BYTES("pay \xe2\x80\xae"
           "001$\xe2\x80\xac now"),
     false, "pay 001$ now"},
    {BYTES("tag\xf3\xa0\x81\xa9\xf3\xa0\x81\xa7 end"), false, "tag end"},
    {BYTES("bad\xff\xc3"), false, "bad\xef\xbf\xbd\xef\xbf\xbd"},
    {BYTES("fa\xe2\x80\x8dmily"), false, "fa\xe2\x80\x8dmily"}, /* joiners are part of words */
    {BYTES("a\fb\vc"), false, "a\nb\nc"},
    {BYTES(" \n\t "), false, ""},
    {BYTES(""), false, ""},
};

Test(text, is_cleaned)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cc_arena *mem = cc_arena_new(1 << 16);
        size_t len;

        char *out = cc_text_clean(rows[i].in, rows[i].len, rows[i].layout, mem, &len);

        cr_expect_str_eq(out, rows[i].out, "row %zu: '%s'", i, out);
        cr_expect_eq(len, strlen(rows[i].out));
        cr_expect(cc_utf8_valid(out, len));
        cc_arena_free(&mem);
    }
}
