#include "proto/vec/question.h"

#include <stdbool.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "proto/base/error.h"
#include "proto/vec/unicode.h"

/* Marks that change nothing about what is asked. */
static bool is_mark(UChar c)
{
    static const UChar marks[] = u"?!.\u00bf\u00a1\u061f\u3002 ";

    return u_strchr(marks, c) != NULL;
}

/* One blank for any white space.  Returns the new length. */
static size_t close_up(UChar *text, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        if (!u_isUWhiteSpace(text[i]))
            text[out++] = text[i];
        else if (out > 0 && text[out - 1] != ' ')
            text[out++] = ' ';
    }
    return out;
}

static int to_utf8(const UChar *text, size_t len, struct cc_arena *mem, const char **ret)
{
    UErrorCode err = U_ZERO_ERROR;
    size_t room = 3 * len + 1;
    char *out = cc_arena_get(mem, room);

    u_strToUTF8(out, (int32_t)room, NULL, text, (int32_t)len, &err);
    if (U_FAILURE(err))
        return cc_fail(CC_E_INTERNAL, "question: %s", u_errorName(err));
    *ret = out;
    return 0;
}

int cc_question_normal(const char *question, struct cc_arena *mem, const char **ret)
{
    UChar *text;
    size_t len;
    int rc = cc_unicode_normalize(CC_NFKC_FOLDED, question, strlen(question), mem, &text, &len);

    if (rc)
        return rc;
    len = close_up(text, len);
    while (len > 0 && is_mark(text[len - 1]))
        len--;
    while (len > 0 && is_mark(*text)) {
        text++;
        len--;
    }
    return to_utf8(text, len, mem, ret);
}
