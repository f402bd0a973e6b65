#include "worker/llm/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"

#define BODY_MAX    (2 * 1024 * 1024)
#define ERROR_MAX   (16 * 1024)
#define AHEAD_BYTES (16 * 1024) /* tokens are small, answers are many */

struct exchange {
    struct cc_stream *stream;
    struct cc_reader reader;
    const char *bytes; /* of the stream's last piece, not read yet */
    size_t len;
};

/* "https://host/v1" and "/v1/messages" make "https://host/v1/messages". */
static const char *join_url(const struct cc_exchange_ask *ask, const char *from,
                            struct cc_arena *mem)
{
    size_t base = strlen(from), same;

    while (base > 0 && from[base - 1] == '/')
        base--;
    const char *second = strchr(ask->path + 1, '/');
    same = second ? (size_t)(second - ask->path) : 0;
    if (same && base >= same && memcmp(from + base - same, ask->path, same) == 0)
        base -= same;
    return cc_arena_printf(mem, "%.*s%s", (int)base, from, ask->path);
}

/* The error's kind; its words may repeat what the visitor wrote. */
static const char *error_type(const char *body, size_t len, struct cc_arena *mem)
{
    CC_AUTO(json_decref)
    json_t *root = NULL;

    if (cc_json_parse(body, len, &root))
        return "";
    json_t *error = json_object_get(root, "error");
    const char *type = cc_json_str(error, "code", cc_json_str(error, "type", ""));
    return cc_arena_printf(mem, "%.64s", type);
}

static size_t read_error(struct cc_stream *stream, struct cc_buf *body)
{
    const char *bytes;
    size_t len;

    while (cc_stream_read(stream, cc_now() + 2000, &bytes, &len) == 0 && len > 0 &&
           !cc_buf_over(body))
        cc_buf_add(body, bytes, len);
    return body->len;
}

static int refused(const struct cc_llm_request *req, const struct cc_exchange_ask *ask,
                   struct cc_stream *stream, struct cc_llm_started *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf body;
    int status = cc_stream_status(stream);
    bool later = status == 408 || status == 409 || status == 429 || status >= 500;

    cc_buf_init(&body, ERROR_MAX);
    size_t len = read_error(stream, &body);
    const char *type = error_type(body.bytes, len, req->mem);
    if (strcmp(type, "insufficient_quota") == 0)
        later = false; /* comes with 429, but no waiting helps */
    ret->retry_after_s = cc_stream_retry_after(stream);
    ret->busy = status == 429;
    return cc_fail(later ? CC_E_UPSTREAM : CC_E_REFUSED, "%s: HTTP %d %s", ask->dialect->name,
                   status, type);
}

static struct exchange *exchange_new(struct cc_stream *stream, const struct cc_dialect *dialect)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    if (!exchange)
        abort();
    exchange->stream = stream;
    cc_reader_init(&exchange->reader, dialect);
    return exchange;
}

int cc_exchange_start(const struct cc_llm_request *req, const struct cc_exchange_ask *ask,
                      struct cc_llm_started *ret)
{
    CC_AUTOP(cc_stream_close) struct cc_stream *stream = NULL;
    CC_AUTOP(cc_buf_done) struct cc_buf body;

    cc_buf_init(&body, BODY_MAX);
    cc_json_print(ask->body, &body);
    if (cc_buf_over(&body))
        return cc_fail(CC_E_REFUSED, "%s: a prompt above %d bytes", ask->dialect->name, BODY_MAX);
    struct cc_http_req out = {
        .url = join_url(ask, req->base, req->mem),
        .body = body.bytes,
        .body_len = body.len,
        .headers = ask->headers,
        .connect_ms = (int)cc_cfg_int(CC_CFG_LLM_CONNECT_MS),
        .first_ms = (int)cc_cfg_int(CC_CFG_LLM_FIRST_MS),
        .idle_ms = (int)cc_cfg_int(CC_CFG_LLM_IDLE_MS),
        .ahead_bytes = AHEAD_BYTES,
        .trusted = req->trusted,
    };
    int rc = cc_http_start(req->http, &out, &stream);
    if (rc)
        return rc == CC_E_INVALID || rc == CC_E_FORBIDDEN ? CC_E_REFUSED : rc;
    if (cc_stream_status(stream) != 200)
        return refused(req, ask, stream, ret);
    ret->call = exchange_new(CC_TAKE(stream), ask->dialect);
    return 0;
}

int cc_exchange_read(void *call, int64_t deadline_ms, struct cc_llm_piece *ret)
{
    struct exchange *exchange = call;

    for (;;) {
        int rc = cc_reader_take(&exchange->reader, &exchange->bytes, &exchange->len, ret);

        if (rc)
            return rc > 0 ? 0 : rc;
        rc = cc_stream_read(exchange->stream, deadline_ms, &exchange->bytes, &exchange->len);
        if (rc)
            return rc;
        if (exchange->len == 0) {
            rc = cc_reader_end(&exchange->reader, ret);
            return rc > 0 ? 0 : rc;
        }
    }
}

void cc_exchange_close(void *call)
{
    struct exchange *exchange = call;

    cc_stream_close(&exchange->stream);
    cc_reader_done(&exchange->reader);
    free(exchange);
}

json_t *cc_exchange_message(const char *role, const char *text)
{
    return json_pack("{s:s, s:s}", "role", role, "content", text);
}

void cc_exchange_conversation(const struct cc_llm_request *req, json_t *messages)
{
    for (int i = 0; i < req->history_n; i++)
        json_array_append_new(messages,
                              cc_exchange_message(req->history[i].assistant ? "assistant" : "user",
                                                  req->history[i].text));
    const char *question = req->message;
    if (*req->context)
        question = cc_arena_printf(req->mem, "%s\n\n%s", req->context, req->message);
    json_array_append_new(messages, cc_exchange_message("user", question));
}
