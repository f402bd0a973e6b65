#include <criterion/criterion.h>
#include <string.h>

#include "gateway/pure/identity.h"
#include "proto/base/error.h"

#define NOW 1790000000

static const unsigned char key[CC_TOKEN_KEY] = "an installation's key, 32 bytes";
static char secret[CC_IDENTITY_SECRET];
static struct cc_arena *mem;

static void set_up(void)
{
    const struct cc_identity_of of = {"ten_1", "bot_1", 1};

    cc_identity_secret(key, &of, secret);
    mem = cc_arena_new(1 << 20);
}

static void tear_down(void)
{
    cc_arena_free(&mem);
}

TestSuite(proof, .init = set_up, .fini = tear_down);
TestSuite(secret, .init = set_up, .fini = tear_down);
TestSuite(visitor, .init = set_up, .fini = tear_down);

static const char *hash_with(const char *with, const char *id, const char *exp)
{
    return cc_hmac_hex((struct cc_secret){with, strlen(with)},
                       cc_arena_printf(mem, "%s.%s", id, exp), cc_arena_get(mem, CC_HMAC_HEX));
}

static int check(const struct cc_proof *proof, struct cc_identity *ret)
{
    return cc_proof_check(proof, secret, NOW, mem, ret);
}

static struct cc_proof hashed(const char *id, const char *exp)
{
    return (struct cc_proof){.id = id, .exp = exp, .hash = hash_with(secret, id, exp)};
}

static char *repeat(const char *letter, int n)
{
    char *out = cc_arena_get(mem, strlen(letter) * (size_t)n + 1);

    for (int i = 0; i < n; i++)
        memcpy(out + strlen(letter) * (size_t)i, letter, strlen(letter));
    return out;
}

Test(proof, by_hash_says_who_it_is)
{
    struct cc_proof proof = hashed("user-1@shop", "1790000600");
    struct cc_identity who;

    cr_assert_eq(check(&proof, &who), 0, "%s", cc_fail_text());
    cr_assert_str_eq(who.external, "user-1@shop");
    cr_assert_str_eq(who.name, "");
    cr_assert_str_eq(who.email, "");
}

/* Known from another implementation: printf 'u.1790000600' | openssl dgst -sha256 -hmac 0001...1f
 */
Test(proof, is_what_others_compute)
{
    static const char with[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    struct cc_proof proof = {
        .id = "u",
        .exp = "1790000600",
        .hash = "ed4855aec62c645df99e9342c9306aac1f5169b1e21b894d9769951b644e510b"};
    struct cc_identity who;

    cr_assert_eq(cc_proof_check(&proof, with, NOW, mem, &who), 0, "%s", cc_fail_text());
}

Test(proof, expires)
{
    static const struct {
        const char *exp;
        int rc;
    } cases[] = {
        {"1790000001", 0},
        {"1790000000", CC_E_AUTH},
        {"1789999999", CC_E_AUTH},
        {"1", CC_E_AUTH},
        {"1790086400", 0},
        {"1790086431", CC_E_AUTH},
        {"1890000000", CC_E_AUTH},
        {"0", CC_E_AUTH},
        {"-5", CC_E_AUTH},
        {"", CC_E_AUTH},
        {"1790000600x", CC_E_AUTH},
        {"9223372036854775807", CC_E_AUTH},
        {"99999999999999999999", CC_E_AUTH},
        {" 1790000600", CC_E_AUTH},
        {"1790000600.5", CC_E_AUTH},
        {"0x6ab1c780", CC_E_AUTH},
    };
    struct cc_identity who;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cc_proof proof = hashed("u", cases[i].exp);

        cr_expect_eq(check(&proof, &who), cases[i].rc, "exp %s", cases[i].exp);
    }
}

Test(proof, by_the_wrong_secret_is_refused)
{
    static const struct cc_identity_of others[] = {
        {"ten_1", "bot_2", 1}, {"ten_2", "bot_1", 1}, {"ten_1", "bot_1", 2}, {"ten_1", "bot_1", 0}};
    struct cc_identity who;
    char other[CC_IDENTITY_SECRET];

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cc_identity_secret(key, &others[i], other);
        struct cc_proof proof = {
            .id = "u", .exp = "1790000600", .hash = hash_with(other, "u", "1790000600")};

        cr_expect_eq(check(&proof, &who), CC_E_AUTH, "secret %zu", i);
    }
}

