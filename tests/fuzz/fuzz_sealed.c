/*
 * Sealed bytes from the database and from Redis: nothing opens but what was sealed, and whatever
 * its head says no byte outside is read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cc_seal_secret key;
static struct cc_keyring *ring;

/* The same each time, so that seeds reach what lies behind the name of the key. */
static void set_up(void)
{
    static const char line[] = "c8e9ddaf6303281f "
                               "4000000000000000000000000000000000000000000000000000000000000040\n";
    unsigned char half[CC_SEAL_HALF] = {0x40};

    half[CC_SEAL_HALF - 1] = 0x40;
    if (cc_seal_secret_of(half, sizeof half, &key) ||
        cc_keyring_parse(line, sizeof line - 1, &ring))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cc_seal_place place = {"t", "p", "s", "r"};
    struct cc_sealed sealed = {data, size};
    struct cc_opened opened = {0};
    struct cc_seal_secret pair;
    char *text = malloc(size + 1), kid[CC_SEAL_KID];

    if (!ring)
        set_up();
    memcpy(text, data, size);
    text[size] = '\0';
    if (cc_sealed_kid(sealed, kid) == 0 && strlen(kid) != CC_SEAL_KID - 1)
        abort();
    if (cc_seal_open(&key, &place, sealed, &opened) == 0 && opened.len + CC_SEAL_OVERHEAD != size)
        abort();
    cc_opened_done(&opened);
    if (cc_seal_unwrap(ring, "t", &key.public, sealed, &pair) == 0)
        abort(); /* nobody has sealed a pair for this place */
    if (cc_open_by_operator(ring, &place, text, &opened) == 0)
        cc_opened_done(&opened);
    free(text);
    return 0;
}
