#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/text.h"
#include "proto/bus/redis_link.h"

static int take(const char *from, size_t len, char *out, size_t room)
{
    if (len == 0 || len >= room)
        return cc_fail(CC_E_INVALID, "redis: a part of the URL is empty or too long");
    memcpy(out, from, len);
    out[len] = '\0';
    return 0;
}

/* ":PASSWORD" or "USER:PASSWORD", as it stands: nothing is percent-encoded. */
static int parse_login(const char *login, size_t len, struct cc_redis_url *url)
{
    const char *colon = memchr(login, ':', len);

    if (!colon)
        return cc_fail(CC_E_INVALID, "redis: a password in the URL follows a ':'");
    size_t user = (size_t)(colon - login);
    int rc = user ? take(login, user, url->user, sizeof url->user) : 0;
    return rc ? rc : take(colon + 1, len - user - 1, url->password, sizeof url->password);
}

/* Names would be looked up while everybody waits: only what needs no look-up is taken. */
static int check_host(struct cc_redis_url *url)
{
    unsigned char address[sizeof(struct in6_addr)];

    if (strcmp(url->host, "localhost") == 0)
        snprintf(url->host, sizeof url->host, "127.0.0.1");
    if (inet_pton(AF_INET, url->host, address) == 1 || inet_pton(AF_INET6, url->host, address) == 1)
        return 0;
    return cc_fail(CC_E_INVALID, "redis: the URL names no numeric address");
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT"; a '/' may follow. */
static int parse_place(const char *place, struct cc_redis_url *url)
{
    size_t len = strcspn(place, "/");
    const char *colon = memrchr(place, ':', len);
    char port[8];
    int64_t number;

    if (!colon || (place[len] == '/' && place[len + 1] != '\0'))
        return cc_fail(CC_E_INVALID, "redis: the URL ends with ADDRESS:PORT");
    size_t host = (size_t)(colon - place);
    int rc = take(colon + 1, len - host - 1, port, sizeof port);
    if (rc == 0 && !cc_text_int(port, 1, 65535, &number))
        rc = cc_fail(CC_E_INVALID, "redis: the URL ends with no port"); /* a password, perhaps */
    if (rc)
        return rc;
    url->port = (int)number;
    if (host > 2 && place[0] == '[' && colon[-1] == ']') {
        place++;
        host -= 2;
    }
    rc = take(place, host, url->host, sizeof url->host);
    return rc ? rc : check_host(url);
}

int cc_redis_url_parse(const char *text, struct cc_redis_url *ret)
{
    struct cc_redis_url url = {0};
    int rc;

    if (cc_text_starts(text, "unix:")) {
        rc = take(text + 5, strlen(text + 5), url.host, sizeof url.host);
    } else if (cc_text_starts(text, "redis://")) {
        const char *place = text + 8, *at = strrchr(place, '@');
        rc = at ? parse_login(place, (size_t)(at - place), &url) : 0;
        if (rc == 0)
            rc = parse_place(at ? at + 1 : place, &url);
    } else {
        rc = cc_fail(CC_E_INVALID, "redis: the URL begins with redis:// or unix:");
    }
    if (rc == 0)
        *ret = url;
    return rc;
}
