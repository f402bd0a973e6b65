#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/charset.h"
#include "proto/base/text.h"

static struct cc_arena *mem;

static void setup(void)
{
    mem = cc_arena_new(16 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(charset, .init = setup, .fini = teardown);

#define BYTES(s) (s), sizeof(s) - 1

static const struct row {
    const char *bytes;
    size_t len;
    const char *text, *name;
} rows[] = {
    {BYTES("plain"), "plain", "UTF-8"},
    {BYTES("Gr\xc3\xb6\xc3\x9f"
           "e"),
     "Größe", "UTF-8"},
    {BYTES("\xef\xbb\xbfmarked"), "marked", "UTF-8"},
    {BYTES("\xff\xfeh\0\xe9\0"), "hé", "UTF-16LE"},
    {BYTES("\xfe\xff\0h\0\xe9"), "hé", "UTF-16BE"},
    {BYTES("\xff\xfe\0\0h\0\0\0\xe9\0\0\0"), "hé", "UTF-32LE"},
    {BYTES("\0\0\xfe\xff\0\0\0h\0\0\0\xe9"), "hé", "UTF-32BE"},
    {BYTES("h\0e\0l\0l\0o\0 \0y\0o\0u\0!\0"), "hello you!", "UTF-16LE"},
    {BYTES("\0h\0e\0l\0l\0o\0 \0y\0o\0u\0!"), "hello you!", "UTF-16BE"},
    {BYTES("h\0\0\0e\0\0\0y\0\0\0"), "hey", "UTF-32LE"},
    {BYTES("\0\0\0h\0\0\0e\0\0\0y"), "hey", "UTF-32BE"},
    {BYTES("\x48\x03\x01\0\x49\x03\x01\0a\0\0\0"),
     "\xf0\x90\x8d\x88\xf0\x90\x8d\x89"
     "a",
     "UTF-32LE"},
    {BYTES("\0\x01\x03\x48\0\0\0a\0\x01\x03\x49"),
     "\xf0\x90\x8d\x88"
     "a\xf0\x90\x8d\x89",
     "UTF-32BE"},
    {BYTES("\x1b$B$3$s$K$A$O\x1b(B, \x1b$B@$3&\x1b(B"), "こんにちは, 世界", "ISO-2022-JP"},
};

Test(charset, is_recognised_and_read)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text, *name;
        size_t len;

        int rc = cc_charset_decode(rows[i].bytes, rows[i].len, mem, &text, &len, &name);

        cr_assert_eq(rc, 0, "row %zu", i);
        cr_expect_str_eq(name, rows[i].name, "row %zu", i);
        cr_expect_eq(len, strlen(rows[i].text), "row %zu: %zu", i, len);
        cr_expect_arr_eq(text, rows[i].text, len, "row %zu: %.*s", i, (int)len, text);
    }
}

static const struct guess {
    const char *bytes;
    size_t len;
    const char *part; /* of the text */
} guesses[] = {
    {BYTES("Die Pr\xfc"
           "fung der Stra\xdf"
           "e dauert f\xfcr gew\xf6hnlich zwei Stunden, und danach "
           "wird sie f\xfcr alle wieder ge\xf6"
           "ffnet."),
     "Prüfung der Straße"},
    {BYTES("\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0? \xdd\xf2\xee "
           "\xf2\xe5\xea\xf1\xf2 "
           "\xed\xe0 \xf0\xf3\xf1\xf1\xea\xee\xec \xff\xe7\xfb\xea\xe5 \xe4\xeb\xff "
           "\xef\xf0\xee\xe2\xe5\xf0\xea\xe8."),
     "Привет, как дела?"},
    {BYTES(
         "\x82\xb1\x82\xea\x82\xcd\x93\xfa\x96{\x8c\xea\x82\xcc\x95\xb6\x8f\xcd\x82\xc5\x82\xb7\x81"
         "B"
         "\x8eg\x82\xa2\x95\xfb\x82\xf0\x90\xe0\x96\xbe\x82\xb5\x82\xdc\x82\xb7\x81"
         "B"),
     "これは日本語の文章です"},
};

Test(charset, without_a_mark_is_guessed_from_the_letters)
{
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        const char *text, *name;
        size_t len;

        cr_assert_eq(cc_charset_decode(guesses[i].bytes, guesses[i].len, mem, &text, &len, &name),
                     0);
        cr_expect(memmem(text, len, guesses[i].part, strlen(guesses[i].part)), "%s: %.*s", name,
                  (int)len, text);
    }
}

Test(charset, always_gives_valid_text)
{
    char bytes[257];

    for (int seed = 0; seed < 300; seed++) {
        const char *text;
        size_t len, n = (size_t)(seed % 256) + 1;

        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)((unsigned)seed * 2654435761U >> (i % 24)) ^ (char)(i * 37);
        if (cc_charset_decode(bytes, n, mem, &text, &len, NULL))
            continue;
        cr_expect(cc_utf8_valid(text, len), "seed %d", seed);
    }
}
