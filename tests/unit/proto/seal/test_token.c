/* proto/seal/token.c.  The vector is RFC 7515, A.1; forged tokens are signed here, by libsodium. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/seal/token.h"

#define NOW   ((int64_t)1800000000)
#define ONE   "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"
#define OTHER "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b"

static struct cc_token_keys keys;
static struct cc_arena *mem;

static void begin(void)
{
    mem = cc_arena_new(16 << 20);
    cr_assert_eq(cc_token_keys_parse("new:" ONE ",old-1:" OTHER, &keys), 0);
}
static void end(void)
{
    cc_arena_free(&mem);
}
TestSuite(token, .init = begin, .fini = end);
TestSuite(csrf, .init = begin, .fini = end);

static char *base64(const char *text, size_t len)
{
    size_t room = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

    return sodium_bin2base64(cc_arena_get(mem, room), room, (const unsigned char *)text, len,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Signed with the first key, whatever it says. */
static char *forged(const char *head, const char *body)
{
    unsigned char key[32], mac[32];
    char *text =
        cc_arena_printf(mem, "%s.%s", base64(head, strlen(head)), base64(body, strlen(body)));

    memset(key, 0x2a, sizeof key);
    crypto_auth_hmacsha256(mac, (unsigned char *)text, strlen(text), key);
    return cc_arena_printf(mem, "%s.%s", text, base64((char *)mac, sizeof mac));
}

static int verified(const char *token)
{
    const struct cc_token_rule rule = {.audience = "dashboard", .now_s = NOW};
    json_t *claims = NULL;
    int rc = cc_token_verify(&keys, token, &rule, &claims);

    json_decref(claims);
    return rc;
}

static const char *minted(const char *audience)
{
    const struct cc_token_life life = {.audience = audience, .now_s = NOW, .for_s = 900};
    const char *token = NULL;

    cr_assert_eq(cc_token_mint(&keys, &life, json_pack("{s:s}", "sub", "usr_1"), mem, &token), 0);
    return token;
}

#define HEAD       "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"new\"}"
#define BODY(more) "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":1800000900" more "}"

Test(token, that_we_made_says_what_was_put_in)
{
    const struct cc_token_rule rule = {.audience = "dashboard", .now_s = NOW + 899};
    json_t *claims = NULL;

    cr_assert_eq(cc_token_verify(&keys, minted("dashboard"), &rule, &claims), 0);

    cr_assert_str_eq(cc_json_str(claims, "sub", ""), "usr_1");
    cr_assert_eq(cc_json_int(claims, "exp", 0), NOW + 900);
    json_decref(claims);
}

Test(token, is_good_only_for_what_it_is_meant)
{
    cr_assert_eq(verified(minted("dashboard")), 0);
    cr_assert_eq(verified(minted("refresh")), CC_E_AUTH);
    cr_assert_eq(verified(minted("")), CC_E_AUTH);
}

Test(token, of_an_older_key_is_good_while_the_key_is_kept)
{
    struct cc_token_keys was;
    const struct cc_token_life life = {.audience = "dashboard", .now_s = NOW, .for_s = 900};
    const char *token;

    cc_token_keys_parse("old-1:" OTHER, &was);
    cr_assert_eq(cc_token_mint(&was, &life, json_object(), mem, &token), 0);
    cr_assert_eq(verified(token), 0);

    cc_token_keys_parse("new:" ONE, &keys);
    cr_assert_eq(verified(token), CC_E_AUTH);
}

Test(token, with_any_one_character_changed_is_refused)
{
    char *token = cc_arena_dup(mem, minted("dashboard"));

    for (size_t i = 0; token[i]; i++) {
        char was = token[i];

        token[i] = was == 'A' ? 'B' : 'A';
        cr_assert_eq(verified(token), CC_E_AUTH, "at %zu", i);
        token[i] = was;
    }
    cr_assert_eq(verified(token), 0);
}

