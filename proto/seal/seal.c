#include "proto/seal/seal.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"

#define VERSION   1
#define KID_BYTES 8
#define KID_AT    1
#define HALF_AT   (KID_AT + KID_BYTES)
#define TEXT_AT   (HALF_AT + CC_SEAL_HALF)
#define KEY       crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE     crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG       crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLACE_MAX 512 /* bytes of what the tag covers */

_Static_assert(TEXT_AT + TAG == CC_SEAL_OVERHEAD, "as the header says");

/* ---- keys ---- */

static void name_key(struct cc_seal_public *key)
{
    unsigned char hash[crypto_generichash_BYTES];

    crypto_generichash(hash, sizeof hash, key->half, sizeof key->half, NULL, 0);
    cc_hex(hash, KID_BYTES, key->kid);
}

int cc_seal_public_of(const void *half, size_t len, struct cc_seal_public *ret)
{
    if (len != CC_SEAL_HALF)
        return cc_fail(CC_E_INVALID, "a public half has %d bytes", CC_SEAL_HALF);
    memcpy(ret->half, half, CC_SEAL_HALF);
    name_key(ret);
    return 0;
}

int cc_seal_secret_of(const void *half, size_t len, struct cc_seal_secret *ret)
{
    if (len != CC_SEAL_HALF)
        return cc_fail(CC_E_INVALID, "a secret half has %d bytes", CC_SEAL_HALF);
    memcpy(ret->half, half, CC_SEAL_HALF);
    crypto_scalarmult_base(ret->public.half, ret->half);
    name_key(&ret->public);
    return 0;
}

void cc_seal_pair(struct cc_seal_secret *ret)
{
    unsigned char half[CC_SEAL_HALF];

    cc_random(half, sizeof half);
    half[0] &= 0xf8; /* bits that X25519 sets for itself: each key is written in one way only */
    half[CC_SEAL_HALF - 1] &= 0x7f;
    half[CC_SEAL_HALF - 1] |= 0x40;
    cc_seal_secret_of(half, sizeof half, ret);
    sodium_memzero(half, sizeof half);
}

void cc_seal_secret_done(struct cc_seal_secret *secret)
{
    sodium_memzero(secret, sizeof *secret);
}

void cc_opened_done(struct cc_opened *opened)
{
    if (opened->bytes)
        sodium_memzero(opened->bytes, opened->len);
    free(opened->bytes);
    *opened = (struct cc_opened){0};
}

/* ---- one sealing ---- */

struct lock { /* of one sealing; zeroed after use */
    unsigned char key[KEY], nonce[NONCE];
};

/* Both halves are hashed, too: a changed bit of either gives another key, even one that X25519
 * ignores.  Fails for a half that leads to no secret. */
static int derive(const unsigned char *secret, const unsigned char *other,
                  const unsigned char *ephemeral, const unsigned char *to, struct lock *ret)
{
    static const char purpose[] = "ChatConnect seal 1";
    unsigned char shared[crypto_scalarmult_BYTES], out[KEY + NONCE];
    crypto_generichash_state hash;

    if (crypto_scalarmult(shared, secret, other))
        return cc_fail(CC_E_FORBIDDEN, "sealed: not by a key");
    crypto_generichash_init(&hash, (const unsigned char *)purpose, sizeof purpose - 1, sizeof out);
    crypto_generichash_update(&hash, shared, sizeof shared);
    crypto_generichash_update(&hash, ephemeral, CC_SEAL_HALF);
    crypto_generichash_update(&hash, to, CC_SEAL_HALF);
    crypto_generichash_final(&hash, out, sizeof out);
    memcpy(ret->key, out, KEY);
    memcpy(ret->nonce, out + KEY, NONCE);
    sodium_memzero(shared, sizeof shared);
    sodium_memzero(out, sizeof out);
    sodium_memzero(&hash, sizeof hash);
    return 0;
}

struct covered {
    unsigned char bytes[PLACE_MAX];
    size_t len;
};

