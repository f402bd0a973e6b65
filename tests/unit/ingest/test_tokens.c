#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ingest/piece.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/models.h"

#define IDS 16

/* what npm gpt-tokenizer says */
static const struct known {
    const char *text;
    int ids[IDS];
    size_t n;
} known[] = {
    {"", {0}, 0},
    {"a", {64}, 1},
    {"Hello, world!", {13225, 11, 2375, 0}, 4},
    {"  leading and   inner blanks", {220, 8117, 326, 256, 12694, 160898}, 6},
    {"I'll say it's FINE, don't you?", {67504, 2891, 4275, 454, 7607, 11, 4128, 481, 30}, 9},
    {"x = y[3]**2;\n\treturn x\n", {87, 314, 342, 58, 18, 60, 410, 17, 307, 1393, 1215, 198}, 12},
    {"1234567 and 3.14159", {7633, 19354, 22, 326, 220, 18, 13, 16926, 4621}, 9},
    {"Überprüfung der Größe", {70249, 118314, 1227, 74095}, 4},
    {"日本語のテキスト", {9048, 40909, 3385, 16056, 18368, 38236}, 6},
    {"שלום עולם", {106154, 143896}, 2},
    {"🙂🙃 family 👨‍👩‍👧",
     {37459, 70125, 225, 3502, 61138, 101, 2524, 28823, 102, 2524, 28823, 100},
     12},
    {"\n\n\n   \n", {2499, 10190}, 2},
    {"https://example.com/a/b?c=d&e=f",
     {4172, 1684, 18582, 1136, 23839, 7611, 30, 66, 56413, 63734, 40464},
     11},
    {"antidisestablishmentarianism", {493, 129901, 376, 160388, 21203, 2367}, 6},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     {117525, 117525, 117525, 117525, 117525, 117525, 117525, 117525, 117525, 117525, 117525,
      45037},
     12},
};

Test(tokens, are_those_of_the_reference)
{
    struct cc_tokens *tokens = models_tokens();

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int ids[IDS];
        size_t n = cc_tokens_encode(tokens, known[i].text, strlen(known[i].text), ids, IDS);

        cr_expect_eq(n, known[i].n, "\"%s\": %zu tokens", known[i].text, n);
        cr_expect_arr_eq(ids, known[i].ids, known[i].n * sizeof *ids, "\"%s\"", known[i].text);
        cr_expect_eq(cc_tokens_count(tokens, known[i].text, strlen(known[i].text)), known[i].n);
    }
    cc_tokens_free(&tokens);
    cr_expect_null(tokens);
}

Test(tokens, beyond_the_room_are_counted_but_not_written)
{
    struct cc_tokens *tokens = models_tokens();
    int ids[3] = {-7, -7, -7};

    size_t n = cc_tokens_encode(tokens, "Hello, world!", 13, ids, 2);

    cr_expect_eq(n, 4);
    cr_expect_eq(ids[1], 11);
    cr_expect_eq(ids[2], -7);
    cc_tokens_free(&tokens);
}

Test(tokens, of_monstrous_words_are_counted_in_a_blink, .timeout = 20)
{
    static const char *const unit[] = {"a", " ", "\n", "!", "aB", "\xe4\xb8\xad"};
    struct cc_tokens *tokens = models_tokens();
    size_t room = 600000;
    char *text = malloc(room);

    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
        size_t len = strlen(unit[i]);

        for (size_t at = 0; at + len <= room; at += len)
            memcpy(text + at, unit[i], len);
        size_t n = cc_tokens_count(tokens, text, room / len * len);
        cr_expect(n > room / 600 && n <= room, "'%s': %zu", unit[i], n);
    }
    free(text);
    cc_tokens_free(&tokens);
}

/* All that the quick ways of a counter may stumble over, put together at random. */
static const char *const shreds[] = {
    "a",
    "the",
    "The",
    "THE",
    "THEre",
    "eN",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "1",
    "12",
    "1234",
    "'",
    "'s",
    "'LL",
    "n't",
    ".",
    "...",
    "/",
    "!?",
    "(",
    ")",
    "-",
    "_",
    "$",
    "\x0b",
    "\x0c",
    "\x01",
    "\xc3\xa9",
    "\xc3\x89",
    "\xc2\xa0",
    "\xe6\x97\xa5",
    "\xc2\xb2",
    "\xcc\x81",
    "\xe2\x80\xa9",
    "\xf0\x9f\x99\x82",
    "\xc7\x85",
    "antidisestablishmentarian",
    "\\",
    "~",
};

