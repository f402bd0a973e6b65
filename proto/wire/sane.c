/*
 * Looks at the heads of a msgpack value without making anything of them.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
#include "proto/wire/job.h"

#define DEPTH_MAX 8

/* What follows a first byte: `width` bytes of a big-endian number, which counts bytes or
 * values (of a map twice as many), and `fixed` bytes besides. */
struct head {
    uint8_t width, fixed;
    enum { NONE, BYTES, VALUES, PAIRS, BAD } counts;
};
static const struct head heads[] = {
    {0, 0, NONE},   /* 0xc0: nil */
    {0, 0, BAD},    /* never used */
    {0, 0, NONE},   /* false */
    {0, 0, NONE},   /* true */
    {1, 0, BYTES},  /* bin 8 */
    {2, 0, BYTES},  /* bin 16 */
    {4, 0, BYTES},  /* bin 32 */
    {1, 1, BYTES},  /* ext 8: one byte of type */
    {2, 1, BYTES},  /* ext 16 */
    {4, 1, BYTES},  /* ext 32 */
    {0, 4, NONE},   /* float 32 */
    {0, 8, NONE},   /* float 64 */
    {0, 1, NONE},   /* uint 8 */
    {0, 2, NONE},   /* uint 16 */
    {0, 4, NONE},   /* uint 32 */
    {0, 8, NONE},   /* uint 64 */
    {0, 1, NONE},   /* int 8 */
    {0, 2, NONE},   /* int 16 */
    {0, 4, NONE},   /* int 32 */
    {0, 8, NONE},   /* int 64 */
    {0, 2, NONE},   /* fixext 1: one byte of type */
    {0, 3, NONE},   /* fixext 2 */
    {0, 5, NONE},   /* fixext 4 */
    {0, 9, NONE},   /* fixext 8 */
    {0, 17, NONE},  /* fixext 16 */
    {1, 0, BYTES},  /* str 8 */
    {2, 0, BYTES},  /* str 16 */
    {4, 0, BYTES},  /* str 32 */
    {2, 0, VALUES}, /* array 16 */
    {4, 0, VALUES}, /* array 32 */
    {2, 0, PAIRS},  /* map 16 */
    {4, 0, PAIRS},  /* map 32: 0xdf */
};

struct walk {
    const uint8_t *at, *end;
    uint64_t left[DEPTH_MAX + 1]; /* values still to come on each level */
    int level;
};

static size_t rest(const struct walk *w)
{
    return (size_t)(w->end - w->at);
}

static bool skip(struct walk *w, uint64_t bytes)
{
    if (bytes > rest(w))
        return false;
    w->at += bytes;
    return true;
}

/* Each value takes a byte at least: a count beyond the rest is a lie. */
static bool enter(struct walk *w, uint64_t values)
{
    if (values > rest(w))
        return false;
    if (values == 0)
        return true;
    if (w->level == DEPTH_MAX)
        return false;
    w->left[++w->level] = values;
    return true;
}

static bool walk_table(struct walk *w, const struct head *head)
{
    uint64_t n = 0;

    if (head->counts == BAD || (size_t)(head->width + head->fixed) > rest(w))
        return false;
    for (int i = 0; i < head->width; i++)
        n = n << 8 | *w->at++;
    w->at += head->fixed;
    switch (head->counts) {
    case BYTES: return skip(w, n);
    case VALUES: return enter(w, n);
    case PAIRS: return enter(w, 2 * n);
    default: return true;
    }
}

static bool walk_one(struct walk *w)
{
    uint8_t first = *w->at++;

    if (first < 0x80 || first >= 0xe0) /* small whole numbers */
        return true;
    if (first < 0x90)
        return enter(w, 2u * (first & 0x0fu));
    if (first < 0xa0)
        return enter(w, first & 0x0fu);
    if (first < 0xc0)
        return skip(w, first & 0x1fu);
    return walk_table(w, &heads[first - 0xc0]);
}

bool cc_msgpack_sane(const void *bytes, size_t len)
{
    struct walk w = {.at = bytes, .end = (const uint8_t *)bytes + len, .left = {1}};

    while (w.level >= 0) {
        if (w.left[w.level] == 0) {
            w.level--;
            continue;
        }
        w.left[w.level]--;
        if (w.at == w.end || !walk_one(&w))
            return false;
    }
    return w.at == w.end;
}
