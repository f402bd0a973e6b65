#include "proto/seal/token.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/seal/key.h"

#define ISSUER     "chatconnect"
#define ALGORITHM  "HS256"
#define TYPE       "JWT"
#define MAC        crypto_auth_hmacsha256_BYTES
#define MAC_TEXT   44 /* in base64url, with the NUL */
#define BASE64     sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define SECOND_MAX ((int64_t)1 << 40) /* later than anybody means */

static const char kid_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/* ---- keys ---- */

bool cc_hex_key(const char *hex, unsigned char out[CC_TOKEN_KEY])
{
    size_t len = 0;

    return strnlen(hex, 2 * CC_TOKEN_KEY + 1) == 2 * CC_TOKEN_KEY &&
           sodium_hex2bin(out, CC_TOKEN_KEY, hex, 2 * CC_TOKEN_KEY, NULL, &len, NULL) == 0 &&
           len == CC_TOKEN_KEY;
}

static int find_kid(const struct cc_token_keys *keys, const char *kid)
{
    for (int i = 0; i < keys->n; i++)
        if (strcmp(keys->at[i].kid, kid) == 0)
            return i;
    return -1;
}

/* One "KID:HEX" of len characters. */
static bool add_key(const char *text, size_t len, struct cc_token_keys *keys)
{
    size_t kid = strspn(text, kid_chars);
    char hex[2 * CC_TOKEN_KEY + 1], *name = keys->at[keys->n].kid;
    bool right;

    if (kid < 1 || kid >= CC_KID_MAX || text[kid] != ':' || len != kid + sizeof hex)
        return false;
    memcpy(name, text, kid);
    name[kid] = '\0';
    memcpy(hex, text + kid + 1, sizeof hex - 1);
    hex[sizeof hex - 1] = '\0';
    right = find_kid(keys, name) < 0 && cc_hex_key(hex, keys->at[keys->n].key);
    sodium_memzero(hex, sizeof hex);
    keys->n += right;
    return right;
}

int cc_token_keys_parse(const char *text, struct cc_token_keys *ret)
{
    struct cc_token_keys keys = {0};
    bool right = true;

    while (*text && right) {
        size_t len = strcspn(text, ",");

        right = keys.n < CC_TOKEN_KEYS && add_key(text, len, &keys);
        text += len;
        text += right && *text && text[1];
    }
    if (right && !*text)
        *ret = keys;
    sodium_memzero(&keys, sizeof keys);
    return right && !*text
               ? 0
               : cc_fail(CC_E_INVALID,
                         "token keys: KID:64 hex digits with commas between, at most %d",
                         CC_TOKEN_KEYS);
}

/* ---- signatures ---- */

static void sign(struct cc_secret key, const char *text, size_t len, unsigned char mac[MAC])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key.bytes, key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, len);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
}

static struct cc_secret key_at(const struct cc_token_keys *keys, int i)
{
    return (struct cc_secret){keys->at[i].key, CC_TOKEN_KEY};
}

char *cc_hmac_hex(struct cc_secret key, const char *text, char out[CC_HMAC_HEX])
{
    unsigned char mac[MAC];

    sign(key, text, strlen(text), mac);
    return cc_hex(mac, sizeof mac, out);
}

static char *csrf_of(struct cc_secret key, const char *login, char out[CC_CSRF_MAX])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[MAC];

    crypto_auth_hmacsha256_init(&state, key.bytes, key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)"csrf|", 5);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)login, strlen(login));
    crypto_auth_hmacsha256_final(&state, mac);
    return sodium_bin2base64(out, CC_CSRF_MAX, mac, sizeof mac, BASE64);
}

char *cc_token_csrf(const struct cc_token_keys *keys, const char *login, char out[CC_CSRF_MAX])
{
    if (keys->n > 0)
        return csrf_of(key_at(keys, 0), login, out);
    *out = '\0';
    return out;
}

bool cc_token_csrf_right(const struct cc_token_keys *keys, const char *login, const char *given)
{
    char wanted[CC_CSRF_MAX];

    for (int i = 0; i < keys->n; i++)
        if (cc_same_secret(csrf_of(key_at(keys, i), login, wanted), given))
            return true;
    return false;
}

