#include "proto/seal/seal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/error.h"

#define SECRET "sk-of-a-tenant-0123456789"

static const struct cc_seal_place here = {"ten_a", "providers", "sealed", "openai"};
static struct cc_arena *mem;
static struct cc_seal_secret pair;

static void begin(void)
{
    mem = cc_arena_new((size_t)1 << 22);
    cc_seal_pair(&pair);
}

static void end(void)
{
    cc_seal_secret_done(&pair);
    cc_arena_free(&mem);
}

TestSuite(sealed, .init = begin, .fini = end, .timeout = 60);

static struct cc_sealed seal_text(const char *text)
{
    struct cc_sealed sealed;

    cr_assert_eq(
        cc_seal(&pair.public, &here, (struct cc_opened){(char *)text, strlen(text)}, mem, &sealed),
        0, "%s", cc_fail_text());
    return sealed;
}

static int try_open(const struct cc_seal_secret *with, const struct cc_seal_place *place,
                    struct cc_sealed sealed)
{
    struct cc_opened opened = {0};
    int rc = cc_seal_open(with, place, sealed, &opened);

    cr_expect_eq(opened.bytes != NULL, rc == 0);
    cc_opened_done(&opened);
    return rc;
}

Test(sealed, opens_to_what_it_was)
{
    struct cc_opened opened;
    struct cc_sealed sealed = seal_text(SECRET);

    cr_assert_eq(cc_seal_open(&pair, &here, sealed, &opened), 0, "%s", cc_fail_text());
    cr_expect_str_eq(opened.bytes, SECRET);
    cr_expect_eq(opened.len, strlen(SECRET));
    cr_expect_eq(sealed.len, strlen(SECRET) + CC_SEAL_OVERHEAD);
    cr_expect_null(memmem(sealed.bytes, sealed.len, SECRET, strlen(SECRET)));
    cc_opened_done(&opened);
    cr_expect_null(opened.bytes);
}

Test(sealed, is_another_text_each_time)
{
    struct cc_sealed a = seal_text(SECRET), b = seal_text(SECRET);

    cr_expect_neq(memcmp((const char *)a.bytes + 9, (const char *)b.bytes + 9, a.len - 9), 0);
}

Test(sealed, opens_nowhere_else)
{
    static const struct {
        const char *words;
        struct cc_seal_place place;
    } others[] = {
        {"another tenant", {"ten_b", "providers", "sealed", "openai"}},
        {"another table", {"ten_a", "tenant_keys", "sealed", "openai"}},
        {"another column", {"ten_a", "providers", "hint", "openai"}},
        {"another row", {"ten_a", "providers", "sealed", "anthropic"}},
        {"names that run into each other", {"ten_a", "providers", "sealedopen", "ai"}},
        {"an empty name", {"ten_aproviders", "", "sealed", "openai"}},
    };
    struct cc_sealed sealed = seal_text(SECRET);

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(try_open(&pair, &others[i].place, sealed), CC_E_FORBIDDEN, "%s",
                     others[i].words);
    cr_expect_eq(try_open(&pair, &here, sealed), 0);
}

Test(sealed, does_not_open_with_another_key)
{
    struct cc_sealed sealed = seal_text(SECRET);
    struct cc_seal_secret other, posing;

    cc_seal_pair(&other);
    posing = other;
    memcpy(posing.public.kid, pair.public.kid, sizeof posing.public.kid);

    cr_expect_eq(try_open(&other, &here, sealed), CC_E_FORBIDDEN);
    cr_expect_eq(try_open(&posing, &here, sealed), CC_E_FORBIDDEN);
}

Test(sealed, does_not_open_with_a_bit_changed_anywhere)
{
    struct cc_sealed sealed = seal_text(SECRET);
    unsigned char *bytes = cc_arena_get(mem, sealed.len);

    memcpy(bytes, sealed.bytes, sealed.len);
    for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        cr_expect_eq(try_open(&pair, &here, (struct cc_sealed){bytes, sealed.len}), CC_E_FORBIDDEN,
                     "bit %zu", bit);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    cr_expect_eq(try_open(&pair, &here, (struct cc_sealed){bytes, sealed.len}), 0);
}

Test(sealed, does_not_open_cut_or_longer)
{
    struct cc_sealed sealed = seal_text(SECRET);
    char *longer = cc_arena_get(mem, sealed.len + 1);

    for (size_t len = 0; len < sealed.len; len++)
        cr_expect_eq(try_open(&pair, &here, (struct cc_sealed){sealed.bytes, len}), CC_E_FORBIDDEN,
                     "%zu bytes", len);
    memcpy(longer, sealed.bytes, sealed.len);
    cr_expect_eq(try_open(&pair, &here, (struct cc_sealed){longer, sealed.len + 1}),
                 CC_E_FORBIDDEN);
}

