#include "proto/base/log_mask.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "proto/base/buf.h"
#include "proto/base/text.h"

#define KEY_MIN 8 /* letters after pk_ or sk_: fewer is a word, not a key */

static bool in_token(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_-.~+/=", c));
}

static bool in_address(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("._%+-", c));
}

static size_t run(const char *s, bool (*is)(char))
{
    size_t n = 0;

    while (is(s[n]))
        n++;
    return n;
}

/* Each returns how many bytes at s are the secret, 0 for none, and what to write instead. */
static size_t key_at(const char *s)
{
    bool starts = (s[0] == 'p' || s[0] == 's') && s[1] == 'k' && (s[2] == '_' || s[2] == '-');
    size_t n = starts ? run(s, in_token) : 0;

    return n >= 3 + KEY_MIN ? n : 0;
}

static size_t bearer_at(const char *s)
{
    if (strncasecmp(s, "bearer", 6) != 0)
        return 0;
    size_t gap = strspn(s + 6, " \t:"), n = run(s + 6 + gap, in_token);
    return gap && n ? 6 + gap + n : 0;
}

static size_t mail_at(const char *s)
{
    size_t name = run(s, in_address);

    if (!name || s[name] != '@')
        return 0;
    const char *host = s + name + 1;
    size_t n = run(host, in_address);

    return n && memchr(host, '.', n) ? name + 1 + n : 0;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c);
}

/* A secret starts behind a character of another kind: "task_live" holds no key. */
static const struct {
    size_t (*at)(const char *s);
    bool (*not_behind)(char c);
    const char *instead;
} secrets[] = {{key_at, in_word, "***key***"},
               {bearer_at, in_word, "Bearer ***"},
               {mail_at, in_address, "***mail***"}};

static size_t secret_at(const char *s, char before, const char **ret_instead)
{
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        size_t n = secrets[i].not_behind(before) ? 0 : secrets[i].at(s);

        if (n) {
            *ret_instead = secrets[i].instead;
            return n;
        }
    }
    return 0;
}

/* out has room for cap bytes and a NUL; what does not fit is dropped. */
struct out {
    char *bytes;
    size_t len, cap;
};

static void put(struct out *out, const char *bytes, size_t len)
{
    if (len > out->cap - out->len) {
        out->cap = out->len; /* nothing after it either */
        return;
    }
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

static size_t put_char(struct out *out, const char *s, size_t len)
{
    size_t n;
    char bytes[4];
    uint32_t cp = cc_utf8_next(s, len, &n);

    put(out, bytes, cc_utf8_put(cp, bytes));
    return n;
}

char *cc_log_mask(const char *text, char clean[CC_LOG_TEXT])
{
    struct out out = {clean, 0, CC_LOG_TEXT - 1};
    /* far enough that a secret at the cut is seen whole, near enough to stay cheap */
    size_t len = strnlen(text, 2 * CC_LOG_TEXT), n;

    for (size_t i = 0; i < len && out.len < out.cap; i += n) {
        const char *instead;

        n = secret_at(text + i, i ? text[i - 1] : ' ', &instead);
        if (n)
            put(&out, instead, strlen(instead));
        else
            n = put_char(&out, text + i, len - i);
    }
    clean[out.len] = '\0';
    return clean;
}