Test(proof, of_another_or_for_longer_is_refused)
{
    struct cc_proof proof = hashed("u", "1790000600"), other = proof;
    struct cc_identity who;

    other.id = "v";
    cr_expect_eq(check(&other, &who), CC_E_AUTH);
    other = proof;
    other.exp = "1790000601";
    cr_expect_eq(check(&other, &who), CC_E_AUTH);
    other = hashed("u.1", "790000600");
    other.id = "u";
    other.exp = "1.790000600";
    cr_expect_eq(check(&other, &who), CC_E_AUTH, "the same text, cut elsewhere");
}

Test(proof, whose_hash_is_cut_or_changed_anywhere_is_refused)
{
    struct cc_proof proof = hashed("u", "1790000600");
    struct cc_identity who;

    for (size_t i = 0; i < CC_HMAC_HEX - 1; i++) {
        char *cut = cc_arena_dupn(mem, proof.hash, i), *changed = cc_arena_dup(mem, proof.hash);

        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        cr_expect_eq(check(&(struct cc_proof){.id = "u", .exp = proof.exp, .hash = cut}, &who),
                     CC_E_AUTH, "cut at %zu", i);
        cr_expect_eq(check(&(struct cc_proof){.id = "u", .exp = proof.exp, .hash = changed}, &who),
                     CC_E_AUTH, "changed at %zu", i);
    }
    proof.hash = cc_arena_printf(mem, "%s0", proof.hash);
    cr_expect_eq(check(&proof, &who), CC_E_AUTH, "one more");
}

Test(proof, may_have_its_hash_in_capitals)
{
    struct cc_proof proof = hashed("u", "1790000600");
    char *upper = cc_arena_dup(mem, proof.hash);
    struct cc_identity who;

    for (char *c = upper; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'f' ? *c - 32 : *c);
    proof.hash = upper;

    cr_assert_eq(check(&proof, &who), 0);
}

Test(proof, has_an_id_of_1_to_128_characters_without_controls)
{
    const struct {
        const char *id;
        int rc;
    } cases[] = {
        {"", CC_E_AUTH},
        {"u", 0},
        {repeat("x", 128), 0},
        {repeat("x", 129), CC_E_AUTH},
        {repeat("\xe6\xbc\xa2", 128), 0},
        {repeat("\xe6\xbc\xa2", 129), CC_E_AUTH},
        {repeat("\xf0\x9f\x98\x80", 128), 0},
        {"J\xc3\xb6rg M\xc3\xbcller", 0},
        {"J\xf6rg", CC_E_AUTH},
        {"\xc0\x80", CC_E_AUTH},
        {"a\nb", CC_E_AUTH},
        {"a\x7f", CC_E_AUTH},
        {"a.b.c", 0},
    };
    struct cc_identity who;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cc_proof proof = hashed(cases[i].id, "1790000600");

        cr_expect_eq(check(&proof, &who), cases[i].rc, "id %zu", i);
    }
}

Test(proof, is_whole_or_refused)
{
    struct cc_proof all = hashed("u", "1790000600"), none = {0};
    struct cc_proof cases[] = {all, all, all, all};
    struct cc_identity who;

    cases[0].id = NULL;
    cases[1].exp = NULL;
    cases[2].hash = NULL;
    cases[3].token = "a.b.c";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect(cc_proof_given(&cases[i]));
        cr_expect_eq(check(&cases[i], &who), CC_E_AUTH, "case %zu", i);
    }
    cr_expect_not(cc_proof_given(&none));
}

/* ---- tokens ---- */

static void put_base64(const unsigned char *bytes, size_t len, struct cc_buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (size_t i = 0; i < len; i += 3) {
        unsigned n = (unsigned)bytes[i] << 16;

        n |= i + 1 < len ? (unsigned)bytes[i + 1] << 8 : 0;
        n |= i + 2 < len ? (unsigned)bytes[i + 2] : 0;
        for (size_t j = 0; j < 4 && i + j <= len; j++)
            cc_buf_char(out, digits[(n >> (18 - 6 * j)) & 63]);
    }
}

