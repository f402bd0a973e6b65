#include <string.h>

#include "ingest/parse/parse.h"

/* Bytes of longer characters pass for lower-case letters: most of them are. */
static bool is_lower(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* "exam-\nple" is one word, "Jean-\nPaul" and "2024-\n25" are not. */
static size_t join_words(const char *s, size_t len, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        bool cut = s[i] == '-' && i > 0 && i + 2 < len && s[i + 1] == '\n' &&
                   is_lower((unsigned char)s[i - 1]) && is_lower((unsigned char)s[i + 2]);

        if (cut)
            i++;
        else
            out[n++] = s[i];
    }
    return n;
}

int cc_parse_pdf_text(const char *text, size_t len, struct cc_extract *doc)
{
    int page = 0;

    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\f', len - at);
        size_t n = end ? (size_t)(end - text) - at : len - at;
        char *joined = cc_arena_get(doc->mem, n + 1);
        int rc;

        page++;
        n = join_words(text + at, n, joined);
        rc = cc_parse_plain(joined, n, page, doc);
        if (rc)
            return rc;
        at = end ? (size_t)(end - text) + 1 : len;
    }
    doc->pages = page;
    return 0;
}
