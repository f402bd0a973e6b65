/* E-mail addresses: what is taken for one has nothing in it that a mail's header or SQL would mind,
 * and is its own key. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/email.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), key[CC_EMAIL_MAX + 1], again[CC_EMAIL_MAX + 1];

    memcpy(text, data, size);
    text[size] = '\0';
    if (cc_email_key(text, key)) {
        const char *at = strchr(key, '@');

        if (!at || strchr(at + 1, '@') || !strchr(at, '.') || strpbrk(key, " \r\n\t,;:<>()\"\\") ||
            strlen(key) != strlen(text))
            abort();
        if (!cc_email_key(key, again) || strcmp(key, again) != 0)
            abort();
    }
    free(text);
    return 0;
}
