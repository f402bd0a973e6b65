#include "gateway/pure/target.h"

#include <stdbool.h>
#include <string.h>

#include "proto/base/text.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte at *i, an escape or not; -1 when the escape is broken. */
static int next_byte(const char *text, size_t len, size_t *i)
{
    int high, low;

    if (text[*i] != '%')
        return (unsigned char)text[*i];
    if (len - *i < 3)
        return -1;
    high = hex(text[*i + 1]);
    low = hex(text[*i + 2]);
    *i += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* In a query a '+' is a space, and a message may have lines. */
static char *decode(const char *text, size_t len, bool query, struct cc_arena *mem)
{
    char *out = cc_arena_get(mem, len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int c = query && text[i] == '+' ? ' ' : next_byte(text, len, &i);
        bool line = query && (c == '\n' || c == '\r' || c == '\t');

        if ((c < 0x20 && !line) || c == 0x7f)
            return NULL;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return cc_utf8_valid(out, n) ? out : NULL;
}

char *cc_percent_decode(const char *text, size_t len, struct cc_arena *mem)
{
    return decode(text, len, false, mem);
}

const char *cc_query_get(const char *query, const char *name, struct cc_arena *mem)
{
    size_t want = strlen(name);

    while (query && *query) {
        size_t len = strcspn(query, "&");

        if (len >= want && memcmp(query, name, want) == 0 && (len == want || query[want] == '='))
            return len == want ? "" : decode(query + want + 1, len - want - 1, true, mem);
        query += len + (query[len] == '&');
    }
    return NULL;
}

const char *cc_query_fault(const char *query, struct cc_arena *mem)
{
    while (query && *query) {
        size_t len = strcspn(query, "&"), name = strcspn(query, "=&");

        if (name < len && !decode(query + name + 1, len - name - 1, true, mem)) {
            char *told = decode(query, name, true, mem);
            return told ? told : "";
        }
        query += len + (query[len] == '&');
    }
    return NULL;
}
