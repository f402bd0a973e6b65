#include "ingest/parse/charset.h"

#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/ustring.h>

#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

CC_CLEANER(UCharsetDetector *, ucsdet_close)
CC_CLEANER(UConverter *, ucnv_close)

#define SNIFF_BYTES (64 * 1024) /* what the guesses look at */
#define HEAD_BYTES  4096        /* within which a page names its charset */
#define LABEL_BYTES 40

static const struct mark {
    const char *bytes;
    size_t len;
    const char *name;
} marks[] = {
    {"\xef\xbb\xbf", 3, "UTF-8"}, {"\xff\xfe\0\0", 4, "UTF-32LE"}, {"\0\0\xfe\xff", 4, "UTF-32BE"},
    {"\xff\xfe", 2, "UTF-16LE"},  {"\xfe\xff", 2, "UTF-16BE"},
};

static const struct mark *find_mark(const char *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (len >= marks[i].len && !memcmp(bytes, marks[i].bytes, marks[i].len))
            return &marks[i];
    return NULL;
}

/* No character is above U+10FFFF: in 32 bits one byte is always zero, its neighbour small. */
static const char *by_four_bytes(const unsigned char *bytes, size_t n)
{
    size_t little = 0, big = 0;

    for (size_t i = 0; i < n; i++) {
        little += !bytes[4 * i + 3] && bytes[4 * i + 2] <= 0x10;
        big += !bytes[4 * i] && bytes[4 * i + 1] <= 0x10;
    }
    return little == n ? "UTF-32LE" : big == n ? "UTF-32BE" : NULL;
}

/* Most letters of living languages have a zero high byte or at least share one: zeros pile up. */
static const char *by_zero_bytes(const char *bytes, size_t len)
{
    size_t zero[4] = {0}, n = (len < SNIFF_BYTES ? len : SNIFF_BYTES) / 4;
    const char *name;

    for (size_t i = 0; i < 4 * n; i++)
        zero[i % 4] += bytes[i] == 0;
    if (!n)
        return NULL;
    name = by_four_bytes((const unsigned char *)bytes, n);
    if (name)
        return name;
    if (zero[1] + zero[3] > n / 4 && zero[0] + zero[2] <= n / 50)
        return "UTF-16LE";
    if (zero[0] + zero[2] > n / 4 && zero[1] + zero[3] <= n / 50)
        return "UTF-16BE";
    return NULL;
}

bool cc_charset_is_wide(const char *bytes, size_t len)
{
    const struct mark *mark = find_mark(bytes, len);

    return mark ? strcmp(mark->name, "UTF-8") != 0 : by_zero_bytes(bytes, len) != NULL;
}

/* ICU guesses more charsets than Debian's ICU has tables for. */
static bool has_table(const char *name)
{
    UErrorCode rc = U_ZERO_ERROR;
    CC_AUTO(ucnv_close)
    UConverter *table = ucnv_open(name, &rc);

    return table && U_SUCCESS(rc);
}

static int by_frequency(const char *bytes, size_t len, struct cc_arena *mem, const char **ret)
{
    UErrorCode rc = U_ZERO_ERROR;
    CC_AUTO(ucsdet_close)
    UCharsetDetector *detector = ucsdet_open(&rc);
    const UCharsetMatch **matches;
    int32_t n = 0;

    ucsdet_setText(detector, bytes, (int32_t)(len < SNIFF_BYTES ? len : SNIFF_BYTES), &rc);
    ucsdet_enableInputFilter(detector, true); /* the letters of tags say nothing */
    matches = ucsdet_detectAll(detector, &n, &rc);
    if (U_FAILURE(rc))
        return cc_fail(CC_E_PARSER, "charset: %s", u_errorName(rc));
    *ret = "windows-1252";
    for (int32_t i = 0; i < n; i++) {
        const char *name = ucsdet_getName(matches[i], &rc);

        if (name && has_table(name)) {
            *ret = cc_arena_dup(mem, name);
            break;
        }
    }
    return 0;
}

static int convert(const char *name, const char *bytes, size_t len, struct cc_arena *mem,
                   const char **ret, size_t *ret_len)
{
    UErrorCode rc = U_ZERO_ERROR;
    CC_AUTO(ucnv_close)
    UConverter *from = ucnv_open(name, &rc);
    int32_t wide_room = (int32_t)(2 * len + 16), n, n8 = 0;
    UChar *wide;
    char *utf8;

    if (U_FAILURE(rc))
        return cc_fail(CC_E_PARSER, "charset %s: %s", name, u_errorName(rc));
    wide = cc_arena_array(mem, (size_t)wide_room, sizeof *wide);
    n = ucnv_toUChars(from, wide, wide_room, bytes, (int32_t)len, &rc);
    if (U_FAILURE(rc))
        return cc_fail(CC_E_PARSER, "charset %s: %s", name, u_errorName(rc));
    utf8 = cc_arena_get(mem, 3 * (size_t)n + 1);
    u_strToUTF8WithSub(utf8, 3 * n + 1, &n8, wide, n, 0xfffd, NULL, &rc);
    if (U_FAILURE(rc))
        return cc_fail(CC_E_PARSER, "charset %s: %s", name, u_errorName(rc));
    *ret = utf8;
    *ret_len = (size_t)n8;
    return 0;
}

