#include "proto/wire/event.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/text.h"

#define FIRST_KIND 'a'

const char *cc_event_name(enum cc_event_kind kind)
{
    static const char *const names[] = {
#define X(id, name) name,
        CC_EVENTS(X)
#undef X
    };
    return names[kind];
}

bool cc_event_ends(enum cc_event_kind kind)
{
    return kind == CC_EV_DONE || kind == CC_EV_ERROR;
}

/* ---- ids ---- */
int cc_event_id_compare(struct cc_event_id a, struct cc_event_id b)
{
    if (a.attempt != b.attempt)
        return a.attempt < b.attempt ? -1 : 1;
    return (a.seq > b.seq) - (a.seq < b.seq);
}

/* Digits as we print them: no sign, no space, no leading zero.  *at moves behind them. */
static bool read_number(const char **at, const char *end, int64_t *ret)
{
    const char *p = *at;
    int64_t n = 0;

    if (p == end || (*p == '0' && p + 1 < end && p[1] >= '0' && p[1] <= '9'))
        return false;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        int digit = *p - '0';
        if (n > (INT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    if (p == *at)
        return false;
    *at = p;
    *ret = n;
    return true;
}

static bool read_id(const char *text, size_t len, struct cc_event_id *ret)
{
    const char *at = text, *end = text + len;
    struct cc_event_id id;

    if (!read_number(&at, end, &id.attempt) || at == end || *at++ != '-')
        return false;
    if (!read_number(&at, end, &id.seq) || at != end)
        return false;
    *ret = id;
    return true;
}

bool cc_event_id_parse(const char *text, struct cc_event_id *ret)
{
    return read_id(text, strnlen(text, CC_EVENT_ID_MAX), ret);
}

char *cc_event_id_print(struct cc_event_id id, char out[CC_EVENT_ID_MAX])
{
    snprintf(out, CC_EVENT_ID_MAX, "%lld-%lld", (long long)id.attempt, (long long)id.seq);
    return out;
}

bool cc_event_id_follows(struct cc_event_id last, struct cc_event_id next)
{
    if (next.attempt == last.attempt)
        return next.seq - 1 == last.seq;
    return next.attempt > last.attempt && next.seq == 1;
}

/* ---- stored form ---- */
void cc_event_encode(enum cc_event_kind kind, const char *data, size_t len, struct cc_buf *out)
{
    cc_buf_char(out, (char)(FIRST_KIND + (int)kind));
    cc_buf_add(out, data, len);
}

/* A newline would end the SSE line, a NUL the text; JSON needs neither. */
static bool is_one_line(const char *data, size_t len)
{
    return !memchr(data, '\n', len) && !memchr(data, '\r', len) && !memchr(data, '\0', len) &&
           cc_utf8_valid(data, len);
}

int cc_event_decode(const char *bytes, size_t len, struct cc_event *ret)
{
    int kind = len > 0 ? bytes[0] - FIRST_KIND : -1;

    if (kind < 0 || kind >= CC_EV_COUNT || kind == CC_EV_ACCEPTED)
        return cc_fail(CC_E_INVALID, "event: unknown kind");
    if (len - 1 > CC_EVENT_MAX)
        return cc_fail(CC_E_TOOBIG, "event: %zu bytes", len - 1);
    if (!is_one_line(bytes + 1, len - 1))
        return cc_fail(CC_E_INVALID, "event: data is not one line of UTF-8");
    *ret = (struct cc_event){(enum cc_event_kind)kind, bytes + 1, len - 1};
    return 0;
}

/* ---- published form ---- */

/* The word before the next space; *at moves behind the space. */
static const char *take_word(const char **at, const char *end, size_t *ret_len)
{
    const char *word = *at, *space = memchr(word, ' ', (size_t)(end - word));

    if (!space || space == word)
        return NULL;
    *ret_len = (size_t)(space - word);
    *at = space + 1;
    return word;
}

int cc_notice_decode(const char *bytes, size_t len, struct cc_notice *ret)
{
    const char *at = bytes, *end = bytes + len;
    struct cc_notice notice;
    size_t id_len = 0;

    notice.answer = take_word(&at, end, &notice.answer_len);
    const char *id = notice.answer ? take_word(&at, end, &id_len) : NULL;
    if (!id || !read_id(id, id_len, &notice.id))
        return cc_fail(CC_E_INVALID, "notice: no answer and id in front");
    int rc = cc_event_decode(at, (size_t)(end - at), &notice.event);
    if (rc == 0)
        *ret = notice;
    return rc;
}