/* With the NUL behind each text: "ab" and "c" are not "a" and "bc". */
static int cover(const struct cc_seal_place *place, const char *kid, struct covered *ret)
{
    const char *const texts[] = {place->tenant, place->table, place->column, place->row, kid};

    ret->len = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t len = strlen(texts[i]) + 1;

        if (len > sizeof ret->bytes - ret->len)
            return cc_fail(CC_E_TOOBIG, "sealed: the name of its place is too long");
        memcpy(ret->bytes + ret->len, texts[i], len);
        ret->len += len;
    }
    return 0;
}

static int kid_bytes(const char *kid, unsigned char *out)
{
    size_t len;

    if (sodium_hex2bin(out, KID_BYTES, kid, strlen(kid), NULL, &len, NULL) || len != KID_BYTES)
        return cc_fail(CC_E_INVALID, "no such name of a key");
    return 0;
}

/* The head of the sealed bytes and the lock that fits it. */
static int begin(const struct cc_seal_public *to, unsigned char *out, struct lock *ret)
{
    struct cc_seal_secret once;
    int rc = kid_bytes(to->kid, out + KID_AT);

    if (rc)
        return rc;
    cc_seal_pair(&once);
    out[0] = VERSION;
    memcpy(out + HALF_AT, once.public.half, CC_SEAL_HALF);
    rc = derive(once.half, to->half, once.public.half, to->half, ret);
    cc_seal_secret_done(&once);
    return rc;
}

int cc_seal(const struct cc_seal_public *to, const struct cc_seal_place *place,
            struct cc_opened secret, struct cc_arena *mem, struct cc_sealed *ret)
{
    struct covered covered;
    struct lock lock;
    unsigned char *out;
    int rc = cover(place, to->kid, &covered);

    if (rc)
        return rc;
    if (secret.len > CC_SEAL_MAX)
        return cc_fail(CC_E_TOOBIG, "a secret above %d bytes", CC_SEAL_MAX);
    out = cc_arena_get(mem, secret.len + CC_SEAL_OVERHEAD);
    rc = begin(to, out, &lock);
    if (rc)
        return rc;
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + TEXT_AT, NULL, (const unsigned char *)secret.bytes, secret.len, covered.bytes,
        covered.len, NULL, lock.nonce, lock.key);
    sodium_memzero(&lock, sizeof lock);
    *ret = (struct cc_sealed){out, secret.len + CC_SEAL_OVERHEAD};
    return 0;
}

/* ---- opening ---- */

int cc_sealed_kid(struct cc_sealed sealed, char ret_kid[CC_SEAL_KID])
{
    const unsigned char *bytes = sealed.bytes;

    if (sealed.len < CC_SEAL_OVERHEAD || sealed.len > CC_SEAL_MAX + CC_SEAL_OVERHEAD ||
        bytes[0] != VERSION)
        return cc_fail(CC_E_INVALID, "nothing that was sealed");
    cc_hex(bytes + KID_AT, KID_BYTES, ret_kid);
    return 0;
}

static int unlock(const struct lock *lock, const struct covered *covered, struct cc_sealed sealed,
                  struct cc_opened *ret)
{
    const unsigned char *bytes = sealed.bytes;
    struct cc_opened opened = {.len = sealed.len - CC_SEAL_OVERHEAD};

    opened.bytes = calloc(1, opened.len + 1);
    if (!opened.bytes)
        abort();
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            (unsigned char *)opened.bytes, NULL, NULL, bytes + TEXT_AT, sealed.len - TEXT_AT,
            covered->bytes, covered->len, lock->nonce, lock->key)) {
        cc_opened_done(&opened);
        return cc_fail(CC_E_FORBIDDEN, "sealed for another place, or changed since");
    }
    *ret = opened;
    return 0;
}

int cc_seal_open(const struct cc_seal_secret *with, const struct cc_seal_place *place,
                 struct cc_sealed sealed, struct cc_opened *ret)
{
    const unsigned char *bytes = sealed.bytes;
    char kid[CC_SEAL_KID];
    struct covered covered;
    struct lock lock;

    if (cc_sealed_kid(sealed, kid))
        return cc_fail(CC_E_FORBIDDEN, "nothing that was sealed");
    if (strcmp(kid, with->public.kid) != 0)
        return cc_fail(CC_E_FORBIDDEN, "sealed to another key");
    int rc = cover(place, kid, &covered);
    if (rc == 0)
        rc = derive(with->half, bytes + HALF_AT, bytes + HALF_AT, with->public.half, &lock);
    if (rc == 0)
        rc = unlock(&lock, &covered, sealed, ret);
    sodium_memzero(&lock, sizeof lock);
    return rc;
}

