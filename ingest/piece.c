#include "ingest/piece.h"

#include <stdbool.h>

/* What each byte is to the pattern. */
enum kind {
    OTHER, /* not ASCII, or a control character: not for us */
    UPPER,
    LOWER,
    DIGIT,
    MARK,  /* neither letter, digit nor white space */
    BLANK, /* white space but line ends */
    LINE,
    END /* of the text */
};

static const unsigned char kinds[256] = {
    ['\t'] = BLANK,       [' '] = BLANK,         ['\n'] = LINE,        ['\r'] = LINE,
    ['!' ... '/'] = MARK, ['0' ... '9'] = DIGIT, [':' ... '@'] = MARK, ['A' ... 'Z'] = UPPER,
    ['[' ... '`'] = MARK, ['a' ... 'z'] = LOWER, ['{' ... '~'] = MARK,
};

static enum kind kind_at(const char *s, size_t len, size_t at)
{
    return at < len ? (enum kind)kinds[(unsigned char)s[at]] : END;
}

static size_t skip(const char *s, size_t len, size_t at, enum kind kind)
{
    while (kind_at(s, len, at) == kind)
        at++;
    return at;
}

/* "The", " THE", "(the": capitals, then small letters; "'s" may belong to it. */
static size_t word_end(const char *s, size_t len, size_t at)
{
    at = skip(s, len, at, UPPER);
    at = skip(s, len, at, LOWER);
    return kind_at(s, len, at) == OTHER || (at < len && s[at] == '\'') ? 0 : at;
}

static size_t number_end(const char *s, size_t len)
{
    size_t at = 1;

    while (at < 3 && kind_at(s, len, at) == DIGIT)
        at++;
    return at < 3 && kind_at(s, len, at) == OTHER ? 0 : at;
}

/* "...", " --", and the line ends and slashes behind them. */
static size_t marks_end(const char *s, size_t len, size_t at)
{
    at = skip(s, len, at, MARK);
    if (kind_at(s, len, at) == OTHER)
        return 0;
    while (at < len && (s[at] == '\n' || s[at] == '\r' || s[at] == '/'))
        at++;
    return at;
}

/* To behind the last line end; without one, to before the last blank, which leads what follows. */
static size_t space_end(const char *s, size_t len)
{
    size_t at = 0, line = 0;
    enum kind kind;

    while ((kind = kind_at(s, len, at)) == BLANK || kind == LINE) {
        at++;
        if (kind == LINE)
            line = at;
    }
    if (kind == OTHER)
        return 0;
    if (line || kind == END)
        return line ? line : at;
    return at > 1 ? at - 1 : 1;
}

static bool is_letter(enum kind kind)
{
    return kind == UPPER || kind == LOWER;
}

size_t cc_piece_ascii(const char *s, size_t len)
{
    enum kind first = kind_at(s, len, 0), second = kind_at(s, len, 1);

    switch (first) {
    case UPPER:
    case LOWER: return word_end(s, len, 0);
    case DIGIT: return number_end(s, len);
    case MARK:
        if (second == OTHER)
            return 0;
        return is_letter(second) ? word_end(s, len, 1) : marks_end(s, len, 0);
    case BLANK:
        if (is_letter(second))
            return word_end(s, len, 1);
        return second == MARK && s[0] == ' ' ? marks_end(s, len, 1) : space_end(s, len);
    case LINE: return space_end(s, len);
    default: return 0;
    }
}
