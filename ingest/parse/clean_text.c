#include "ingest/parse/clean_text.h"

#include <stdint.h>
#include <string.h>

#include "proto/base/text.h"

static const struct range {
    uint32_t from, to;
    const char *text; /* what each of them becomes */
} replaced[] = {
    {0x00, 0x08, ""},        {0x0b, 0x0c, "\n"},      {0x0d, 0x0d, ""},
    {0x0e, 0x1f, ""},        {0x7f, 0x9f, ""},        {0xa0, 0xa0, " "},
    {0xad, 0xad, ""},        {0x061c, 0x061c, ""},    {0x180e, 0x180e, ""},
    {0x2000, 0x200a, " "},   {0x200b, 0x200b, ""},    {0x200e, 0x200f, ""},
    {0x2028, 0x2029, "\n"},  {0x202a, 0x202e, ""},    {0x202f, 0x202f, " "},
    {0x205f, 0x205f, " "},   {0x2060, 0x2069, ""},    {0x3000, 0x3000, " "},
    {0xfb00, 0xfb00, "ff"},  {0xfb01, 0xfb01, "fi"},  {0xfb02, 0xfb02, "fl"},
    {0xfb03, 0xfb03, "ffi"}, {0xfb04, 0xfb04, "ffl"}, {0xfb05, 0xfb06, "st"},
    {0xfeff, 0xfeff, ""},    {0xfff9, 0xfffb, ""},    {0xfffe, 0xffff, ""},
    {0xe0000, 0xe007f, ""},
};

static const char *replacement(uint32_t cp)
{
    size_t low = 0, high = sizeof replaced / sizeof *replaced;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (cp > replaced[mid].to)
            low = mid + 1;
        else if (cp < replaced[mid].from)
            high = mid;
        else
            return replaced[mid].text;
    }
    return NULL;
}

struct out {
    char *s;
    size_t len;
    bool layout;
};

static void put_line_end(struct out *out)
{
    while (out->len && (out->s[out->len - 1] == ' ' || out->s[out->len - 1] == '\t'))
        out->len--;
    if (!out->len ||
        (out->len >= 2 && out->s[out->len - 1] == '\n' && out->s[out->len - 2] == '\n'))
        return;
    out->s[out->len++] = '\n';
}

static void put_byte(struct out *out, char c)
{
    if (c == '\n') {
        put_line_end(out);
        return;
    }
    if (!out->layout && (c == ' ' || c == '\t')) {
        if (!out->len || out->s[out->len - 1] == ' ' || out->s[out->len - 1] == '\n')
            return;
        c = ' ';
    }
    out->s[out->len++] = c;
}

char *cc_text_clean(const char *s, size_t len, bool layout, struct cc_arena *mem, size_t *ret_len)
{
    /* one invalid byte may become three (U+FFFD); nothing else grows */
    size_t room = cc_utf8_valid(s, len) ? len : 3 * len;
    struct out out = {.s = cc_arena_get(mem, room + 1), .layout = layout};
    char utf8[4];

    for (size_t i = 0, n; i < len; i += n) {
        uint32_t cp = cc_utf8_next(s + i, len - i, &n);
        const char *text = replacement(cp);
        size_t bytes = text ? strlen(text) : cc_utf8_put(cp, utf8);

        for (size_t k = 0; k < bytes; k++)
            put_byte(&out, text ? text[k] : utf8[k]);
    }
    while (out.len && strchr(" \t\n", out.s[out.len - 1]))
        out.len--;
    out.s[out.len] = '\0';
    *ret_len = out.len;
    return out.s;
}
