#include "ingest/web/url.h"

#include <string.h>
#include <strings.h>

#include "ingest/web/url_inside.h"
#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

/* A reference taken apart; at is NULL for what is not there. */
struct parts {
    struct cc_url_piece scheme, authority, path, query;
};

/* "%41" at s; -1 if it is no escape. */
static int escaped(const char *s, size_t len)
{
    int high = len >= 3 && *s == '%' ? cc_url_hex(s[1]) : -1,
        low = high < 0 ? -1 : cc_url_hex(s[2]);

    return low < 0 ? -1 : high << 4 | low;
}

static void put_escaped(int byte, struct cc_buf *out)
{
    cc_buf_printf(out, "%%%02X", (unsigned)byte);
}

void cc_url_escape(const char *text, size_t len, struct cc_buf *out)
{
    for (size_t i = 0; i < len; i++) {
        int byte = escaped(text + i, len - i);

        if (byte >= 0) {
            i += 2;
            if (byte < 0x80 && (cc_url_is_alnum((char)byte) || cc_url_is_in((char)byte, "-._~")))
                cc_buf_char(out, (char)byte);
            else
                put_escaped(byte, out);
        } else if (cc_url_is_alnum(text[i]) || cc_url_is_in(text[i], "-._~!$&'()*+,;=:@/?[]")) {
            cc_buf_char(out, text[i]);
        } else {
            put_escaped((unsigned char)text[i], out);
        }
    }
}

/* ---- taking apart ---- */

/* Without white space around and line ends inside; other slashes made straight before a query. */
static void clean(const char *text, size_t len, struct cc_buf *out)
{
    bool query = false;

    while (len && (unsigned char)*text <= ' ')
        text++, len--;
    while (len && (unsigned char)text[len - 1] <= ' ')
        len--;
    for (size_t i = 0; i < len && text[i] != '#'; i++) {
        query = query || text[i] == '?';
        if (!cc_url_is_in(text[i], "\t\r\n"))
            cc_buf_char(out, text[i] == '\\' && !query ? '/' : text[i]);
    }
}

static size_t scheme_length(const char *s)
{
    size_t n = 0;

    while (cc_url_is_alnum(s[n]) || (n && cc_url_is_in(s[n], "+-.")))
        n++;
    return n && s[n] == ':' && !(s[0] >= '0' && s[0] <= '9') ? n : 0;
}

static struct parts split(const char *s)
{
    struct parts p = {0};
    size_t n = scheme_length(s);

    if (n) {
        p.scheme = (struct cc_url_piece){s, n};
        s += n + 1;
    }
    if (s[0] == '/' && s[1] == '/') {
        s += 2;
        p.authority = (struct cc_url_piece){s, strcspn(s, "/?")};
        s += p.authority.len;
    }
    p.path = (struct cc_url_piece){s, strcspn(s, "?")};
    s += p.path.len;
    if (*s == '?')
        p.query = (struct cc_url_piece){s + 1, strlen(s + 1)};
    return p;
}

/* ---- path and query ---- */

/* RFC 3986, 5.2.4, on a path that begins with a slash and is escaped already; in place. */
static size_t remove_dots(char *path, size_t len)
{
    size_t to = 0;

    for (size_t i = 0; i < len;) {
        size_t n = 1; /* the slash and its segment */

        while (i + n < len && path[i + n] != '/')
            n++;
        bool last = i + n == len, one = n == 2 && path[i + 1] == '.';
        bool two = n == 3 && path[i + 1] == '.' && path[i + 2] == '.';
        if (two)
            while (to && path[--to] != '/')
                ;
        if (one || two) {
            if (last)
                path[to++] = '/';
        } else {
            memmove(path + to, path + i, n);
            to += n;
        }
        i += n;
    }
    return to;
}

static void put_path(struct cc_url_piece before, struct cc_url_piece path, struct cc_buf *out)
{
    size_t begin = out->len;

    if (path.len == 0 || (*path.at != '/' && before.len == 0))
        cc_buf_char(out, '/');
    cc_url_escape(before.at, before.len, out);
    cc_url_escape(path.at, path.len, out);
    if (cc_buf_over(out))
        return;
    out->len = begin + remove_dots(out->bytes + begin, out->len - begin);
    out->bytes[out->len] = '\0';
}

/* Whence somebody came does not make another page. */
static bool is_tracking(const char *parameter, size_t len)
{
    static const char *const names[] = {"gclid",   "fbclid", "dclid",  "gbraid", "wbraid",
                                        "msclkid", "yclid",  "twclid", "igshid", "mc_cid",
                                        "mc_eid",  "_hsenc", "_hsmi",  "gclsrc"};
    const char *equals = memchr(parameter, '=', len);
    size_t n = equals ? (size_t)(equals - parameter) : len;

    if (n >= 4 && strncasecmp(parameter, "utm_", 4) == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n == strlen(names[i]) && strncasecmp(parameter, names[i], n) == 0)
            return true;
    return false;
}

static void put_query(struct cc_url_piece query, struct cc_buf *out)
{
    char separator = '?';

    for (size_t i = 0; i < query.len;) {
        const char *at = query.at + i, *end = memchr(at, '&', query.len - i);
        size_t n = end ? (size_t)(end - at) : query.len - i;

        i += n + 1;
        if (n == 0 || is_tracking(at, n))
            continue;
        cc_buf_char(out, separator);
        cc_url_escape(at, n, out);
        separator = '&';
    }
}