/* ---- making ---- */

static char *append_json(char *at, const char *end, const json_t *json, struct cc_arena *mem)
{
    const char *text = cc_json_dup(json, mem);

    sodium_bin2base64(at, (size_t)(end - at), (const unsigned char *)text, strlen(text), BASE64);
    return at + strlen(at);
}

static void add_standard(json_t *claims, const struct cc_token_life *life)
{
    json_object_set_new(claims, "iss", json_string(ISSUER));
    json_object_set_new(claims, "aud", json_string(life->audience));
    json_object_set_new(claims, "iat", json_integer(life->now_s));
    json_object_set_new(claims, "nbf", json_integer(life->now_s));
    json_object_set_new(claims, "exp", json_integer(life->now_s + life->for_s));
}

int cc_token_mint(const struct cc_token_keys *keys, const struct cc_token_life *life,
                  json_t *claims, struct cc_arena *mem, const char **ret)
{
    CC_AUTO(json_decref)
    json_t *body = claims, *head = NULL;
    unsigned char mac[MAC];
    char *text, *at, *end;

    if (keys->n == 0)
        return cc_fail(CC_E_DOWN, "this installation has no keys to sign with");
    add_standard(body, life);
    head = json_pack("{s:s, s:s, s:s}", "alg", ALGORITHM, "typ", TYPE, "kid", keys->at[0].kid);
    if (json_dumpb(body, NULL, 0, JSON_COMPACT) > CC_TOKEN_MAX / 2)
        return cc_fail(CC_E_INVALID, "token: too much is to be said");
    text = cc_arena_get(mem, CC_TOKEN_MAX);
    end = text + CC_TOKEN_MAX;
    at = append_json(text, end, head, mem);
    *at++ = '.';
    at = append_json(at, end, body, mem);
    sign(key_at(keys, 0), text, (size_t)(at - text), mac);
    *at++ = '.';
    sodium_bin2base64(at, (size_t)(end - at), mac, sizeof mac, BASE64);
    *ret = text;
    return 0;
}

/* ---- reading ---- */

struct parts {
    const char *head, *body, *mac;
    size_t head_len, body_len, signed_len;
};

static bool split(const char *token, struct parts *ret)
{
    size_t len = strnlen(token, CC_TOKEN_MAX);
    const char *one = memchr(token, '.', len), *two;

    two = one ? memchr(one + 1, '.', len - (size_t)(one + 1 - token)) : NULL;
    if (!two || len == CC_TOKEN_MAX || strchr(two + 1, '.'))
        return false;
    *ret = (struct parts){.head = token,
                          .head_len = (size_t)(one - token),
                          .body = one + 1,
                          .body_len = (size_t)(two - one - 1),
                          .mac = two + 1,
                          .signed_len = (size_t)(two - token)};
    return true;
}

/* base64url without padding and without bits left over, then a JSON object. */
static bool read_object(const char *text, size_t len, json_t **ret)
{
    char plain[CC_TOKEN_MAX];
    size_t plain_len;
    json_t *json;

    if (sodium_base642bin((unsigned char *)plain, sizeof plain, text, len, NULL, &plain_len, NULL,
                          BASE64) != 0 ||
        cc_json_parse(plain, plain_len, &json) != 0)
        return false;
    if (!json_is_object(json)) {
        json_decref(json);
        return false;
    }
    *ret = json;
    return true;
}

static bool mac_right(struct cc_secret key, const struct parts *parts)
{
    unsigned char given[MAC], wanted[MAC];
    size_t len = 0;

    if (key.len == 0 || strnlen(parts->mac, MAC_TEXT) != MAC_TEXT - 1 ||
        sodium_base642bin(given, sizeof given, parts->mac, MAC_TEXT - 1, NULL, &len, NULL,
                          BASE64) != 0 ||
        len != MAC)
        return false;
    sign(key, parts->head, parts->signed_len, wanted);
    return sodium_memcmp(given, wanted, MAC) == 0;
}

static bool says(const json_t *object, const char *name, const char *wanted)
{
    return strcmp(cc_json_str(object, name, ""), wanted) == 0;
}

