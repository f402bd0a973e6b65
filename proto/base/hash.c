#include "proto/base/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <zlib.h>

struct cc_sha256 {
    EVP_MD_CTX *ctx;
};

/* libcrypto fails here only when it is out of memory or broken. */
static void must(int ok)
{
    if (!ok)
        abort();
}

char *cc_hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
    return out;
}

struct cc_sha256 *cc_sha256_new(void)
{
    struct cc_sha256 *sum = calloc(1, sizeof(*sum));

    must(sum != NULL);
    sum->ctx = EVP_MD_CTX_new();
    must(sum->ctx != NULL);
    must(EVP_DigestInit_ex(sum->ctx, EVP_sha256(), NULL));
    return sum;
}

void cc_sha256_add(struct cc_sha256 *sum, const void *bytes, size_t len)
{
    must(EVP_DigestUpdate(sum->ctx, bytes, len));
}

void cc_sha256_end(struct cc_sha256 **sum, char out[CC_SHA256_HEX])
{
    uint8_t raw[EVP_MAX_MD_SIZE];
    unsigned len;

    must(EVP_DigestFinal_ex((*sum)->ctx, raw, &len));
    EVP_MD_CTX_free((*sum)->ctx);
    free(*sum);
    *sum = NULL;
    cc_hex(raw, len, out);
}

static char *digest(const EVP_MD *kind, const void *bytes, size_t len, char *out)
{
    uint8_t raw[EVP_MAX_MD_SIZE];
    unsigned n;

    must(EVP_Digest(bytes, len, raw, &n, kind, NULL));
    return cc_hex(raw, n, out);
}

char *cc_sha256_hex(const void *bytes, size_t len, char out[CC_SHA256_HEX])
{
    return digest(EVP_sha256(), bytes, len, out);
}

char *cc_sha1_hex(const void *bytes, size_t len, char out[CC_SHA1_HEX])
{
    return digest(EVP_sha1(), bytes, len, out);
}

char *cc_sha384_base64(const void *bytes, size_t len, char out[CC_SHA384_B64])
{
    uint8_t raw[EVP_MAX_MD_SIZE];
    unsigned n;

    must(EVP_Digest(bytes, len, raw, &n, EVP_sha384(), NULL));
    EVP_EncodeBlock((unsigned char *)out, raw, (int)n);
    return out;
}

uint32_t cc_crc32(const void *bytes, size_t len)
{
    return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, len);
}