Test(sealed, may_be_empty_and_has_a_largest_size)
{
    char *text = cc_arena_get(mem, CC_SEAL_MAX + 1);
    struct cc_sealed sealed = seal_text("");

    cr_expect_eq(try_open(&pair, &here, sealed), 0);
    cr_expect_eq(cc_seal(&pair.public, &here, (struct cc_opened){text, CC_SEAL_MAX}, mem, &sealed),
                 0);
    cr_expect_eq(try_open(&pair, &here, sealed), 0);
    cr_expect_eq(
        cc_seal(&pair.public, &here, (struct cc_opened){text, CC_SEAL_MAX + 1}, mem, &sealed),
        CC_E_TOOBIG);
}

Test(sealed, refuses_a_public_half_that_leads_to_no_secret)
{
    static const unsigned char zeros[CC_SEAL_HALF];
    struct cc_seal_public weak;
    struct cc_sealed sealed;

    cr_assert_eq(cc_seal_public_of(zeros, sizeof zeros, &weak), 0);

    cr_expect_neq(cc_seal(&weak, &here, (struct cc_opened){"x", 1}, mem, &sealed), 0);
    cr_expect_eq(cc_seal_public_of(zeros, 31, &weak), CC_E_INVALID);
}

/* ---- pairs under the operator's key ---- */

static struct cc_keyring *ring_of(const struct cc_seal_secret *const *keys, int n)
{
    char path[] = "/tmp/cc-ring-XXXXXX";
    struct cc_keyring *ring = NULL;
    int fd = mkstemp(path);

    close(fd);
    cr_assert_eq(cc_keyring_write(path, keys, n), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_keyring_read(path, &ring), 0, "%s", cc_fail_text());
    unlink(path);
    return ring;
}

Test(sealed, pair_of_a_tenant_opens_with_the_ring_and_for_him_alone)
{
    struct cc_seal_secret op, old, got;
    const struct cc_seal_secret *const both[] = {&old, &op};
    struct cc_sealed sealed;

    cc_seal_pair(&op);
    cc_seal_pair(&old);
    struct cc_keyring *ring = ring_of(both, 2), *lacking = ring_of(both, 1);
    cr_assert_eq(cc_seal_wrap(&op.public, "ten_a", &pair, mem, &sealed), 0);

    cr_assert_eq(cc_seal_unwrap(ring, "ten_a", &pair.public, sealed, &got), 0, "%s",
                 cc_fail_text());
    cr_expect_eq(memcmp(got.half, pair.half, sizeof got.half), 0);
    cr_expect_eq(cc_seal_unwrap(ring, "ten_b", &pair.public, sealed, &got), CC_E_FORBIDDEN);
    cr_expect_eq(cc_seal_unwrap(ring, "ten_a", &old.public, sealed, &got), CC_E_FORBIDDEN);
    cr_expect_eq(cc_seal_unwrap(lacking, "ten_a", &pair.public, sealed, &got), CC_E_NOTFOUND);
    cc_keyring_free(&ring);
    cc_keyring_free(&lacking);
}

Test(sealed, text_for_the_operator_opens_with_the_ring_and_in_its_place)
{
    static const struct cc_seal_place mail = {"ten_a", "mail", "sealed", "cal_1"},
                                      other = {"ten_a", "mail", "sealed", "cal_2"};
    const struct cc_seal_secret *const keys[] = {&pair};
    struct cc_keyring *ring = ring_of(keys, 1);
    struct cc_opened opened;
    const char *text;

    cr_assert_eq(cc_seal_to_operator(&pair.public, &mail, (struct cc_opened){SECRET, sizeof SECRET},
                                     mem, &text),
                 0);

    cr_assert_eq(cc_open_by_operator(ring, &mail, text, &opened), 0, "%s", cc_fail_text());
    cr_expect_str_eq(opened.bytes, SECRET);
    cc_opened_done(&opened);
    cr_expect_eq(cc_open_by_operator(ring, &other, text, &opened), CC_E_FORBIDDEN);
    cr_expect_eq(cc_open_by_operator(ring, &mail, "no base64!", &opened), CC_E_INVALID);
    cr_expect_eq(cc_open_by_operator(ring, &mail, "", &opened), CC_E_INVALID);
    cc_keyring_free(&ring);
}
