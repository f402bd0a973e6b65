#include "worker/llm/scan.h"

#include <string.h>

#include "proto/base/text.h"

#define REPLACEMENT 0xfffd

static void put(struct cc_buf *out, uint32_t cp)
{
    char utf8[4];

    cc_buf_add(out, utf8, cc_utf8_put(cp ? cp : REPLACEMENT, utf8));
}

void cc_scan_flush(struct cc_scan *scan, struct cc_buf *out)
{
    if (scan->high)
        put(out, REPLACEMENT);
    scan->high = 0;
}

/* One UTF-16 unit of an escape. */
static void put_unit(struct cc_scan *scan, uint32_t unit, struct cc_buf *out)
{
    if (unit >= 0xdc00 && unit <= 0xdfff) {
        put(out,
            scan->high ? 0x10000 + ((scan->high - 0xd800) << 10) + (unit - 0xdc00) : REPLACEMENT);
        scan->high = 0;
        return;
    }
    cc_scan_flush(scan, out);
    if (unit >= 0xd800 && unit <= 0xdbff)
        scan->high = unit;
    else
        put(out, unit);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *unicode_escape(struct cc_scan *scan, const char *at, const char *end,
                                  struct cc_buf *out)
{
    uint32_t unit = 0;

    if (end - at < 4)
        return NULL;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return NULL;
        unit = unit << 4 | (uint32_t)digit;
    }
    put_unit(scan, unit, out);
    return at + 4;
}

/* at points behind the backslash. */
static const char *escape(struct cc_scan *scan, const char *at, const char *end, struct cc_buf *out)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *p;

    if (at == end)
        return NULL;
    if (*at == 'u')
        return unicode_escape(scan, at + 1, end, out);
    p = *at ? strchr(names, *at) : NULL;
    if (!p)
        return NULL;
    cc_scan_flush(scan, out);
    cc_buf_char(out, means[p - names]);
    return at + 1;
}

static const char *plain_run(const char *at, const char *end)
{
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
        at++;
    return at;
}

static const char *scan_all(struct cc_scan *scan, const char *at, const char *end,
                            struct cc_buf *out)
{
    while (at && at < end) {
        const char *run = plain_run(at, end);

        if (run > at) {
            cc_scan_flush(scan, out);
            if (!cc_utf8_valid(at, (size_t)(run - at)))
                return NULL;
            cc_buf_add(out, at, (size_t)(run - at));
        }
        if (run == end || (unsigned char)*run < 0x20)
            return NULL;
        if (*run == '"')
            return run + 1;
        at = escape(scan, run + 1, end, out);
    }
    return NULL;
}

const char *cc_scan_string(struct cc_scan *scan, const char *at, const char *end,
                           struct cc_buf *out)
{
    struct cc_scan before = *scan;
    size_t len = out->len;
    const char *rest = scan_all(scan, at, end, out);

    if (!rest) {
        *scan = before;
        if (out->len > len) {
            out->len = len;
            out->bytes[len] = '\0';
        }
    }
    return rest;
}

const char *cc_scan_past(const char *at, const char *end, const char *needle)
{
    size_t len = strlen(needle);
    const char *p = memmem(at, (size_t)(end - at), needle, len);

    return p ? p + len : NULL;
}
