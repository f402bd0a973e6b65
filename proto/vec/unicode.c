#include "proto/vec/unicode.h"

#include <stdlib.h>
#include <threads.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "proto/base/error.h"

static int to_utf16(const char *text, size_t len, struct cc_arena *mem, UChar **ret,
                    size_t *ret_len)
{
    UErrorCode err = U_ZERO_ERROR;
    int32_t n = 0;
    UChar *wide = cc_arena_array(mem, len + 1, sizeof *wide);

    u_strFromUTF8(wide, (int32_t)len + 1, &n, text, (int32_t)len, &err);
    if (U_FAILURE(err))
        return cc_fail(CC_E_INVALID, "text: no UTF-8 (%s)", u_errorName(err));
    *ret = wide;
    *ret_len = (size_t)n;
    return 0;
}

static const UNormalizer2 *normalizer(enum cc_unicode_form form, UErrorCode *err)
{
    return form == CC_NFKC ? unorm2_getNFKCInstance(err) : unorm2_getNFKCCasefoldInstance(err);
}

int cc_unicode_normalize(enum cc_unicode_form form, const char *text, size_t len,
                         struct cc_arena *mem, UChar **ret, size_t *ret_len)
{
    UErrorCode err = U_ZERO_ERROR;
    const UNormalizer2 *norm = normalizer(form, &err);
    UChar *in, *out;
    size_t in_len;
    int32_t n;
    int rc;

    if (len > CC_UNICODE_MAX)
        return cc_fail(CC_E_TOOBIG, "text: %zu bytes at once", len);
    rc = to_utf16(text, len, mem, &in, &in_len);
    if (rc)
        return rc;
    n = unorm2_normalize(norm, in, (int32_t)in_len, NULL, 0, &err);
    if (err == U_BUFFER_OVERFLOW_ERROR)
        err = U_ZERO_ERROR;
    if (U_FAILURE(err))
        return cc_fail(CC_E_INTERNAL, "normalize: %s", u_errorName(err));
    out = cc_arena_array(mem, (size_t)n + 1, sizeof *out);
    unorm2_normalize(norm, in, (int32_t)in_len, out, n + 1, &err);
    if (U_FAILURE(err))
        return cc_fail(CC_E_INTERNAL, "normalize: %s", u_errorName(err));
    *ret = out;
    *ret_len = (size_t)n;
    return 0;
}

static tss_t at_end; /* of a thread: those of the pool chunk documents */

static void close_iterators(void *arg)
{
    UBreakIterator **mine = arg;

    for (int kind = 0; kind < CC_BREAK_KINDS; kind++)
        if (mine[kind])
            ubrk_close(mine[kind]);
}

static void make_key(void)
{
    if (tss_create(&at_end, close_iterators) != thrd_success)
        abort();
}

int cc_unicode_iterator(enum cc_unicode_break kind, UBreakIterator **ret)
{
    static __thread UBreakIterator *mine[CC_BREAK_KINDS];
    static once_flag once = ONCE_FLAG_INIT;

    /* ss=standard: no sentence ends after "Mr." or "e.g." */
    static const struct {
        UBreakIteratorType type;
        const char *locale;
    } how[CC_BREAK_KINDS] = {{UBRK_WORD, "en"}, {UBRK_SENTENCE, "en@ss=standard"}};
    UErrorCode err = U_ZERO_ERROR;

    call_once(&once, make_key);
    if (tss_set(at_end, mine) != thrd_success)
        abort();
    if (!mine[kind])
        mine[kind] = ubrk_open(how[kind].type, how[kind].locale, NULL, 0, &err);
    if (U_FAILURE(err))
        return cc_fail(CC_E_INTERNAL, "break iterator: %s", u_errorName(err));
    *ret = mine[kind];
    return 0;
}
