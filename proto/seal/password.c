#include "proto/seal/password.h"

#include <sodium.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"

#define PASSES 2
#define MEMORY (19U * 1024 * 1024)

_Static_assert(crypto_pwhash_argon2id_STRBYTES <= CC_PASSWORD_HASH, "a hash fits");

int cc_password_hash(const char *password, char out[CC_PASSWORD_HASH])
{
    if (sodium_init() < 0 ||
        crypto_pwhash_argon2id_str(out, password, strlen(password), PASSES, MEMORY) != 0)
        return cc_fail(CC_E_BUSY, "password: no memory to hash it with");
    return 0;
}

bool cc_password_right(const char *hash, const char *password)
{
    return sodium_init() >= 0 &&
           crypto_pwhash_argon2id_str_verify(hash, password, strlen(password)) == 0;
}

char *cc_password_mark(const char *hash, char out[17])
{
    char hex[CC_SHA256_HEX];

    cc_sha256_hex(hash, strlen(hash), hex);
    memcpy(out, hex, 16);
    out[16] = '\0';
    return out;
}

void cc_secret_wipe(void *bytes, unsigned long len)
{
    sodium_memzero(bytes, len);
}
