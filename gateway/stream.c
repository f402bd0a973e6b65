/*
 * stream.c - an answer that goes on: chunked, flushed once per turn, cut when it is not read.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/inside.h"
#include "proto/base/metrics.h"

void cc_stream_head(struct cc_rq_inside *in)
{
    struct http_request *req = in->req;
    struct connection *c = req->owner;

    if (in->stream.ws) {
        cc_ws_answer(in);
        return;
    }
    in->stream.open = true;
    in->stream.chunked = req->flags & HTTP_VERSION_1_1;
    c->flags |= CONN_IS_BUSY; /* no further request is read from it */
    req->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
    cc_rq_send_headers(in);
    http_response_header(req, "content-type", in->rq.reply.type);
    http_response_header(req, "cache-control", "no-store");
    http_response_header(req, "x-accel-buffering", "no");
    if (in->stream.chunked)
        http_response_header(req, "transfer-encoding", "chunked");
    http_response(req, 200, NULL, 0);
    in->stream.last = c->flags & CONN_CLOSE_EMPTY; /* the client, or HTTP/1.0, wants it closed */
    c->flags &= (u_int16_t)~CONN_CLOSE_EMPTY;
    c->http_timeout = 0;
    c->idle_timer.length = (u_int64_t)-1;
    cc_metric_add(CC_M_STREAMS, NULL, 1);
    cc_wait_done(&in->stream.opened);
}

int cc_stream_open(struct cc_rq *rq, const char *type)
{
    struct cc_rq_inside *in = rq->inside;

    if (rq->method == CC_HEAD)
        return cc_fail(CC_E_METHOD, "a stream has no HEAD");
    in->stream.wanted = true;
    rq->reply.type = type;
    rq->reply.status = 200;
    if (!in->req)
        return CC_E_CANCELLED;
    http_request_wakeup(in->req); /* dispatch looks at stream.wanted */
    return cc_wait_for(&in->stream.opened, CC_NEVER);
}

int cc_stream_send(struct cc_rq *rq, const char *bytes, size_t len)
{
    struct cc_rq_inside *in = rq->inside;
    char head[24];

    if (!in->conn)
        return CC_E_CANCELLED;
    if (in->conn->snd_owed > CC_STREAM_OWED_MAX) {
        in->stream.last = true;
        return cc_fail(CC_E_BUSY, "the client does not read");
    }
    if (in->stream.chunked) {
        net_send_queue(in->conn, head, (size_t)snprintf(head, sizeof head, "%zx\r\n", len));
        net_send_queue(in->conn, bytes, len);
        net_send_queue(in->conn, "\r\n", 2);
    } else {
        net_send_queue(in->conn, bytes, len);
    }
    in->stream.sent += len;
    cc_hook_set(&in->stream.flush);
    return 0;
}

/* The stream is over: the connection goes back to Kore for the next request, or ends. */
static void give_back(struct cc_rq_inside *in)
{
    struct connection *c = in->conn;
    bool cut = c->snd_owed > CC_STREAM_OWED_MAX;

    cc_rq_unfollow(in);
    if (cut) {
        kore_connection_disconnect(c);
        return;
    }
    if (in->stream.chunked)
        net_send_queue(c, "0\r\n\r\n", 5);
    c->flags &= (u_int16_t)~CONN_IS_BUSY;
    c->idle_timer.length = (u_int64_t)http_keepalive_time * 1000;
    if (in->stream.last || !in->stream.chunked)
        c->flags |= CONN_CLOSE_EMPTY;
    else
        http_start_recv(c);
    if (!net_send_flush(c))
        kore_connection_disconnect(c);
}

static void on_turn_end(struct cc_hook *hook)
{
    struct cc_rq_inside *in = hook->arg;

    if (in->done) {
        if (in->conn && in->stream.ws)
            cc_ws_close(in);
        else if (in->conn)
            give_back(in);
        cc_metric_add(CC_M_STREAMS, NULL, -1);
        cc_rq_free(in);
        return;
    }
    if (in->conn && !net_send_flush(in->conn))
        kore_connection_disconnect(in->conn);
}

void cc_stream_tail(struct cc_rq_inside *in)
{
    cc_hook_set(&in->stream.flush);
}

void cc_stream_init(struct cc_rq_inside *in)
{
    in->stream.flush.fn = on_turn_end;
    in->stream.flush.arg = in;
}
