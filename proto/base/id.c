#include "proto/base/id.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "proto/base/clock.h"
#include "proto/base/hash.h"

#define ID_BYTES 16

void cc_random(void *out, size_t len)
{
    for (char *p = out; len;) {
        ssize_t n = getrandom(p, len, 0);

        if (n < 0 && errno != EINTR)
            abort(); /* guessable ids would be worse than none */
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
}

static char *print_id(const char *prefix, const uint8_t raw[ID_BYTES], char out[CC_ID_MAX])
{
    char hex[2 * ID_BYTES + 1];

    snprintf(out, CC_ID_MAX, "%.6s_%s", prefix, cc_hex(raw, ID_BYTES, hex));
    return out;
}

char *cc_id_random(const char *prefix, char out[CC_ID_MAX])
{
    uint8_t raw[ID_BYTES];

    cc_random(raw, sizeof(raw));
    return print_id(prefix, raw, out);
}

char *cc_id_sorted(const char *prefix, char out[CC_ID_MAX])
{
    uint8_t raw[ID_BYTES];
    uint64_t ms = (uint64_t)cc_unix_ms();

    cc_random(raw, sizeof(raw));
    for (int i = 5; i >= 0; i--, ms >>= 8)
        raw[i] = (uint8_t)ms;
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x70); /* version 7 */
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
    return print_id(prefix, raw, out);
}

bool cc_id_valid(const char *id, const char *prefix)
{
    size_t n = strlen(prefix);

    if (strncmp(id, prefix, n) != 0 || id[n] != '_')
        return false;
    id += n + 1;
    return strspn(id, "0123456789abcdef") == 2 * ID_BYTES && id[2 * ID_BYTES] == '\0';
}
