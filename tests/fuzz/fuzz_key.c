/* The key parser: what it takes for a key has the form of one, and keeps it when it is cut. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/seal/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), hint[24];
    enum cc_key_kind kind;

    memcpy(text, data, size);
    text[size] = '\0';
    if (cc_key_parse(text, &kind)) {
        if (strlen(text) != CC_KEY_MAX - 1 || (text[0] != 'p' && text[0] != 's'))
            abort();
        text[CC_KEY_MAX - 2] = '\0';
        if (cc_key_parse(text, &kind))
            abort();
    }
    if (strlen(cc_key_hint(text, hint)) >= sizeof hint)
        abort();
    free(text);
    return 0;
}
