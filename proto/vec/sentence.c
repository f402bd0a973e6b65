#include "proto/vec/sentence.h"

#include <string.h>
#include <unicode/utext.h>

#include "proto/base/error.h"
#include "proto/base/text.h"
#include "proto/vec/unicode.h"

/* A line at least this long was probably broken by its page, not by its author. */
#define WRAPPED_BYTES 50

struct spans {
    struct cc_span *span;
    size_t n, cap;
    struct cc_arena *mem;
};

static void add_span(struct spans *s, size_t from, size_t len)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 32;
        struct cc_span *more = cc_arena_array(s->mem, cap, sizeof *more);

        if (s->n > 0)
            memcpy(more, s->span, s->n * sizeof *more);
        s->span = more;
        s->cap = cap;
    }
    s->span[s->n++] = (struct cc_span){from, len};
}

/* Where to cut a text that is too long: behind the last space, else behind a character. */
static size_t cut_at_space(const char *text, size_t len, size_t max_bytes)
{
    size_t cut = cc_utf8_cut(text, len, max_bytes);

    for (size_t i = cut; i > cut / 2; i--)
        if (text[i - 1] == ' ' || text[i - 1] == '\n')
            return i;
    return cut;
}

static void add_cut(struct spans *s, const char *text, size_t from, size_t to, size_t max_bytes)
{
    while (from < to) {
        size_t room = to - from, size;
        size_t len = room > max_bytes ? cut_at_space(text + from, room, max_bytes) : room;
        const char *trimmed = cc_text_trim(text + from, len, &size);

        if (size > 0)
            add_span(s, (size_t)(trimmed - text), size);
        from += len;
    }
}

/*
 * Unicode's rules end a sentence at every line's end.  One that a page broke goes on: the line was
 * long and the next begins in lower case.  Same length, so offsets stay.
 */
static char *join_wrapped_lines(const char *text, size_t len, struct cc_arena *mem)
{
    char *copy = cc_arena_dupn(mem, text, len);
    size_t begin = 0;

    for (size_t i = 0; i + 1 < len; i++) {
        if (copy[i] != '\n')
            continue;
        if (i - begin >= WRAPPED_BYTES && copy[i + 1] >= 'a' && copy[i + 1] <= 'z')
            copy[i] = ' ';
        begin = i + 1;
    }
    return copy;
}

static int cut_into_sentences(struct spans *s, const char *text, size_t len, size_t max_bytes)
{
    UErrorCode err = U_ZERO_ERROR;
    UText utf8 = UTEXT_INITIALIZER;
    UBreakIterator *it;
    int rc = cc_unicode_iterator(CC_BREAK_SENTENCES, &it);

    if (rc)
        return rc;
    utext_openUTF8(&utf8, text, (int64_t)len, &err);
    ubrk_setUText(it, &utf8, &err);
    if (U_FAILURE(err)) {
        utext_close(&utf8);
        return cc_fail(CC_E_INTERNAL, "sentences: %s", u_errorName(err));
    }
    for (int32_t from = ubrk_first(it), to = ubrk_next(it); to != UBRK_DONE;
         from = to, to = ubrk_next(it))
        add_cut(s, text, (size_t)from, (size_t)to, max_bytes);
    ubrk_setText(it, u"", 0, &err); /* the iterator outlives the text */
    utext_close(&utf8);
    return 0;
}

int cc_sentences(const char *text, size_t len, size_t max_bytes, struct cc_arena *mem,
                 struct cc_span **ret, size_t *ret_n)
{
    struct spans s = {.mem = mem};
    int rc;

    if (len > CC_UNICODE_MAX)
        return cc_fail(CC_E_TOOBIG, "text: %zu bytes at once", len);
    rc = cut_into_sentences(&s, join_wrapped_lines(text, len, mem), len, max_bytes);
    if (rc)
        return rc;
    *ret = s.span;
    *ret_n = s.n;
    return 0;
}
