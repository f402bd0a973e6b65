#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/http/http.h"

static int read_all(struct cc_stream *stream, size_t cap_bytes, struct cc_buf *body)
{
    const char *bytes;
    size_t len;
    int rc;

    while ((rc = cc_stream_read(stream, CC_NEVER, &bytes, &len)) == 0 && len > 0) {
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
    int rc = cc_http_start(http, req, &stream);

    cc_buf_init(&body, cap_bytes);
    if (rc == 0)
        rc = read_all(stream, cap_bytes, &body);
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