static const char *token_with(const char *with, const char *head, const char *claims)
{
    char hex[CC_HMAC_HEX];
    unsigned char raw[CC_TOKEN_KEY];
    struct cc_buf out;
    const char *ret;

    cc_buf_init(&out, 1 << 16);
    put_base64((const unsigned char *)head, strlen(head), &out);
    cc_buf_char(&out, '.');
    put_base64((const unsigned char *)claims, strlen(claims), &out);
    cc_hmac_hex((struct cc_secret){with, strlen(with)}, out.bytes, hex);
    cr_assert(cc_hex_key(hex, raw));
    cc_buf_char(&out, '.');
    put_base64(raw, sizeof raw, &out);
    ret = cc_arena_dup(mem, out.bytes);
    cc_buf_done(&out);
    return ret;
}

#define HEAD "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

Test(proof, by_token_says_who_it_is_and_what_he_is_called)
{
    struct cc_proof proof = {.token = token_with(secret, HEAD,
                                                 "{\"sub\":\"u-1\",\"exp\":1790000600,\"name\":"
                                                 "\"J\xc3\xb6rg\",\"email\":\"j@x.example\"}")};
    struct cc_identity who;

    cr_assert_eq(check(&proof, &who), 0, "%s", cc_fail_text());
    cr_assert_str_eq(who.external, "u-1");
    cr_assert_str_eq(who.name, "J\xc3\xb6rg");
    cr_assert_str_eq(who.email, "j@x.example");
}

Test(proof, by_token_is_refused_for_anything_that_is_wrong)
{
    const char *long_name = cc_arena_printf(
        mem, "{\"sub\":\"u\",\"exp\":1790000600,\"name\":\"%s\"}", repeat("x", 201));
    const char *long_sub =
        cc_arena_printf(mem, "{\"sub\":\"%s\",\"exp\":1790000600}", repeat("x", 129));
    const struct {
        const char *what, *with, *head, *claims;
    } cases[] = {
        {"expired", secret, HEAD, "{\"sub\":\"u\",\"exp\":1789999999}"},
        {"expired just now", secret, HEAD, "{\"sub\":\"u\",\"exp\":1790000000}"},
        {"far ahead", secret, HEAD, "{\"sub\":\"u\",\"exp\":1790086500}"},
        {"for ever", secret, HEAD, "{\"sub\":\"u\"}"},
        {"exp as text", secret, HEAD, "{\"sub\":\"u\",\"exp\":\"1790000600\"}"},
        {"nobody", secret, HEAD, "{\"exp\":1790000600}"},
        {"empty", secret, HEAD, "{\"sub\":\"\",\"exp\":1790000600}"},
        {"a number", secret, HEAD, "{\"sub\":7,\"exp\":1790000600}"},
        {"too long", secret, HEAD, long_sub},
        {"a control", secret, HEAD, "{\"sub\":\"a\\nb\",\"exp\":1790000600}"},
        {"a name too long", secret, HEAD, long_name},
        {"a name that is none", secret, HEAD, "{\"sub\":\"u\",\"exp\":1790000600,\"name\":[]}"},
        {"wrong secret", "00", HEAD, "{\"sub\":\"u\",\"exp\":1790000600}"},
        {"alg none", secret, "{\"alg\":\"none\",\"typ\":\"JWT\"}",
         "{\"sub\":\"u\",\"exp\":1790000600}"},
        {"alg HS512", secret, "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
         "{\"sub\":\"u\",\"exp\":1790000600}"},
        {"alg RS256", secret, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
         "{\"sub\":\"u\",\"exp\":1790000600}"},
        {"no JSON", secret, HEAD, "sub=u"},
    };
    struct cc_identity who;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cc_proof proof = {.token =
                                     token_with(cases[i].with, cases[i].head, cases[i].claims)};

        cr_expect_eq(check(&proof, &who), CC_E_AUTH, "%s", cases[i].what);
    }
}

Test(proof, by_token_cut_anywhere_is_refused)
{
    const char *token = token_with(secret, HEAD, "{\"sub\":\"u\",\"exp\":1790000600}");
    struct cc_identity who;

    for (size_t i = 0; i < strlen(token); i++) {
        struct cc_proof proof = {.token = cc_arena_dupn(mem, token, i)};

        cr_expect_eq(check(&proof, &who), CC_E_AUTH, "cut at %zu", i);
    }
}

Test(proof, that_is_refused_tells_nothing_of_itself)
{
    struct cc_proof proof = {.id = "planted-id", .exp = "1790000600", .hash = "planted-hash"};
    struct cc_identity who = {"as", "it", "was"};

    cr_assert_eq(check(&proof, &who), CC_E_AUTH);
    cr_assert_null(strstr(cc_fail_text(), "planted"));
    cr_assert_str_eq(who.external, "as", "untouched");
}

