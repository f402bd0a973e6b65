#include "proto/http/sse.h"

#include <string.h>

#include "proto/base/error.h"

void cc_sse_init(struct cc_sse *sse)
{
    *sse = (struct cc_sse){0};
    cc_buf_init(&sse->line, CC_SSE_MAX);
    cc_buf_init(&sse->data, CC_SSE_MAX);
}

void cc_sse_done(struct cc_sse *sse)
{
    cc_buf_done(&sse->line);
    cc_buf_done(&sse->data);
}

/* "event" is the only field besides data that we want; id and retry are the sender's. */
static void on_field(struct cc_sse *sse, const char *name, size_t name_len, const char *value,
                     size_t len)
{
    if (name_len == 4 && memcmp(name, "data", 4) == 0) {
        cc_buf_add(&sse->data, value, len);
        cc_buf_char(&sse->data, '\n');
    } else if (name_len == 5 && memcmp(name, "event", 5) == 0) {
        size_t fits = len < sizeof sse->event ? len : sizeof sse->event - 1;

        memcpy(sse->event, value, fits);
        sse->event[fits] = '\0';
    }
}

/* A line without its end.  1: it was the empty line after an event that has data. */
static int on_line(struct cc_sse *sse, const char *line, size_t len)
{
    if (!sse->begun && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3, len -= 3;
    sse->begun = true;
    if (len == 0) {
        if (sse->data.len > 0)
            return 1;
        sse->event[0] = '\0';
        return 0;
    }
    const char *colon = memchr(line, ':', len);
    size_t name = colon ? (size_t)(colon - line) : len;
    size_t from = colon ? name + 1 : len;

    if (from < len && line[from] == ' ')
        from++;
    on_field(sse, line, name, line + from, len - from);
    return 0;
}

/* Bytes of the first line of [p, p+len), -1 when it does not end here. */
static long line_length(const char *p, size_t len)
{
    const char *lf = memchr(p, '\n', len);
    const char *cr = memchr(p, '\r', lf ? (size_t)(lf - p) : len);
    const char *end = cr ? cr : lf;

    return end ? end - p : -1;
}

static int whole_line(struct cc_sse *sse, const char *p, size_t len)
{
    if (sse->line.len == 0)
        return on_line(sse, p, len); /* the usual case: nothing is copied */
    cc_buf_add(&sse->line, p, len);
    if (cc_buf_over(&sse->line))
        return 0;
    int rc = on_line(sse, sse->line.bytes, sse->line.len);
    cc_buf_reset(&sse->line);
    return rc;
}

static void forget_told(struct cc_sse *sse)
{
    if (!sse->told)
        return;
    sse->told = false;
    sse->event[0] = '\0';
    cc_buf_reset(&sse->data);
}

static int tell(struct cc_sse *sse, struct cc_sse_event *ret)
{
    sse->data.bytes[--sse->data.len] = '\0'; /* the line feed after the last line */
    sse->told = true;
    *ret = (struct cc_sse_event){
        .event = sse->event[0] ? sse->event : "message",
        .data = sse->data.bytes,
        .len = sse->data.len,
    };
    return 1;
}

static void skip(const char **bytes, size_t *len, size_t n)
{
    *bytes += n;
    *len -= n;
}

int cc_sse_take(struct cc_sse *sse, const char **bytes, size_t *len, struct cc_sse_event *ret)
{
    forget_told(sse);
    while (*len > 0) {
        if (sse->cr && **bytes == '\n')
            skip(bytes, len, 1); /* the second half of a CR LF */
        sse->cr = false;
        long n = line_length(*bytes, *len);
        if (n < 0) {
            cc_buf_add(&sse->line, *bytes, *len);
            skip(bytes, len, *len);
        } else {
            sse->cr = (*bytes)[n] == '\r';
            int rc = whole_line(sse, *bytes, (size_t)n);
            skip(bytes, len, (size_t)n + 1);
            if (rc == 1)
                return tell(sse, ret);
        }
        if (cc_buf_over(&sse->line) || cc_buf_over(&sse->data))
            return cc_fail(CC_E_TOOBIG, "sse: an event above %d bytes", CC_SSE_MAX);
    }
    return 0;
}