Test(token, cut_anywhere_is_refused)
{
    const char *token = minted("dashboard");

    for (size_t len = 0; len < strlen(token); len++)
        cr_assert_eq(verified(cc_arena_dupn(mem, token, len)), CC_E_AUTH, "%zu", len);
}

struct forgery {
    const char *why, *head, *body;
};

Test(token, that_is_signed_rightly_but_says_something_else_is_refused)
{
    static const struct forgery table[] = {
        {"alg none", "{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"new\"}", BODY("")},
        {"alg nOnE", "{\"alg\":\"nOnE\",\"typ\":\"JWT\",\"kid\":\"new\"}", BODY("")},
        {"alg hs256", "{\"alg\":\"hs256\",\"typ\":\"JWT\",\"kid\":\"new\"}", BODY("")},
        {"HS512", "{\"alg\":\"HS512\",\"typ\":\"JWT\",\"kid\":\"new\"}", BODY("")},
        {"RS256", "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"new\"}", BODY("")},
        {"alg list", "{\"alg\":[\"HS256\"],\"typ\":\"JWT\",\"kid\":\"new\"}", BODY("")},
        {"no alg", "{\"typ\":\"JWT\",\"kid\":\"new\",\"x\":1}", BODY("")},
        {"alg twice", "{\"alg\":\"none\",\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"new\"}",
         BODY("")},
        {"typ", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"new\"}", BODY("")},
        {"no typ", "{\"alg\":\"HS256\",\"kid\":\"new\"}", BODY("")},
        {"jwk", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"new\",\"jwk\":{}}", BODY("")},
        {"jku", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"new\",\"jku\":\"https://a.example\"}",
         BODY("")},
        {"crit", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"new\",\"crit\":[\"b64\"]}",
         BODY("")},
        {"no kid", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", BODY("")},
        {"kid path", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"../../dev/null\"}", BODY("")},
        {"kid SQL", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"new' OR '1'='1\"}", BODY("")},
        {"kid unknown", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"newer\"}", BODY("")},
        {"kid of another key", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"old-1\"}", BODY("")},
        {"kid empty", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"\"}", BODY("")},
        {"kid no text", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":0}", BODY("")},
        {"kid in fullwidth", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"\xef\xbd\x8e\x65w\"}",
         BODY("")},
        {"head a list", "[]", BODY("")},
        {"head a text", "\"HS256\"", BODY("")},
        {"head empty", "", BODY("")},
        {"body empty", HEAD, ""},
        {"body a list", HEAD, "[]"},
        {"body deep", HEAD, "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["},
        {"body no UTF-8", HEAD, "{\"iss\":\"chatconnect\xff\"}"},
        {"other issuer", HEAD, "{\"iss\":\"somebody\",\"aud\":\"dashboard\",\"exp\":1800000900}"},
        {"no issuer", HEAD, "{\"aud\":\"dashboard\",\"exp\":1800000900}"},
        {"audience list", HEAD,
         "{\"iss\":\"chatconnect\",\"aud\":[\"dashboard\"],\"exp\":1800000900}"},
        {"no audience", HEAD, "{\"iss\":\"chatconnect\",\"exp\":1800000900}"},
        {"audience twice", HEAD, BODY(",\"aud\":\"dashboard\"")},
        {"no exp", HEAD, "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\"}"},
        {"exp null", HEAD, "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":null}"},
        {"exp text", HEAD,
         "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":\"1800000900\"}"},
        {"exp real", HEAD, "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":1800000900.5}"},
        {"exp negative", HEAD, "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":-1}"},
        {"exp vast", HEAD,
         "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":9223372036854775807}"},
        {"expired", HEAD, "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":1799999970}"},
        {"nbf", HEAD, BODY(",\"nbf\":1800000031")},
        {"iat", HEAD, BODY(",\"iat\":1800000031")},
        {"nbf text", HEAD, BODY(",\"nbf\":\"0\"")},
    };

    cr_assert_eq(verified(forged(HEAD, BODY(""))), 0);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_assert_eq(verified(forged(table[i].head, table[i].body)), CC_E_AUTH, "%s", table[i].why);
}

Test(token, may_be_half_a_minute_off)
{
    cr_assert_eq(verified(forged(
                     HEAD, "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":1799999971}")),
                 0);
    cr_assert_eq(verified(forged(HEAD, BODY(",\"nbf\":1800000030,\"iat\":1800000030"))), 0);
}

Test(token, of_another_form_is_refused)
{
    const char *good = minted("dashboard");
    size_t body = (size_t)(strchr(good, '.') - good) + 1, mac = (size_t)(strrchr(good, '.') - good);
    const char *const table[] = {
        "",
        ".",
        "..",
        "...",
        "eyJ",
        cc_arena_printf(mem, "%s.", good),
        cc_arena_printf(mem, ".%s", good),
        cc_arena_printf(mem, "%s.%s", good, good),
        cc_arena_printf(mem, " %s", good),
        cc_arena_printf(mem, "%s ", good),
        cc_arena_printf(mem, "%s\n", good),
        cc_arena_printf(mem, "%s=", good),
        cc_arena_printf(mem, "%.*s", (int)mac, good),
        cc_arena_printf(mem, "%.*s.", (int)mac, good),
        cc_arena_printf(mem, "%.*s.%s", (int)body - 1, good, good + mac),
        cc_arena_printf(mem, "%.*s.\xc3\xa9.%s", (int)body - 1, good, good + mac + 1),
        cc_arena_printf(mem, "%.*s+/%s", (int)mac, good, good + mac + 1),
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_assert_eq(verified(table[i]), CC_E_AUTH, "%zu: %s", i, table[i]);
}

Test(token, of_100_kB_is_refused)
{
    char *body = cc_arena_get(mem, 100001), *dots = cc_arena_get(mem, 100001);

    memset(body, ' ', 100000);
    memcpy(body, "{\"iss\":\"chatconnect\",\"aud\":\"dashboard\",\"exp\":1800000900", 55);
    body[99999] = '}';
    memset(dots, '.', 100000);

    cr_assert_eq(verified(forged(HEAD, body)), CC_E_AUTH);
    cr_assert_eq(verified(dots), CC_E_AUTH);
}

Test(token, that_would_be_too_long_is_not_made)
{
    const struct cc_token_life life = {.audience = "dashboard", .now_s = NOW, .for_s = 900};
    char *text = cc_arena_get(mem, 4000);
    const char *token;

    memset(text, 'x', 3999);
    cr_assert_eq(cc_token_mint(&keys, &life, json_pack("{s:s}", "x", text), mem, &token),
                 CC_E_INVALID);
}

Test(token, is_neither_made_nor_believed_without_keys)
{
    const struct cc_token_life life = {.audience = "dashboard", .now_s = NOW, .for_s = 900};
    const char *good = minted("dashboard"), *token;

    cr_assert_eq(cc_token_keys_parse("", &keys), 0);

    cr_assert_eq(verified(good), CC_E_AUTH);
    cr_assert_eq(cc_token_mint(&keys, &life, json_object(), mem, &token), CC_E_DOWN);
}

Test(token, keys_of_another_form_are_refused)
{
    static const char *const table[] = {
        "x",
        ONE,
        ":" ONE,
        "a:" ONE ",",
        ",a:" ONE,
        "a:" ONE "0",
        "a b:" ONE,
        "a/b:" ONE,
        "a:" ONE ",a:" OTHER,
        "a:" ONE " ",
        "a:" ONE ",b",
        "a:zz" OTHER,
        "123456789012345678901234567890123:" ONE,
        "a:2a2a",
        "a:" ONE ":" ONE,
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cr_assert_eq(cc_token_keys_parse(table[i], &keys), CC_E_INVALID, "%s", table[i]);
        cr_assert_null(strstr(cc_fail_text(), "2a2a"));
    }
    cr_assert_eq(keys.n, 2, "untouched on failure");
}

/* ---- signed by others ---- */

#define RFC_TOKEN                                                                                  \
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."                                                    \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl" \
    "fQ."                                                                                          \
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define RFC_KEY                                                                                    \
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

static int rfc_at(int64_t now_s, int64_t ahead_s)
{
    const struct cc_token_rule rule = {.now_s = now_s, .ahead_s = ahead_s};
    unsigned char key[64];
    size_t len;
    json_t *claims = NULL;
    int rc;

    cr_assert_eq(sodium_base642bin(key, sizeof key, RFC_KEY, strlen(RFC_KEY), NULL, &len, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                 0);
    rc = cc_token_verify_with((struct cc_secret){key, len}, RFC_TOKEN, &rule, &claims);
    if (rc == 0)
        cr_assert_str_eq(cc_json_str(claims, "iss", ""), "joe");
    json_decref(claims);
    return rc;
}

Test(token, of_the_rfc_is_right_until_it_expires)
{
    cr_assert_eq(rfc_at(1300819379, 0), 0);
    cr_assert_eq(rfc_at(1300819379, 3600), 0);
    cr_assert_eq(rfc_at(1300819410, 0), CC_E_AUTH);
    cr_assert_eq(rfc_at(1300819380 - 3631, 3600), CC_E_AUTH, "too far ahead");
}

static int of_other(const char *head, struct cc_secret key)
{
    const struct cc_token_rule rule = {.now_s = NOW};
    json_t *claims = NULL;
    int rc = cc_token_verify_with(key, forged(head, "{\"exp\":1800000900}"), &rule, &claims);

    json_decref(claims);
    return rc;
}

Test(token, of_others_may_say_less_but_never_another_algorithm)
{
    unsigned char bytes[32];
    const struct cc_secret key = {bytes, sizeof bytes};

    memset(bytes, 0x2a, sizeof bytes);
    cr_assert_eq(of_other("{\"alg\":\"HS256\"}", key), 0);
    cr_assert_eq(of_other("{\"alg\":\"HS256\",\"kid\":\"theirs\"}", key), 0);
    cr_assert_eq(of_other("{\"alg\":\"none\"}", key), CC_E_AUTH);
    cr_assert_eq(of_other("{\"alg\":\"HS384\"}", key), CC_E_AUTH);
    cr_assert_eq(of_other("{\"alg\":\"HS256\",\"typ\":\"JWE\"}", key), CC_E_AUTH);
    cr_assert_eq(of_other("{\"alg\":\"HS256\",\"crit\":[]}", key), CC_E_AUTH);
    cr_assert_eq(of_other("{\"alg\":\"HS256\"}", (struct cc_secret){bytes, 0}), CC_E_AUTH);
    cr_assert_eq(of_other("{\"alg\":\"HS256\"}", (struct cc_secret){bytes, 31}), CC_E_AUTH);
}

/* ---- beside tokens ---- */

Test(hmac, is_that_of_rfc_4231_case_2)
{
    char hex[CC_HMAC_HEX];

    cr_assert_str_eq(
        cc_hmac_hex((struct cc_secret){"Jefe", 4}, "what do ya want for nothing?", hex),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

Test(csrf, is_right_for_its_login_alone)
{
    char one[CC_CSRF_MAX], other[CC_CSRF_MAX];
    struct cc_token_keys was;

    cc_token_csrf(&keys, "lgn_1", one);
    cc_token_csrf(&keys, "lgn_2", other);
    cc_token_keys_parse("old-1:" OTHER, &was);

    cr_assert_eq(strlen(one), 43);
    cr_assert(cc_token_csrf_right(&keys, "lgn_1", one));
    cr_assert_not(cc_token_csrf_right(&keys, "lgn_1", other));
    cr_assert_not(cc_token_csrf_right(&keys, "lgn_1", ""));
    cr_assert(cc_token_csrf_right(&keys, "lgn_1", cc_token_csrf(&was, "lgn_1", other)));
}
