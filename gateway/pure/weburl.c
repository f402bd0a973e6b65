#include "gateway/pure/weburl.h"

#include <string.h>
#include <strings.h>

bool cc_weburl_valid(const char *url)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0    ? 7
                    : strncasecmp(url, "https://", 8) == 0 ? 8
                                                           : 0;
    size_t host = strcspn(url + scheme, "/?#");

    if (scheme == 0 || host == 0 || url[scheme] == ':' || url[scheme] == '.')
        return false;
    if (memchr(url + scheme, '@', host) || memchr(url + scheme, '\\', host))
        return false;
    for (const char *p = url; *p; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7f)
            return false;
    return true;
}
