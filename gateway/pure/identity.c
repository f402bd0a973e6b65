#include "gateway/pure/identity.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/text.h"

bool cc_proof_given(const struct cc_proof *proof)
{
    return proof->token || proof->id || proof->exp || proof->hash;
}

char *cc_identity_secret(const unsigned char key[CC_TOKEN_KEY], const struct cc_identity_of *of,
                         char out[CC_IDENTITY_SECRET])
{
    char text[4 * CC_ID_MAX];

    snprintf(text, sizeof text, "identity|%s|%s|%lld", of->tenant, of->bot, (long long)of->version);
    return cc_hmac_hex((struct cc_secret){key, CC_TOKEN_KEY}, text, out);
}

char *cc_visitor_id(const char *tenant, const char *external, char out[CC_ID_MAX])
{
    char sum[CC_SHA256_HEX];
    struct cc_sha256 *of = cc_sha256_new();

    cc_sha256_add(of, tenant, strlen(tenant));
    cc_sha256_add(of, "|", 1);
    cc_sha256_add(of, external, strlen(external));
    cc_sha256_end(&of, sum);
    snprintf(out, CC_ID_MAX, "vis_%.32s", sum);
    return out;
}

/* ---- what may be said of somebody ---- */

static bool plain(const char *text, size_t len, size_t max)
{
    if (!cc_utf8_valid(text, len) || cc_utf8_count(text, len) > max)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

static int take_external(const char *text, size_t len, struct cc_arena *mem, const char **ret)
{
    if (len == 0 || !plain(text, len, CC_EXTERNAL_MAX))
        return cc_fail(CC_E_AUTH, "visitor: the id has 1 to %d characters without controls",
                       CC_EXTERNAL_MAX);
    *ret = cc_arena_dupn(mem, text, len);
    return 0;
}

static int check_exp(int64_t exp, int64_t now_s)
{
    if (exp <= now_s)
        return cc_fail(CC_E_AUTH, "visitor: the proof has expired");
    if (exp > now_s + CC_PROOF_AHEAD_S + CC_TOKEN_LEEWAY)
        return cc_fail(CC_E_AUTH, "visitor: a proof is good for %d hours at most",
                       CC_PROOF_AHEAD_S / 3600);
    return 0;
}

/* ---- a token ---- */

static int take_claim(const json_t *claims, const char *name, size_t max, struct cc_arena *mem,
                      const char **ret)
{
    const json_t *value = json_object_get(claims, name);

    *ret = "";
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value) || !plain(json_string_value(value), json_string_length(value), max))
        return cc_fail(CC_E_AUTH, "visitor: %s is no text of at most %zu characters", name, max);
    *ret = cc_arena_dupn(mem, json_string_value(value), json_string_length(value));
    return 0;
}

static int read_claims(const json_t *claims, struct cc_arena *mem, struct cc_identity *ret)
{
    const json_t *sub = json_object_get(claims, "sub");
    struct cc_identity who;
    int rc = json_is_string(sub) ? take_external(json_string_value(sub), json_string_length(sub),
                                                 mem, &who.external)
                                 : cc_fail(CC_E_AUTH, "visitor: the token has no sub");

    if (rc == 0)
        rc = take_claim(claims, "name", CC_VISITOR_NAME_MAX, mem, &who.name);
    if (rc == 0)
        rc = take_claim(claims, "email", CC_VISITOR_EMAIL_MAX, mem, &who.email);
    if (rc == 0)
        *ret = who;
    return rc;
}

static int check_token(const char *token, const char *secret, int64_t now_s, struct cc_arena *mem,
                       struct cc_identity *ret)
{
    const struct cc_token_rule rule = {.now_s = now_s, .ahead_s = CC_PROOF_AHEAD_S};
    CC_AUTO(json_decref)
    json_t *claims = NULL;
    int rc =
        cc_token_verify_with((struct cc_secret){secret, strlen(secret)}, token, &rule, &claims);

    if (rc == 0) /* our own clock says when it is over, without leeway */
        rc = check_exp(cc_json_int(claims, "exp", 0), now_s);
    return rc ? rc : read_claims(claims, mem, ret);
}

