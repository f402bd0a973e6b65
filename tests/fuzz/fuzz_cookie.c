/* What a login reads beside JSON: a Cookie header, and an address; what is taken fits and is in
 * the form that others rely on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/cookie.h"
#include "proto/base/email.h"

#define NAME "__Host-cc_session"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_cookie(const char *text)
{
    char value[64], again[64], header[128] = NAME "=";

    if (!cc_cookie_get(text, NAME, value, sizeof value))
        return;
    if (!*value || strlen(value) >= sizeof value || strchr(value, ';') || !strstr(text, value))
        abort();
    memcpy(header + strlen(header), value, strlen(value) + 1);
    if (!cc_cookie_get(header, NAME, again, sizeof again) || strcmp(value, again) != 0)
        abort();
}

static void read_email(const char *text)
{
    char key[CC_EMAIL_MAX + 1], again[CC_EMAIL_MAX + 1];

    if (!cc_email_key(text, key))
        return;
    if (strlen(key) != strlen(text) || !strchr(key, '@') || strpbrk(key, " \r\n\t<>,;:\"\\"))
        abort();
    if (!cc_email_key(key, again) || strcmp(key, again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    read_cookie(text);
    read_email(text);
    free(text);
    return 0;
}
