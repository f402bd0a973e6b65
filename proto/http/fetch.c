#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/http/http_run.h"

#define TOTAL_MS 60000

static int read_all(struct cc_stream *stream, int64_t deadline_ms, size_t cap_bytes,
                    struct cc_buf *body)
{
    const char *bytes;
    size_t len;
    int rc;

    while ((rc = cc_stream_read(stream, deadline_ms, &bytes, &len)) == 0 && len > 0) {
        cc_buf_add(body, bytes, len);
        if (cc_buf_over(body))
            return cc_fail(CC_E_TOOBIG, "http: an answer above %zu bytes", cap_bytes);
    }
    return rc;
}

int cc_http_fetch(struct cc_http *http, const struct cc_http_req *req, size_t cap_bytes,
                  struct cc_arena *mem, struct cc_http_answer *ret)
{
    CC_AUTOP(cc_stream_close) struct cc_stream *stream = NULL;
    CC_AUTOP(cc_buf_done) struct cc_buf body;
    struct cc_http_req bounded = *req;
    int total_ms = req->total_ms ? req->total_ms : TOTAL_MS;
    int64_t deadline_ms = cc_now() + total_ms;

    if (bounded.first_ms == 0)
        bounded.first_ms = CC_HTTP_FIRST_MS;
    if (bounded.first_ms > total_ms)
        bounded.first_ms = total_ms;
    int rc = cc_http_start(http, &bounded, &stream);

    cc_buf_init(&body, cap_bytes);
    if (rc == 0) /* bytes may drip in for ever, none of them late */
        rc = read_all(stream, deadline_ms, cap_bytes, &body);
    if (rc == CC_E_TIMEOUT && cc_now() >= deadline_ms)
        return cc_fail(rc, "http: no whole answer in %d ms", total_ms);
    if (rc)
        return rc;
    *ret = (struct cc_http_answer){
        .status = cc_stream_status(stream),
        .retry_after_s = cc_stream_retry_after(stream),
        .body = cc_arena_dupn(mem, body.bytes, body.len),
        .type = cc_arena_dup(mem, cc_stream_header(stream, "content-type")),
        .len = body.len,
    };
    return 0;
}