/* ---- a tenant's pair ---- */

static struct cc_seal_place pair_place(const char *tenant, const struct cc_seal_public *pair)
{
    return (struct cc_seal_place){tenant, "tenant_keys", "sealed", pair->kid};
}

int cc_seal_wrap(const struct cc_seal_public *operator_key, const char *tenant,
                 const struct cc_seal_secret *pair, struct cc_arena *mem, struct cc_sealed *ret)
{
    struct cc_seal_place place = pair_place(tenant, &pair->public);
    unsigned char half[CC_SEAL_HALF];

    memcpy(half, pair->half, sizeof half);
    int rc = cc_seal(operator_key, &place, (struct cc_opened){(char *)half, sizeof half}, mem, ret);
    sodium_memzero(half, sizeof half);
    return rc;
}

/* With the key of the ring that it was sealed to. */
static int open_by_ring(const struct cc_keyring *keyring, const struct cc_seal_place *place,
                        struct cc_sealed sealed, struct cc_opened *ret)
{
    char kid[CC_SEAL_KID];
    int rc = cc_sealed_kid(sealed, kid);

    if (rc)
        return rc;
    const struct cc_seal_secret *key = cc_keyring_find(keyring, kid);
    if (!key)
        return cc_fail(CC_E_NOTFOUND, "the keyring has no key %s", kid);
    return cc_seal_open(key, place, sealed, ret);
}

int cc_seal_unwrap(const struct cc_keyring *keyring, const char *tenant,
                   const struct cc_seal_public *pair, struct cc_sealed sealed,
                   struct cc_seal_secret *ret)
{
    struct cc_seal_place place = pair_place(tenant, pair);
    struct cc_opened half = {0};
    struct cc_seal_secret secret;
    int rc = open_by_ring(keyring, &place, sealed, &half);

    if (rc == CC_E_INVALID)
        rc = CC_E_FORBIDDEN;
    if (rc == 0)
        rc = cc_seal_secret_of(half.bytes, half.len, &secret);
    cc_opened_done(&half);
    if (rc)
        return rc;
    if (strcmp(secret.public.kid, pair->kid) == 0)
        *ret = secret;
    else
        rc = cc_fail(CC_E_FORBIDDEN, "the halves of a tenant's key do not belong together");
    cc_seal_secret_done(&secret);
    return rc;
}

/* ---- as text ---- */

#define TEXT_MAX sodium_base64_ENCODED_LEN(CC_SEAL_MAX + CC_SEAL_OVERHEAD, VARIANT)
#define VARIANT  sodium_base64_VARIANT_URLSAFE_NO_PADDING

int cc_seal_to_operator(const struct cc_seal_public *operator_key,
                        const struct cc_seal_place *place, struct cc_opened secret,
                        struct cc_arena *mem, const char **ret_text)
{
    struct cc_sealed sealed;
    int rc = cc_seal(operator_key, place, secret, mem, &sealed);

    if (rc)
        return rc;
    size_t room = sodium_base64_encoded_len(sealed.len, VARIANT);
    char *text = cc_arena_get(mem, room);
    *ret_text = sodium_bin2base64(text, room, sealed.bytes, sealed.len, VARIANT);
    return 0;
}

int cc_open_by_operator(const struct cc_keyring *keyring, const struct cc_seal_place *place,
                        const char *text, struct cc_opened *ret)
{
    size_t chars = strlen(text), len;

    if (chars > TEXT_MAX)
        return cc_fail(CC_E_INVALID, "sealed: longer than a sealed text can be");
    unsigned char *bytes = malloc(chars + 1);
    if (!bytes)
        abort();
    int rc = sodium_base642bin(bytes, chars, text, chars, NULL, &len, NULL, VARIANT);
    if (rc)
        rc = cc_fail(CC_E_INVALID, "sealed: not a sealed text");
    else
        rc = open_by_ring(keyring, place, (struct cc_sealed){bytes, len}, ret);
    free(bytes);
    return rc;
}
