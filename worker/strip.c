#include "worker/strip.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proto/base/text.h"

#define MARK_MAX 48 /* bytes of <|...|> */

static const struct {
    uint32_t from, to;
} unseen[] =
    {
        {0x00, 0x08},       {0x0b, 0x0c},        {0x0e, 0x1f},     {0x7f, 0x9f},
        {0x00ad, 0x00ad},   {0x180e, 0x180e},    {0x200b, 0x200b}, {0x200e, 0x200f},
        {0x202a, 0x202e},   {0x2060, 0x206f},    {0xfeff, 0xfeff}, {0xfff9, 0xfffb},
        {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff}, /* tags, more variation selectors; private use */
};

/* U+200C and U+200D join letters in Persian and Indic scripts and parts of emoji; after ASCII they
 * only hide something. */
static bool is_unseen(uint32_t cp, bool after_ascii)
{
    if (cp == 0x200c || cp == 0x200d)
        return after_ascii;
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (cp >= unseen[i].from && cp <= unseen[i].to)
            return true;
    return false;
}

static const char *const marks[] = {
    "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>",        "<s>",
    "</s>",   "<bos>",   "<eos>",   "<start_of_turn>", "<end_of_turn>",
};

/* Bytes of the template mark that begins here, 0: none. */
static size_t mark_at(const char *p, size_t len)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);

        if (n <= len && memcmp(p, marks[i], n) == 0)
            return n;
    }
    if (len < 4 || p[0] != '<' || p[1] != '|')
        return 0;
    const char *close = memmem(p + 2, len - 2 < MARK_MAX ? len - 2 : MARK_MAX, "|>", 2);
    return close && !memchr(p, '\n', (size_t)(close - p)) ? (size_t)(close - p) + 2 : 0;
}

static size_t strip_marks(char *text, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len;) {
        size_t mark = text[i] == '<' || text[i] == '[' ? mark_at(text + i, len - i) : 0;

        if (mark == 0)
            text[out++] = text[i++];
        i += mark;
    }
    return out;
}

static size_t strip_unseen(const char *text, size_t len, char *out)
{
    bool after_ascii = true;
    size_t n = 0, step;

    for (size_t i = 0; i < len; i += step) {
        uint32_t cp = cc_utf8_next(text + i, len - i, &step);

        if (is_unseen(cp, after_ascii))
            continue;
        memcpy(out + n, text + i, step);
        n += step;
        after_ascii = cp < 0x80;
    }
    return n;
}

const char *cc_strip(const char *text, size_t len, struct cc_arena *mem)
{
    char *out = cc_arena_get(mem, len + 1);
    size_t before, n = strip_unseen(text, len, out);

    do { /* taking one mark out may join the halves of another */
        before = n;
        n = strip_marks(out, n);
    } while (n < before);
    out[n] = '\0';
    return out;
}
