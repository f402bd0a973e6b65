#include "proto/http/allow.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/base/clean.h"

CC_CLEANER(CURLU *, curl_url_cleanup)
CC_CLEANER(char *, curl_free)

static CURLU *parse(const char *url)
{
    CURLU *parts = curl_url();

    if (!parts)
        abort();
    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
        return parts;
    curl_url_cleanup(parts);
    return NULL;
}

/* Is text "host:port"?  A host of IPv6 has its brackets. */
static bool is_place(const char *text, size_t len, const char *host, const char *port)
{
    size_t h = strlen(host), p = strlen(port);

    return len == h + 1 + p && strncasecmp(text, host, h) == 0 && text[h] == ':' &&
           memcmp(text + h + 1, port, p) == 0;
}

bool cc_url_allowed(const char *list, const char *url)
{
    CC_AUTO(curl_url_cleanup)
    CURLU *parts = parse(url);
    CC_AUTO(curl_free)
    char *host = NULL;
    CC_AUTO(curl_free)
    char *port = NULL;

    if (!parts || curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return false;
    while (*list) {
        size_t len = strcspn(list, ", ");

        if (is_place(list, len, host, port))
            return true;
        list += len;
        list += strspn(list, ", ");
    }
    return false;
}
