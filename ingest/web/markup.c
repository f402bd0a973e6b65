#include "ingest/web/markup.h"

#include <string.h>
#include <strings.h>

#include "proto/base/text.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

static bool begins(const char *at, const char *end, const char *with)
{
    size_t n = strlen(with);

    return (size_t)(end - at) >= n && strncasecmp(at, with, n) == 0;
}

/* Behind the next `what`, or the end. */
static const char *behind(const char *at, const char *end, const char *what)
{
    const char *found = at < end ? memmem(at, (size_t)(end - at), what, strlen(what)) : NULL;

    return found ? found + strlen(what) : end;
}

/* From a '<' that begins no tag: behind what it begins, if anything. */
static const char *skip_other(const char *at, const char *end)
{
    static const struct {
        const char *begin, *end;
    } others[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<!", ">"}, {"<?", ">"}};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (begins(at, end, others[i].begin))
            return behind(at + strlen(others[i].begin), end, others[i].end);
    return at + 1;
}

/* The tag's '>', quoted ones left out; the end when there is none. */
static const char *tag_end(const char *at, const char *end)
{
    char quote = 0, before = 0;

    for (; at < end; at++) {
        if (quote) {
            quote = *at == quote ? 0 : quote;
        } else if (*at == '>') {
            return at;
        } else if ((*at == '"' || *at == '\'') && before == '=') {
            quote = *at;
        }
        before = is_space(*at) ? before : *at;
    }
    return end;
}

/* Behind the text of an element in which '<' begins no tag: at its closing tag. */
static const char *skip_raw(const struct cc_tag *tag, const char *end)
{
    static const char *const raw[] = {"script", "style", "textarea", "title", "xmp"};
    const char *at = tag->text, *name = NULL;

    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        if (cc_tag_is(tag, raw[i]))
            name = raw[i];
    if (!name || tag->closing)
        return at;
    while ((at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        if (at + 1 < end && at[1] == '/' && begins(at + 2, end, name))
            return at;
        at++;
    }
    return end;
}

static bool is_tag(const char *at, const char *end)
{
    at += at + 1 < end && at[1] == '/' ? 2 : 1;
    return at < end && is_letter(*at);
}

static void read_tag(const char *at, const char *end, struct cc_tag *ret)
{
    const char *close;

    ret->closing = at[1] == '/';
    ret->name = at + (ret->closing ? 2 : 1);
    close = tag_end(ret->name, end);
    for (at = ret->name; at < close && !is_space(*at) && *at != '/'; at++)
        ;
    ret->name_len = (size_t)(at - ret->name);
    ret->attributes = at;
    ret->attributes_end = close;
    ret->text = close < end ? close + 1 : end;
}

bool cc_markup_next(struct cc_markup *markup, struct cc_tag *ret)
{
    const char *end = markup->end, *at = markup->at;

    while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        if (!is_tag(at, end)) {
            at = skip_other(at, end);
            continue;
        }
        read_tag(at, end, ret);
        if (ret->attributes_end == end)
            break; /* cut off */
        markup->at = markup->html ? skip_raw(ret, end) : ret->text;
        return true;
    }
    markup->at = end;
    return false;
}

bool cc_tag_is(const struct cc_tag *tag, const char *name)
{
    return tag->name_len == strlen(name) && strncasecmp(tag->name, name, tag->name_len) == 0;
}

/* ---- attributes ---- */

struct attribute {
    const char *name, *value;
    size_t name_len, len;
};

/* One attribute from *at on; false when there is no more. */
static bool next_attribute(const char **at, const char *end, struct attribute *ret)
{
    const char *s = *at;

    while (s < end && (is_space(*s) || *s == '/' || *s == '='))
        s++;
    ret->name = ret->value = s;
    while (s < end && !is_space(*s) && *s != '=' && *s != '/')
        s++;
    ret->name_len = (size_t)(s - ret->name);
    ret->len = 0;
    while (s < end && is_space(*s))
        s++;
    if (s < end && *s == '=') {
        for (s++; s < end && is_space(*s); s++)
            ;
        char quote = s < end && (*s == '"' || *s == '\'') ? *s++ : 0;
        ret->value = s;
        while (s < end && (quote ? *s != quote : !is_space(*s)))
            s++;
        ret->len = (size_t)(s - ret->value);
        s += quote && s < end;
    }
    *at = s;
    return ret->name_len > 0;
}

const char *cc_tag_attribute(const struct cc_tag *tag, const char *name, struct cc_arena *mem)
{
    const char *at = tag->attributes;
    struct attribute a;

    while (next_attribute(&at, tag->attributes_end, &a))
        if (a.name_len == strlen(name) && strncasecmp(a.name, name, a.name_len) == 0)
            return cc_markup_plain(a.value, a.len, mem);
    return NULL;
}

/* ---- entities ---- */

/* "&#38;" or "&#x26;" at s: its length and character; 0 if it is none. */
static size_t numeric(const char *s, size_t len, uint32_t *ret)
{
    size_t i = 2;
    bool hex = len > 2 && (s[2] == 'x' || s[2] == 'X');
    uint32_t value = 0;

    i += hex;
    for (; i < len && i < 12 && s[i] != ';'; i++) {
        int digit = s[i] >= '0' && s[i] <= '9'                        ? s[i] - '0'
                    : hex && (s[i] | 32) >= 'a' && (s[i] | 32) <= 'f' ? (s[i] | 32) - 'a' + 10
                                                                      : -1;
        if (digit < 0 || value > 0x10FFFF)
            return 0;
        value = value * (hex ? 16 : 10) + (uint32_t)digit;
    }
    if (i >= len || s[i] != ';' || value == 0 || value > 0x10FFFF ||
        (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *ret = value;
    return i + 1;
}

/* The length of the entity at s and what it stands for; 0 if it is none of ours. */
static size_t entity(const char *s, size_t len, uint32_t *ret)
{
    static const struct {
        const char *name;
        char c;
    } named[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

    if (len > 1 && s[1] == '#')
        return numeric(s, len, ret);
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (begins(s, s + len, named[i].name)) {
            *ret = (unsigned char)named[i].c;
            return strlen(named[i].name);
        }
    return 0;
}

const char *cc_markup_plain(const char *text, size_t len, struct cc_arena *mem)
{
    char *out = cc_arena_get(mem, len + 1), *to = out;

    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = text[i] == '&' ? entity(text + i, len - i, &c) : 0;

        if (n) { /* never longer than what it was written as */
            to += cc_utf8_put(c, to);
            i += n;
        } else {
            *to++ = text[i++];
        }
    }
    return out;
}
