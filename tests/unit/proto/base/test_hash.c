#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/hash.h"

/* FIPS 180-4 examples; CRC-32's check value is that of its catalogue. */
static const struct {
    const char *text, *sha256, *sha1;
    uint32_t crc32;
} cases[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "da39a3ee5e6b4b0d3255bfef95601890afd80709", 0},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "a9993e364706816aba3e25717850c26c9cd0d89d", 0x352441c2},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1", 0x171a3f5f},
    {"123456789", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
     "f7c3bc1d808e04732adf679965ccc34ca7ae3441", 0xcbf43926},
};

Test(hash, agrees_with_published_examples)
{
    char sha256[CC_SHA256_HEX], sha1[CC_SHA1_HEX];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].text);

        cr_assert_str_eq(cc_sha256_hex(cases[i].text, n, sha256), cases[i].sha256);
        cr_assert_str_eq(cc_sha1_hex(cases[i].text, n, sha1), cases[i].sha1);
        cr_assert_eq(cc_crc32(cases[i].text, n), cases[i].crc32);
    }
}

Test(hash, is_the_same_when_made_piece_by_piece)
{
    char whole[CC_SHA256_HEX], pieces[CC_SHA256_HEX], bytes[1000];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    cc_sha256_hex(bytes, sizeof(bytes), whole);

    for (size_t step = 1; step < 200; step += 13) {
        struct cc_sha256 *sum = cc_sha256_new();

        for (size_t i = 0; i < sizeof(bytes); i += step)
            cc_sha256_add(sum, bytes + i, i + step < sizeof(bytes) ? step : sizeof(bytes) - i);
        cc_sha256_end(&sum, pieces);
        cr_assert_null(sum);
        cr_assert_str_eq(pieces, whole);
    }
}

Test(hex, has_two_lower_case_digits_for_each_byte)
{
    const uint8_t bytes[] = {0x00, 0x0f, 0xa0, 0xff};
    char out[9];

    cr_assert_str_eq(cc_hex(bytes, 4, out), "000fa0ff");
    cr_assert_str_eq(cc_hex(bytes, 0, out), "");
}
