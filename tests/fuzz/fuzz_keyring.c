/* The keyring's file: what is taken is written out as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_keyring *ring = NULL;

    if (cc_keyring_parse((const char *)data, size, &ring))
        return 0;
    if (cc_keyring_n(ring) < 1)
        abort();
    for (int i = 0; i < cc_keyring_n(ring); i++) {
        const struct cc_seal_secret *key = cc_keyring_at(ring, i);

        if (cc_keyring_find(ring, key->public.kid) != key ||
            memcmp(data + i * (int)(size / (size_t)cc_keyring_n(ring)), key->public.kid, 16) != 0)
            abort();
    }
    cc_keyring_free(&ring);
    return 0;
}
