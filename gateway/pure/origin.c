#include "gateway/pure/origin.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uidna.h>

#include "proto/base/json.h"
#include "proto/base/text.h"

struct origin {
    char scheme[8];
    char host[256]; /* lower case, punycode; without "*." */
    int port;
    bool wild; /* only in patterns */
};

static const char *take_scheme(const char *text, struct origin *ret)
{
    static const struct {
        const char *name;
        int port;
    } known[] = {{"https", 443}, {"http", 80}};

    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(known[i].name);

        if (strncasecmp(text, known[i].name, len) == 0 && strncmp(text + len, "://", 3) == 0) {
            snprintf(ret->scheme, sizeof ret->scheme, "%s", known[i].name);
            ret->port = known[i].port;
            return text + len + 3;
        }
    }
    return NULL;
}

/* UTS 46: lower case, normalised, punycode; strict about what may stand in a host name. */
static bool fold_name(const char *text, size_t len, struct origin *ret)
{
    UErrorCode rc = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UIDNA *idna = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_NONTRANSITIONAL_TO_ASCII, &rc);
    int32_t n;

    if (U_FAILURE(rc))
        return false;
    n = uidna_nameToASCII_UTF8(idna, text, (int32_t)len, ret->host, sizeof ret->host - 1, &info,
                               &rc);
    uidna_close(idna);
    if (U_FAILURE(rc) || info.errors || n <= 0 || n >= (int32_t)sizeof ret->host)
        return false;
    ret->host[n] = '\0';
    return ret->host[n - 1] != '.';
}

static bool plain_host(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9') ||
              text[i] == '-' || (text[i] == '.' && i > 0 && text[i - 1] != '.')))
            return false;
    return len > 0 && len < 254 && text[0] != '-' && text[len - 1] != '.' && text[len - 1] != '-' &&
           strncmp(text, "xn--", 4) != 0;
}

static const char *take_bracketed(const char *text, struct origin *ret)
{
    size_t len = strspn(text + 1, "0123456789abcdefABCDEF:.") + 2;

    if (text[len - 1] != ']' || len < 4 || len >= sizeof ret->host)
        return NULL;
    for (size_t i = 0; i < len; i++)
        ret->host[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] + 32 : text[i]);
    ret->host[len] = '\0';
    return text + len;
}

static const char *take_host(const char *text, struct origin *ret)
{
    size_t len;

    if (*text == '[')
        return take_bracketed(text, ret);
    len = strcspn(text, ":/?#@\\");
    if (plain_host(text, len)) {
        memcpy(ret->host, text, len);
        ret->host[len] = '\0';
        return text + len;
    }
    return len > 0 && fold_name(text, len, ret) ? text + len : NULL;
}

static bool take_port(const char *text, struct origin *ret)
{
    int64_t port;

    if (*text == '\0')
        return true;
    if (*text != ':' || !cc_text_int(text + 1, 1, 65535, &port) || text[1] == '0' || text[1] == '+')
        return false;
    ret->port = (int)port;
    return true;
}

static bool parse(const char *text, bool pattern, struct origin *ret)
{
    memset(ret, 0, sizeof *ret);
    text = take_scheme(text, ret);
    if (!text)
        return false;
    if (pattern && strncmp(text, "*.", 2) == 0) {
        ret->wild = true;
        text += 2;
    }
    text = take_host(text, ret);
    if (!text || !take_port(text, ret))
        return false;
    return !ret->wild || strchr(ret->host, '.');
}

static bool same_host(const struct origin *want, const struct origin *have)
{
    size_t a = strlen(want->host), b = strlen(have->host);

    if (!want->wild)
        return a == b && memcmp(want->host, have->host, a) == 0;
    return b > a + 1 && have->host[b - a - 1] == '.' && strcmp(have->host + b - a, want->host) == 0;
}

static bool same(const struct origin *want, const struct origin *have)
{
    return strcmp(want->scheme, have->scheme) == 0 && want->port == have->port &&
           same_host(want, have);
}

bool cc_origin_allowed(const char *origins, const char *origin)
{
    CC_AUTO(json_decref)
    json_t *list = NULL;
    struct origin have, want;
    size_t i;
    json_t *row;

    if (!parse(origin, false, &have) || cc_json_parse(origins, strlen(origins), &list) != 0)
        return false;
    if (json_array_size(list) == 1 && json_is_string(json_array_get(list, 0)) &&
        strcmp(json_string_value(json_array_get(list, 0)), "*") == 0)
        return true;
    json_array_foreach(list, i, row) if (json_is_string(row) &&
                                         parse(json_string_value(row), true, &want) &&
                                         same(&want, &have)) return true;
    return false;
}

bool cc_origin_same(const char *a, const char *b)
{
    struct origin left, right;

    return parse(a, false, &left) && parse(b, false, &right) && same(&left, &right);
}

bool cc_origin_valid(const char *origin)
{
    struct origin o;

    return parse(origin, false, &o);
}

bool cc_origin_pattern(const char *pattern, char out[CC_ORIGIN_MAX])
{
    struct origin o;
    int own;

    if (!parse(pattern, true, &o))
        return false;
    own = strcmp(o.scheme, "https") == 0 ? 443 : 80;
    if (o.port == own)
        snprintf(out, CC_ORIGIN_MAX, "%s://%s%s", o.scheme, o.wild ? "*." : "", o.host);
    else
        snprintf(out, CC_ORIGIN_MAX, "%s://%s%s:%d", o.scheme, o.wild ? "*." : "", o.host, o.port);
    return true;
}

static bool is_address(const char *host)
{
    return host[0] == '[' || host[strspn(host, "0123456789.")] == '\0' ||
           strcmp(host, "localhost") == 0;
}

bool cc_host_ours(const char *public_url, const char *host)
{
    struct origin want, have;
    char text[300];

    if (!*public_url) {
        snprintf(text, sizeof text, "http://%s", host);
        return parse(text, false, &have) && is_address(have.host);
    }
    if (!parse(public_url, false, &want))
        return false;
    snprintf(text, sizeof text, "%s://%s", want.scheme, host);
    return parse(text, false, &have) && same(&want, &have);
}

bool cc_origin_ours(const char *public_url, const char *host, const char *origin)
{
    char text[300];

    if (*public_url)
        return cc_origin_same(public_url, origin);
    snprintf(text, sizeof text, "http://%s", host);
    return cc_host_ours("", host) && cc_origin_same(text, origin);
}