/* The part of the base's path that a relative reference begins with. */
static struct cc_url_piece folder(struct cc_url_piece path)
{
    while (path.len && path.at[path.len - 1] != '/')
        path.len--;
    return path;
}

static int check_scheme(struct cc_url_piece scheme, bool *ret_https)
{
    *ret_https = scheme.len == 5 && strncasecmp(scheme.at, "https", 5) == 0;
    if (!*ret_https && (scheme.len != 4 || strncasecmp(scheme.at, "http", 4) != 0))
        return cc_url_bad("the URL is not one of http or https");
    return 0;
}

/* What the reference leaves out comes from the base (RFC 3986, 5.2.2). */
static int put_resolved(struct parts ref, const struct parts *base, struct cc_buf *out)
{
    struct cc_url_piece before = {"", 0};
    bool https;
    int rc = check_scheme(ref.scheme.len ? ref.scheme : base->scheme, &https);

    if (rc)
        return rc;
    if (!ref.authority.at && !ref.scheme.len) {
        ref.authority = base->authority;
        if (ref.path.len == 0) {
            ref.path = base->path;
            if (!ref.query.at)
                ref.query = base->query;
        } else if (*ref.path.at != '/') {
            before = folder(base->path);
        }
    }
    if (!ref.authority.at)
        return cc_url_bad("the URL has no host");
    cc_buf_text(out, https ? "https://" : "http://");
    if ((rc = cc_url_put_authority(ref.authority, https, out)) != 0)
        return rc;
    put_path(before, ref.path, out);
    put_query(ref.query, out);
    return cc_buf_over(out) ? cc_url_bad("the URL is too long") : 0;
}

int cc_url_resolve(const char *base, const char *reference, size_t len, struct cc_arena *mem,
                   const char **ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf text, out;
    struct parts of_base = {0};
    int rc;

    cc_buf_init(&text, 4 * CC_URL_MAX);
    cc_buf_init(&out, CC_URL_MAX);
    if (base)
        of_base = split(base);
    clean(reference, len, &text);
    if (cc_buf_over(&text) || strlen(text.bytes) != text.len)
        rc = cc_url_bad("the URL is too long, or has a zero in it");
    else
        rc = put_resolved(split(text.bytes), &of_base, &out);
    if (rc == 0)
        *ret = cc_arena_dupn(mem, out.bytes, out.len);
    return rc;
}

/* ---- of URLs that came from here ---- */

const char *cc_url_target(const char *url)
{
    return strchr(strstr(url, "://") + 3, '/');
}

const char *cc_url_origin(const char *url, struct cc_arena *mem)
{
    return cc_arena_dupn(mem, url, (size_t)(cc_url_target(url) - url));
}

const char *cc_url_place(const char *url, struct cc_arena *mem)
{
    struct parts p = split(url);
    const char *host = cc_arena_dupn(mem, p.authority.at, p.authority.len);
    const char *bracket = strchr(host, ']');

    if (strchr(bracket ? bracket : host, ':'))
        return host;
    return cc_arena_printf(mem, "%s:%d", host, p.scheme.len == 5 ? 443 : 80);
}

bool cc_url_same_site(const char *a, const char *b)
{
    struct cc_url_piece host[] = {split(a).authority, split(b).authority};

    for (int i = 0; i < 2; i++)
        if (host[i].len > 4 && strncmp(host[i].at, "www.", 4) == 0)
            host[i] = (struct cc_url_piece){host[i].at + 4, host[i].len - 4};
    return host[0].len == host[1].len && memcmp(host[0].at, host[1].at, host[0].len) == 0;
}

const char *cc_url_filename(const char *url, struct cc_arena *mem)
{
    struct parts p = split(url);
    const char *end = p.path.at + p.path.len, *begin;
    char *name, *to;

    while (end > p.path.at && end[-1] == '/')
        end--;
    for (begin = end; begin > p.path.at && begin[-1] != '/'; begin--)
        ;
    if (begin == end)
        return cc_arena_dupn(mem, p.authority.at, p.authority.len);
    name = to = cc_arena_get(mem, (size_t)(end - begin) + 1);
    for (const char *s = begin; s < end; s++) {
        int byte = escaped(s, (size_t)(end - s));

        *to++ = (char)(byte >= 0 ? byte : *s);
        s += byte >= 0 ? 2 : 0;
    }
    for (const char *s = name; s < to; s++) /* no file is called so: keep it as it is written */
        if ((unsigned char)*s < ' ' || *s == '/' || *s == '\x7f')
            return cc_arena_dupn(mem, begin, (size_t)(end - begin));
    if (!cc_utf8_valid(name, (size_t)(to - name)))
        return cc_arena_dupn(mem, begin, (size_t)(end - begin));
    return name;
}

/* Back to the last star whenever it fails: no more than pattern times text. */
bool cc_url_like(const char *pattern, size_t pattern_len, const char *text, size_t len)
{
    size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

    while (t < len) {
        if (p < pattern_len && pattern[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern_len && pattern[p] == text[t]) {
            p++, t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern_len && pattern[p] == '*')
        p++;
    return p == pattern_len;
}

bool cc_url_matches(const char *url, const char *pattern)
{
    const char *target = cc_url_target(url);
    size_t n = strlen(pattern);

    return cc_url_like(pattern, n, target, strlen(target)) ||
           cc_url_like(pattern, n, target, strcspn(target, "?"));
}
