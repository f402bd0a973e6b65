#include "worker/llm/reader.h"

#include <string.h>

#include "proto/base/error.h"

void cc_reader_init(struct cc_reader *reader, const struct cc_dialect *dialect)
{
    *reader = (struct cc_reader){.dialect = dialect};
    cc_sse_init(&reader->sse);
    cc_buf_init(&reader->line, CC_SSE_MAX);
    cc_buf_init(&reader->text, CC_READER_TEXT);
}

void cc_reader_done(struct cc_reader *reader)
{
    cc_sse_done(&reader->sse);
    cc_buf_done(&reader->line);
    cc_buf_done(&reader->text);
}

static int one_message(struct cc_reader *reader, const char *data, size_t len)
{
    if (len == 0 || reader->over)
        return 0;
    int rc = reader->dialect->message(reader, data, len);
    if (rc == 0 && cc_buf_over(&reader->text))
        rc = cc_fail(CC_E_UPSTREAM, "%s: too much text at once", reader->dialect->name);
    return rc;
}

static int take_events(struct cc_reader *reader, const char **bytes, size_t *len)
{
    struct cc_sse_event event;
    int rc;

    while ((rc = cc_sse_take(&reader->sse, bytes, len, &event)) == 1)
        if ((rc = one_message(reader, event.data, event.len)) != 0)
            break;
    return rc;
}

/* Without what ends a line in some services. */
static int one_line(struct cc_reader *reader)
{
    size_t len = reader->line.len;

    while (len > 0 && (reader->line.bytes[len - 1] == '\r' || reader->line.bytes[len - 1] == ' '))
        reader->line.bytes[--len] = '\0';
    int rc = one_message(reader, reader->line.bytes, len);
    cc_buf_reset(&reader->line);
    return rc;
}

static int take_lines(struct cc_reader *reader, const char **bytes, size_t *len)
{
    int rc = 0;

    while (rc == 0 && *len > 0) {
        const char *lf = memchr(*bytes, '\n', *len);
        size_t n = lf ? (size_t)(lf - *bytes) : *len;

        cc_buf_add(&reader->line, *bytes, n);
        if (cc_buf_over(&reader->line))
            return cc_fail(CC_E_TOOBIG, "%s: a line above %d bytes", reader->dialect->name,
                           CC_SSE_MAX);
        n += lf ? 1 : 0;
        *bytes += n;
        *len -= n;
        if (lf)
            rc = one_line(reader);
    }
    return rc;
}

static int tell(struct cc_reader *reader, bool end, struct cc_llm_piece *ret)
{
    reader->told = true;
    *ret = (struct cc_llm_piece){
        .text = reader->text.bytes,
        .len = reader->text.len,
        .end = end,
        .finish = reader->finish ? reader->finish : "stop",
        .usage = reader->usage,
    };
    if (ret->usage.output == 0)
        ret->usage.output = reader->deltas;
    return 1;
}

static void forget_told(struct cc_reader *reader)
{
    if (reader->told)
        cc_buf_reset(&reader->text);
    reader->told = false;
}

/* Text first, then what came after it. */
static int next(struct cc_reader *reader, struct cc_llm_piece *ret)
{
    if (reader->over || reader->rc)
        cc_scan_flush(&reader->scan, &reader->text);
    if (reader->text.len > 0)
        return tell(reader, false, ret);
    if (reader->rc)
        return reader->rc;
    return reader->over ? tell(reader, true, ret) : 0;
}

int cc_reader_take(struct cc_reader *reader, const char **bytes, size_t *len,
                   struct cc_llm_piece *ret)
{
    forget_told(reader);
    if (reader->rc == 0 && !reader->over)
        reader->rc = reader->dialect->lines ? take_lines(reader, bytes, len)
                                            : take_events(reader, bytes, len);
    return next(reader, ret);
}

int cc_reader_end(struct cc_reader *reader, struct cc_llm_piece *ret)
{
    forget_told(reader);
    if (reader->rc == 0 && !reader->over && reader->dialect->lines && reader->line.len > 0)
        reader->rc = one_line(reader); /* the last line may lack its end */
    if (reader->finish)
        reader->over = true; /* some services end without a last word */
    if (reader->rc == 0 && !reader->over)
        reader->rc = cc_fail(CC_E_UPSTREAM, "%s: cut off in the middle", reader->dialect->name);
    return next(reader, ret);
}

const char *cc_reader_scan(struct cc_reader *reader, const char *at, const char *end)
{
    const char *rest = at ? cc_scan_string(&reader->scan, at, end, &reader->text) : NULL;

    if (rest)
        reader->deltas++;
    return rest;
}

void cc_reader_text(struct cc_reader *reader, const char *text)
{
    if (!*text)
        return;
    cc_scan_flush(&reader->scan, &reader->text);
    cc_buf_text(&reader->text, text);
    reader->deltas++;
}

/* What another try will not change; all else (overloaded, rate, server errors) may pass. */
static const char *const final_types[] = {
    "invalid_request_error", "authentication_error",    "permission_error",
    "not_found_error",       "request_too_large",       "billing_error",
    "insufficient_quota",    "context_length_exceeded", "invalid_api_key",
};

int cc_reader_failure(struct cc_reader *reader, const char *type)
{
    for (size_t i = 0; i < sizeof final_types / sizeof *final_types; i++)
        if (strcmp(type, final_types[i]) == 0)
            return cc_fail(CC_E_REFUSED, "%s: %s", reader->dialect->name, type);
    return cc_fail(CC_E_UPSTREAM, "%s: %.64s", reader->dialect->name, type);
}
