#include "proto/seal/key.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/id.h"

#define PREFIX_LEN 8
#define BODY_LEN   30
#define SUM_LEN    6
#define KEY_LEN    (PREFIX_LEN + BODY_LEN + SUM_LEN)

static const char *const prefixes[] = {[CC_KEY_PUBLIC] = "pk_live_", [CC_KEY_SECRET] = "sk_live_"};
static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* 248 is the largest multiple of 62 in a byte: beyond it some digits would come more often. */
static char random_digit(void)
{
    unsigned char byte;

    do
        cc_random(&byte, 1);
    while (byte >= 248);
    return digits[byte % 62];
}

static void write_sum(const char *key, char *out)
{
    uint32_t sum = cc_crc32(key, PREFIX_LEN + BODY_LEN);

    for (int i = SUM_LEN - 1; i >= 0; i--, sum /= 62)
        out[i] = digits[sum % 62];
}

char *cc_key_make(enum cc_key_kind kind, char out[CC_KEY_MAX])
{
    memcpy(out, prefixes[kind], PREFIX_LEN);
    for (int i = 0; i < BODY_LEN; i++)
        out[PREFIX_LEN + i] = random_digit();
    write_sum(out, out + PREFIX_LEN + BODY_LEN);
    out[KEY_LEN] = '\0';
    return out;
}

bool cc_key_parse(const char *text, enum cc_key_kind *ret)
{
    enum cc_key_kind kind;
    char sum[SUM_LEN];

    if (strnlen(text, KEY_LEN + 1) != KEY_LEN)
        return false;
    if (memcmp(text, prefixes[CC_KEY_PUBLIC], PREFIX_LEN) == 0)
        kind = CC_KEY_PUBLIC;
    else if (memcmp(text, prefixes[CC_KEY_SECRET], PREFIX_LEN) == 0)
        kind = CC_KEY_SECRET;
    else
        return false;
    if (strspn(text + PREFIX_LEN, digits) != BODY_LEN + SUM_LEN)
        return false;
    write_sum(text, sum);
    if (memcmp(text + PREFIX_LEN + BODY_LEN, sum, SUM_LEN) != 0)
        return false;
    *ret = kind;
    return true;
}

char *cc_key_hash(const char *key, char out[CC_SHA256_HEX])
{
    return cc_sha256_hex(key, strlen(key), out);
}

char *cc_key_hint(const char *key, char *out)
{
    size_t len = strlen(key);

    snprintf(out, 24, "%.10s\xE2\x80\xA6%s", key, len >= KEY_LEN ? key + len - 4 : "");
    return out;
}

bool cc_same_secret(const char *a, const char *b)
{
    size_t len = strlen(a);

    return len == strlen(b) && sodium_memcmp(a, b, len) == 0;
}
