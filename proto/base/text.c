#include "proto/base/text.h"

#include <string.h>

#define REPLACEMENT 0xFFFDu

/* Table 3-7 of the Unicode standard: what may follow which first byte. */
static const struct lead {
    uint8_t from, to, len, second_min, second_max, bits;
} leads[] = {
    {0x00, 0x7F, 1, 0, 0, 0x7F},       {0xC2, 0xDF, 2, 0x80, 0xBF, 0x1F},
    {0xE0, 0xE0, 3, 0xA0, 0xBF, 0x0F}, {0xE1, 0xEC, 3, 0x80, 0xBF, 0x0F},
    {0xED, 0xED, 3, 0x80, 0x9F, 0x0F}, {0xEE, 0xEF, 3, 0x80, 0xBF, 0x0F},
    {0xF0, 0xF0, 4, 0x90, 0xBF, 0x07}, {0xF1, 0xF3, 4, 0x80, 0xBF, 0x07},
    {0xF4, 0xF4, 4, 0x80, 0x8F, 0x07},
};

static const struct lead *lead_of(uint8_t first)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
        if (first >= leads[i].from && first <= leads[i].to)
            return &leads[i];
    return NULL;
}

/* How many bytes of the character that starts at s are there and right; all: lead->len. */
static size_t good_bytes(const struct lead *lead, const uint8_t *s, size_t len)
{
    size_t n = 1;

    if (len > 1 && lead->len > 1 && s[1] >= lead->second_min && s[1] <= lead->second_max)
        n = 2;
    while (n >= 2 && n < lead->len && n < len && (s[n] & 0xC0) == 0x80)
        n++;
    return n;
}

uint32_t cc_utf8_next(const char *s, size_t len, size_t *ret_len)
{
    const uint8_t *u = (const uint8_t *)s;
    const struct lead *lead = len ? lead_of(u[0]) : NULL;

    *ret_len = len ? 1 : 0;
    if (!lead || good_bytes(lead, u, len) < lead->len)
        return REPLACEMENT;

    uint32_t cp = u[0] & lead->bits;
    for (size_t i = 1; i < lead->len; i++)
        cp = cp << 6 | (u[i] & 0x3F);
    *ret_len = lead->len;
    return cp;
}

bool cc_utf8_valid(const char *s, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        n = 1;
        if ((uint8_t)s[i] < 0x80)
            continue;
        if (cc_utf8_next(s + i, len - i, &n) == REPLACEMENT && n == 1)
            return false;
    }
    return true;
}

size_t cc_utf8_count(const char *s, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += ((uint8_t)s[i] & 0xC0) != 0x80;
    return count;
}

size_t cc_utf8_cut(const char *s, size_t len, size_t max_bytes)
{
    if (len <= max_bytes)
        return len;
    while (max_bytes && ((uint8_t)s[max_bytes] & 0xC0) == 0x80)
        max_bytes--;
    return max_bytes;
}

size_t cc_utf8_put(uint32_t cp, char out[4])
{
    static const uint8_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

    for (size_t i = n - 1; i > 0; i--, cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3F));
    out[0] = (char)(marks[n] | cp);
    return n;
}

static bool is_space(uint32_t cp)
{
    static const uint32_t spaces[] = {' ',    0x85,   0xA0,   0x1680, 0x2028,
                                      0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF};

    if ((cp >= '\t' && cp <= '\r') || (cp >= 0x2000 && cp <= 0x200B))
        return true;
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        if (cp == spaces[i])
            return true;
    return false;
}

/* Bytes of the white space that s ends with; 0 when it ends with something else. */
static size_t space_at_end(const char *s, size_t len)
{
    size_t back = 1, n;

    while (back < 4 && back < len && ((uint8_t)s[len - back] & 0xC0) == 0x80)
        back++;
    uint32_t cp = cc_utf8_next(s + len - back, back, &n);
    return n == back && is_space(cp) ? back : 0;
}

const char *cc_text_trim(const char *s, size_t len, size_t *ret_len)
{
    size_t n;

    while (len && is_space(cc_utf8_next(s, len, &n))) {
        s += n;
        len -= n;
    }
    while (len && (n = space_at_end(s, len)) > 0)
        len -= n;
    *ret_len = len;
    return s;
}

bool cc_text_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool cc_text_int(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = *s == '-';
    int64_t value = 0;

    s += negative;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || __builtin_mul_overflow(value, 10, &value))
            return false;
        int digit = negative ? '0' - *s : *s - '0'; /* downwards, as INT64_MIN has no positive */
        if (__builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (value < min || value > max)
        return false;
    *ret = value;
    return true;
}

int cc_base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}