Test(tokens, of_a_counter_are_those_of_the_encoder, .timeout = 60)
{
    struct cc_tokens *tokens = models_tokens();
    struct cc_counter *counter = cc_counter_new(tokens);
    unsigned seed = 1;

    for (int i = 0; i < 100000; i++) {
        char text[512] = "";
        size_t len = 0;

        for (int k = 1 + i % 12; k; k--) {
            const char *shred;

            seed = seed * 1664525u + 1013904223u;
            shred = shreds[(seed >> 10) % (sizeof shreds / sizeof *shreds)];
            memcpy(text + len, shred, strlen(shred) + 1);
            len += strlen(shred);
        }
        cr_assert_eq(cc_counter_count(counter, text, len), cc_tokens_count(tokens, text, len),
                     "'%s': %zu, not %zu", text, cc_counter_count(counter, text, len),
                     cc_tokens_count(tokens, text, len));
    }
    cc_counter_free(&counter);
    cc_tokens_free(&tokens);
}

static const char *const cut[][6] = {
    {"The cat's 12345 ", "The", " cat's", " ", "123", "45"},
    {"HTTPServer eN", "HTTPServer", " e", "N", NULL, NULL},
    {"(see https://x.y/ )", "(see", " https", "://", "x", ".y"},
    {"a  b\n\n  c", "a", " ", " b", "\n\n", " "},
    {"x\t\ty \n z", "x", "\t", "\ty", " \n", " z"},
};

/* Where it answers at all, the first pieces are these; a counter gets the same from the pattern. */
Test(tokens, begin_with_pieces_that_are_cut_without_the_pattern)
{
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        const char *s = cut[i][0];

        for (int k = 1; k < 6 && cut[i][k]; k++) {
            size_t len = cc_piece_ascii(s, strlen(s));

            cr_expect(!len || (len == strlen(cut[i][k]) && !memcmp(s, cut[i][k], len)),
                      "'%s' is %zu", s, len);
            s += strlen(cut[i][k]);
        }
    }
    cr_expect_eq(cc_piece_ascii("word ", 5), 4);
    cr_expect_eq(cc_piece_ascii("it's", 4), 0, "contractions are the pattern's");
    cr_expect_eq(cc_piece_ascii("caf\xc3\xa9", 5), 0);
}

Test(tokens, need_their_rank_file_and_say_so)
{
    struct cc_tokens *tokens = NULL;

    int rc = cc_tokens_open("/nonexistent", CC_TOKENS_ENCODING, &tokens);

    cr_expect_eq(rc, CC_E_NOTFOUND);
    cr_expect(strstr(cc_fail_text(), "infra/models/fetch"), "%s", cc_fail_text());
    cr_expect_null(tokens);
}

Test(tokens, are_not_counted_by_an_unknown_encoding)
{
    struct cc_tokens *tokens = NULL;

    cr_expect_eq(cc_tokens_open(models_tokens_dir(), "x100k", &tokens), CC_E_INVALID);
    cr_expect_null(tokens);
}

static const char *const bad_files[] = {
    "",                 /* nothing */
    "YQ== 0\nYg== 1\n", /* two tokens are no encoding */
    "YQ==\n",           /* no rank */
    "YQ== -1\n",        /* a negative one */
    "YQ== 1x\n",        /* not a number */
    "Y*== 1\n",         /* not base64 */
    "== 1\n",           /* an empty token */
};

Test(tokens, are_not_counted_by_a_damaged_file)
{
    char folder[] = "/tmp/cc-tokens-XXXXXX", path[128];

    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/%s.tiktoken", folder, CC_TOKENS_ENCODING);
    for (size_t i = 0; i < sizeof bad_files / sizeof *bad_files; i++) {
        struct cc_tokens *tokens = NULL;
        FILE *file = fopen(path, "w");

        fputs(bad_files[i], file);
        fclose(file);
        cr_expect_eq(cc_tokens_open(folder, CC_TOKENS_ENCODING, &tokens), CC_E_INVALID, "%zu", i);
        cr_expect_null(tokens);
    }
    unlink(path);
    rmdir(folder);
}