/* ---- a hash ---- */

/* Takes as long whatever is given. */
static bool same_hex(const char *ours, const char *given)
{
    unsigned differ = 0;

    if (strlen(given) != CC_HMAC_HEX - 1)
        return false;
    for (size_t i = 0; i < CC_HMAC_HEX - 1; i++) {
        unsigned char c = (unsigned char)given[i];

        differ |= (unsigned)((unsigned char)ours[i] ^ (c >= 'A' && c <= 'F' ? c | 0x20 : c));
    }
    return differ == 0;
}

static int check_hash(const struct cc_proof *p, const char *secret, int64_t now_s,
                      struct cc_arena *mem, struct cc_identity *ret)
{
    struct cc_identity who = {.name = "", .email = ""};
    char hash[CC_HMAC_HEX];
    int64_t exp;
    int rc = take_external(p->id, strlen(p->id), mem, &who.external);

    if (rc != 0)
        return rc;
    if (!cc_text_int(p->exp, 1, INT64_MAX / 2, &exp))
        return cc_fail(CC_E_AUTH, "visitor: exp is no Unix time in seconds");
    cc_hmac_hex((struct cc_secret){secret, strlen(secret)},
                cc_arena_printf(mem, "%s.%s", p->id, p->exp), hash);
    if (!same_hex(hash, p->hash))
        return cc_fail(CC_E_AUTH, "visitor: the hash is not right");
    rc = check_exp(exp, now_s);
    if (rc == 0)
        *ret = who;
    return rc;
}

int cc_proof_check(const struct cc_proof *proof, const char *secret, int64_t now_s,
                   struct cc_arena *mem, struct cc_identity *ret)
{
    bool parts = proof->id || proof->exp || proof->hash;

    if (proof->token && parts)
        return cc_fail(CC_E_AUTH, "visitor: a token or a hash, not both");
    if (proof->token)
        return check_token(proof->token, secret, now_s, mem, ret);
    if (!proof->id || !proof->exp || !proof->hash)
        return cc_fail(CC_E_AUTH, "visitor: id, exp and hash belong together");
    return check_hash(proof, secret, now_s, mem, ret);
}

/* ---- as a word ---- */

/* base64url without padding and without bits left over. */
static int read_id(const char *text, size_t len, struct cc_arena *mem, const char **ret)
{
    char *id = cc_arena_get(mem, len + 1);
    unsigned bits = 0, held = 0;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int digit = strchr("+/", text[i]) ? -1 : cc_base64_digit(text[i]);

        if (digit < 0)
            return cc_fail(CC_E_AUTH, "visitor: the id is no base64url");
        bits = (bits << 6 | (unsigned)digit) & 0xfff;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        id[n++] = (char)(bits >> held & 0xff);
    }
    if (len % 4 == 1 || (bits & ((1U << held) - 1)) || memchr(id, '\0', n))
        return cc_fail(CC_E_AUTH, "visitor: the id is no base64url of a text");
    *ret = id;
    return 0;
}

/* The middle of a token is an object in base64url, which begins with a letter. */
static bool is_number(const char *text, size_t len)
{
    return len > 0 && strspn(text, "0123456789") == len;
}

int cc_proof_word(const char *word, struct cc_arena *mem, struct cc_proof *ret)
{
    const char *first = strchr(word, '.'), *last = first ? strchr(first + 1, '.') : NULL;
    struct cc_proof proof = {0};
    int rc;

    if (!last || strlen(word) > CC_VISITOR_TOKEN_MAX)
        return cc_fail(CC_E_AUTH, "visitor: a token, or id.exp.hash");
    if (!is_number(first + 1, (size_t)(last - first - 1))) {
        *ret = (struct cc_proof){.token = cc_arena_dup(mem, word)};
        return 0;
    }
    rc = read_id(word, (size_t)(first - word), mem, &proof.id);
    if (rc != 0)
        return rc;
    proof.exp = cc_arena_dupn(mem, first + 1, (size_t)(last - first - 1));
    proof.hash = cc_arena_dup(mem, last + 1);
    *ret = proof;
    return 0;
}