/* ISO-2022 is seven bits wide, and so valid UTF-8: its shifts give it away. */
static bool has_shifts(const char *bytes, size_t len)
{
    return memmem(bytes, len, "\x1b$", 2) || memmem(bytes, len, "\x1b(", 2);
}

static int find_name(const char *bytes, size_t len, struct cc_arena *mem, const char **ret)
{
    if (cc_utf8_valid(bytes, len) && !memchr(bytes, 0, len) && !has_shifts(bytes, len)) {
        *ret = "UTF-8";
        return 0;
    }
    *ret = by_zero_bytes(bytes, len);
    return *ret ? 0 : by_frequency(bytes, len, mem, ret);
}

static int decode_as(const char *name, const char *bytes, size_t len, struct cc_arena *mem,
                     const char **ret, size_t *ret_len)
{
    if (!strcmp(name, "UTF-8") && cc_utf8_valid(bytes, len)) {
        *ret = bytes;
        *ret_len = len;
        return 0;
    }
    return convert(name, bytes, len, mem, ret, ret_len);
}

int cc_charset_decode(const char *bytes, size_t len, struct cc_arena *mem, const char **ret,
                      size_t *ret_len, const char **ret_name)
{
    const struct mark *mark = find_mark(bytes, len);
    const char *name = mark ? mark->name : NULL;
    int rc;

    if (mark) {
        bytes += mark->len;
        len -= mark->len;
    } else if ((rc = find_name(bytes, len, mem, &name))) {
        return rc;
    }
    if (ret_name)
        *ret_name = name;
    return decode_as(name, bytes, len, mem, ret, ret_len);
}

/* ---- web pages ---- */

/* What browsers take these names for: pages use them for more than they stand for. */
static const struct alias {
    const char *label, *name;
} aliases[] = {
    {"iso-8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"us-ascii", "windows-1252"},
    {"ascii", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"x-sjis", "Shift_JIS"},
    {"ks_c_5601-1987", "windows-949"},
    {"euc-kr", "windows-949"},
    {"utf8", "UTF-8"},
    {"utf-8", "UTF-8"},
    {"tis-620", "windows-874"},
};

/* The name behind the first `key` and "=" in a piece of the page's head. */
static bool read_label(const char *s, size_t len, const char *key, char ret[LABEL_BYTES])
{
    const char *at = memmem(s, len, key, strlen(key)), *end = s + len;
    size_t n = 0;

    if (!at)
        return false;
    at += strlen(key);
    while (at < end && strchr(" \t\r\n=\"'", *at) && *at)
        at++;
    while (at < end && n + 1 < LABEL_BYTES && *at && !strchr(" \t\r\n;\"'/>?", *at))
        ret[n++] = *at++;
    ret[n] = '\0';
    return n > 0;
}

static const char *known_name(const char *label, struct cc_arena *mem)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (!strcasecmp(label, aliases[i].label))
            return aliases[i].name;
    if (!strncasecmp(label, "utf-16", 6) || !strncasecmp(label, "utf-32", 6) ||
        !strncasecmp(label, "utf-7", 5) || strcasestr(label, "ibm") || strcasestr(label, "ebcdic"))
        return NULL; /* that name itself could not have been read */
    return has_table(label) ? cc_arena_dup(mem, label) : NULL;
}

/* NULL when the page does not say it, or not with a name that is known. */
static const char *declared(const char *bytes, size_t len, struct cc_arena *mem)
{
    size_t head = len < HEAD_BYTES ? len : HEAD_BYTES;
    char *lower = cc_arena_dupn(mem, bytes, head), label[LABEL_BYTES];
    const char *name = NULL;

    for (size_t i = 0; i < head; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    if (head > 5 && !memcmp(lower, "<?xml", 5) &&
        read_label(lower, head < 200 ? head : 200, "encoding", label))
        name = known_name(label, mem);
    for (const char *at = lower;
         !name && (at = memmem(at, head - (size_t)(at - lower), "<meta", 5)); at++) {
        size_t left = head - (size_t)(at - lower);
        const char *end = memchr(at, '>', left);

        if (end && read_label(at, (size_t)(end - at), "charset", label))
            name = known_name(label, mem);
    }
    return name;
}

int cc_charset_decode_page(const char *bytes, size_t len, struct cc_arena *mem, const char **ret,
                           size_t *ret_len)
{
    bool plain = cc_utf8_valid(bytes, len) && !has_shifts(bytes, len);
    const char *name = plain || cc_charset_is_wide(bytes, len) ? NULL : declared(bytes, len, mem);

    if (find_mark(bytes, len) || !name)
        return cc_charset_decode(bytes, len, mem, ret, ret_len, NULL);
    return decode_as(name, bytes, len, mem, ret, ret_len);
}
