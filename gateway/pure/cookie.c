#include "gateway/pure/cookie.h"

#include <string.h>

bool cc_cookie_get(const char *header, const char *name, char *ret, size_t cap)
{
    size_t name_len = strlen(name), len;

    for (const char *at = header ? header : ""; *at; at += len + (at[len] == ';')) {
        len = strcspn(at, ";");
        size_t skip = strspn(at, " \t");

        if (len <= skip + name_len + 1 || memcmp(at + skip, name, name_len) != 0 ||
            at[skip + name_len] != '=')
            continue;
        len -= skip + name_len + 1;
        if (len >= cap)
            return false;
        memcpy(ret, at + skip + name_len + 1, len);
        ret[len] = '\0';
        return true;
    }
    return false;
}