/* A moment that must be there, or may be absent: then it is `absent`. */
static bool read_second(const json_t *claims, const char *name, int64_t absent, int64_t *ret)
{
    const json_t *value = json_object_get(claims, name);
    json_int_t at = json_integer_value(value);

    *ret = value ? at : absent;
    return value ? json_is_integer(value) && at >= 0 && at < SECOND_MAX : absent >= 0;
}

static int check_times(const json_t *claims, const struct cc_token_rule *rule)
{
    int64_t exp, nbf, iat, now = rule->now_s;

    if (!read_second(claims, "exp", -1, &exp) || !read_second(claims, "nbf", 0, &nbf) ||
        !read_second(claims, "iat", 0, &iat))
        return cc_fail(CC_E_AUTH, "token: its times are not whole seconds");
    if (now >= exp + CC_TOKEN_LEEWAY)
        return cc_fail(CC_E_AUTH, "token: it has expired");
    if (now + CC_TOKEN_LEEWAY < nbf || now + CC_TOKEN_LEEWAY < iat)
        return cc_fail(CC_E_AUTH, "token: it is not valid yet");
    if (rule->ahead_s && exp > now + rule->ahead_s + CC_TOKEN_LEEWAY)
        return cc_fail(CC_E_AUTH, "token: it is valid for too long");
    return 0;
}

static int check_claims(const struct parts *parts, const struct cc_token_rule *rule, json_t **ret)
{
    json_t *claims;
    int rc;

    if (!read_object(parts->body, parts->body_len, &claims))
        return cc_fail(CC_E_AUTH, "token: it holds no JSON object");
    rc = check_times(claims, rule);
    if (rc == 0 && rule->audience && !says(claims, "aud", rule->audience))
        rc = cc_fail(CC_E_AUTH, "token: it is meant for something else");
    if (rc == 0)
        *ret = claims;
    else
        json_decref(claims);
    return rc;
}

/* -1: not one of ours. */
static int key_of_head(const struct cc_token_keys *keys, const struct parts *parts)
{
    json_t *head;
    int key = -1;

    if (!read_object(parts->head, parts->head_len, &head))
        return -1;
    if (json_object_size(head) == 3 && says(head, "alg", ALGORITHM) && says(head, "typ", TYPE))
        key = find_kid(keys, cc_json_str(head, "kid", ""));
    json_decref(head);
    return key;
}

int cc_token_verify(const struct cc_token_keys *keys, const char *token,
                    const struct cc_token_rule *rule, json_t **ret)
{
    json_t *claims;
    struct parts parts;
    int key, rc;

    if (!split(token, &parts))
        return cc_fail(CC_E_AUTH, "token: it has not the form of one");
    key = key_of_head(keys, &parts);
    if (key < 0 || !mac_right(key_at(keys, key), &parts))
        return cc_fail(CC_E_AUTH, "token: it is not signed by us");
    rc = check_claims(&parts, rule, &claims);
    if (rc == 0 && !says(claims, "iss", ISSUER)) {
        json_decref(claims);
        rc = cc_fail(CC_E_AUTH, "token: it was issued by somebody else");
    }
    if (rc == 0)
        *ret = claims;
    return rc;
}

/* Members that change nothing may stand there; "crit" names some that would. */
static bool head_of_others(const struct parts *parts)
{
    json_t *head;
    bool right;

    if (!read_object(parts->head, parts->head_len, &head))
        return false;
    right = says(head, "alg", ALGORITHM) && !json_object_get(head, "crit") &&
            (!json_object_get(head, "typ") || says(head, "typ", TYPE));
    json_decref(head);
    return right;
}

int cc_token_verify_with(struct cc_secret key, const char *token, const struct cc_token_rule *rule,
                         json_t **ret)
{
    struct parts parts;

    if (!split(token, &parts))
        return cc_fail(CC_E_AUTH, "token: it has not the form of one");
    if (!head_of_others(&parts) || !mac_right(key, &parts))
        return cc_fail(CC_E_AUTH, "token: it is not signed with the right key");
    return check_claims(&parts, rule, ret);
}
