#include "proto/base/email.h"

#include <stddef.h>
#include <string.h>

#define LOCAL_MAX 64
#define LABEL_MAX 63

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static bool local_right(const char *local, size_t len)
{
    return len >= 1 && len <= LOCAL_MAX &&
           strspn(local, LETTERS DIGITS ".!#$%&'*+/=?^_`{|}~-") >= len && local[0] != '.' &&
           local[len - 1] != '.' && !memmem(local, len, "..", 2);
}

static bool domain_right(const char *domain)
{
    int labels = 0;

    for (const char *at = domain;; at++, labels++) {
        size_t len = strspn(at, LETTERS DIGITS "-");

        if (len < 1 || len > LABEL_MAX || at[0] == '-' || at[len - 1] == '-')
            return false;
        at += len;
        if (!*at)
            return labels >= 1;
        if (*at != '.')
            return false;
    }
}

bool cc_email_key(const char *email, char *ret)
{
    size_t len = strnlen(email, CC_EMAIL_MAX + 1);
    const char *at;

    if (len > CC_EMAIL_MAX)
        return false;
    for (size_t i = 0; i <= len; i++)
        ret[i] = (char)(email[i] >= 'A' && email[i] <= 'Z' ? email[i] + 'a' - 'A' : email[i]);
    at = strchr(ret, '@');
    return at && local_right(ret, (size_t)(at - ret)) && domain_right(at + 1);
}
