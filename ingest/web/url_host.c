/* The host of a URL and its port, in the one spelling of url.h. */
#include <string.h>
#include <unicode/uidna.h>

#include "ingest/web/url_inside.h"
#include "proto/base/text.h"

#define HOST_MAX 254
/* Registered long before the rules against them: "r3---sn-4g5e6nls.example". */
#define FORGIVEN (UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4)

static int put_ipv6(const char *host, size_t len, struct cc_buf *out)
{
    if (len < 4 || host[len - 1] != ']')
        return cc_url_bad("the host is no address");
    for (size_t i = 0; i < len; i++) {
        if (!cc_url_is_in(host[i], "[]:.") && cc_url_hex(host[i]) < 0)
            return cc_url_bad("the host is no address");
        cc_buf_char(out, (char)(host[i] >= 'A' && host[i] <= 'F' ? host[i] | 0x20 : host[i]));
    }
    return 0;
}

/* UTS 46, as browsers do. */
static int put_name(const char *host, size_t len, struct cc_buf *out)
{
    static UIDNA *idna;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode error = U_ZERO_ERROR;
    char name[HOST_MAX + 2];

    if (!idna)
        idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &error);
    int32_t n = uidna_nameToASCII_UTF8(idna, host, (int32_t)len, name, HOST_MAX, &info, &error);

    if (n > 0 && n <= HOST_MAX && name[n - 1] == '.')
        n--;
    if (U_FAILURE(error) || (info.errors & ~(uint32_t)FORGIVEN) || n <= 0 || n > HOST_MAX ||
        *name == '.')
        return cc_url_bad("the host is no name");
    for (int32_t i = 0; i < n; i++)
        if (!cc_url_is_alnum(name[i]) && !cc_url_is_in(name[i], "-._"))
            return cc_url_bad("the host is no name");
    cc_buf_add(out, name, (size_t)n);
    return 0;
}

static int put_port(const char *port, size_t len, bool https, struct cc_buf *out)
{
    char digits[6] = "";
    int64_t number;

    if (!len)
        return 0;
    if (len >= sizeof digits || !memchr("0123456789", *port, 10))
        return cc_url_bad("the port is no port");
    memcpy(digits, port, len);
    if (!cc_text_int(digits, 1, 65535, &number))
        return cc_url_bad("the port is no port");
    if (number != (https ? 443 : 80))
        cc_buf_printf(out, ":%d", (int)number);
    return 0;
}

int cc_url_put_authority(struct cc_url_piece a, bool https, struct cc_buf *out)
{
    const char *end = a.at + a.len, *colon = NULL, *host_end;
    int rc;

    if (memchr(a.at, '@', a.len))
        return cc_url_bad("a URL may not carry a name or password");
    for (const char *p = a.at; p < end && *a.at != '['; p++)
        colon = *p == ':' ? p : colon;
    if (a.len && *a.at == '[') {
        const char *close = memchr(a.at, ']', a.len);

        colon = close && close + 1 < end ? close + 1 : NULL;
        if (colon && *colon != ':')
            return cc_url_bad("the host is no address");
    }
    host_end = colon ? colon : end;
    size_t len = (size_t)(host_end - a.at);
    if (len == 0 || len > 4 * (size_t)HOST_MAX)
        return cc_url_bad("the URL has no host");
    rc = *a.at == '[' ? put_ipv6(a.at, len, out) : put_name(a.at, len, out);
    if (rc == 0 && colon)
        rc = put_port(colon + 1, (size_t)(end - colon - 1), https, out);
    return rc;
}