Test(visitor, id_follows_from_tenant_and_name_alone)
{
    char a[CC_ID_MAX], b[CC_ID_MAX];

    cr_assert(cc_id_valid(cc_visitor_id("ten_1", "u", a), "vis"));
    cr_assert_str_eq(a, cc_visitor_id("ten_1", "u", b));
    cr_assert_str_neq(a, cc_visitor_id("ten_2", "u", b));
    cr_assert_str_neq(a, cc_visitor_id("ten_1", "v", b));
}

Test(secret, is_another_one_for_each_tenant_bot_and_version)
{
    static const struct cc_identity_of of[] = {
        {"ten_1", "bot_1", 1}, {"ten_2", "bot_1", 1}, {"ten_1", "bot_2", 1}, {"ten_1", "bot_1", 2}};
    char out[4][CC_IDENTITY_SECRET];

    for (int i = 0; i < 4; i++) {
        cc_identity_secret(key, &of[i], out[i]);
        cr_assert_eq(strlen(out[i]), 64);
        for (int j = 0; j < i; j++)
            cr_expect_str_neq(out[i], out[j]);
    }
}

/* ---- as a word of a WebSocket's subprotocols ---- */

TestSuite(proof_word, .init = set_up, .fini = tear_down);

Test(proof_word, of_three_parts_with_a_number_is_id_exp_and_hash)
{
    struct cc_proof proof;

    /* printf 'Jörg?>' | basenc --base64url: SsO2cmc_Pg== */
    cr_assert_eq(cc_proof_word("SsO2cmc_Pg.1790000600.abc", mem, &proof), 0, "%s", cc_fail_text());

    cr_expect_str_eq(proof.id, "Jörg?>");
    cr_expect_str_eq(proof.exp, "1790000600");
    cr_expect_str_eq(proof.hash, "abc");
    cr_expect_null(proof.token);
}

Test(proof_word, of_a_token_is_the_token)
{
    struct cc_proof proof;

    cr_assert_eq(cc_proof_word("eyJh.eyJi.c2ln", mem, &proof), 0, "%s", cc_fail_text());

    cr_expect_str_eq(proof.token, "eyJh.eyJi.c2ln");
    cr_expect_null(proof.id);
    cr_expect_null(proof.exp);
    cr_expect_null(proof.hash);
}

Test(proof_word, lets_in_who_is_signed_and_nobody_else)
{
    struct cc_proof proof;
    struct cc_identity who;
    const char *hash = hash_with(secret, "user-1@shop", "1790000600");

    /* printf 'user-1@shop' | basenc --base64url */
    cr_assert_eq(
        cc_proof_word(cc_arena_printf(mem, "dXNlci0xQHNob3A.1790000600.%s", hash), mem, &proof), 0);
    cr_assert_eq(check(&proof, &who), 0, "%s", cc_fail_text());
    cr_expect_str_eq(who.external, "user-1@shop");
    cr_assert_eq(
        cc_proof_word(cc_arena_printf(mem, "dXNlci0yQHNob3A.1790000600.%s", hash), mem, &proof), 0);
    cr_expect_eq(check(&proof, &who), CC_E_AUTH);
}

Test(proof_word, that_is_none_is_refused)
{
    static const char *const words[] = {
        "",
        "x",
        "x.y",
        "dXNlcg=.1.h", /* padding */
        "dXNlc.1.h",   /* a character that holds no byte */
        "dXNlcx.1.h",  /* bits left over */
        "dXN+.1.h",    /* the other alphabet */
        "dX l.1.h",    /* a blank */
        "dXMAdXM.1.h", /* a NUL */
        "\xc3\xa4.1.h",
    };
    struct cc_proof proof;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect_eq(cc_proof_word(words[i], mem, &proof), CC_E_AUTH, "%s", words[i]);
    cr_expect_eq(cc_proof_word(repeat("a.b.c", 1000), mem, &proof), CC_E_AUTH);
}

Test(proof_word, without_an_id_is_given_and_not_right)
{
    struct cc_proof proof;
    struct cc_identity who;

    cr_assert_eq(cc_proof_word(".1790000600.abc", mem, &proof), 0);
    cr_expect(cc_proof_given(&proof));
    cr_expect_eq(check(&proof, &who), CC_E_AUTH);
}
