/*
 * stream.c - an answer that goes on: chunked, flushed once per turn, cut when it is not read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/inside.h"
#include "proto/base/metrics.h"

#define TAKE_MS 30000 /* how long a piece may be on its way */

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

/* ---- as fast as it is read ---- */

/* Kore is done with a piece: sent, or its connection is over.  The stream that sent it may be, too.
 */
static int on_piece_gone(struct netbuf *nb)
{
    struct cc_rq_inside *in = nb->owner->hdlr_extra;
    char *piece = (char *)nb->buf;

    if (in && in->stream.piece == piece) {
        in->stream.piece = NULL;
        cc_wait_done(&in->stream.taken);
    }
    free(piece);
    return KORE_RESULT_OK;
}

static void send_piece(struct cc_rq_inside *in, char *piece, size_t len)
{
    char head[24];

    if (in->stream.chunked)
        net_send_queue(in->conn, head, (size_t)snprintf(head, sizeof head, "%zx\r\n", len));
    net_send_stream(in->conn, piece, len, on_piece_gone, NULL);
    if (in->stream.chunked)
        net_send_queue(in->conn, "\r\n", 2);
    in->stream.sent += len;
    cc_hook_set(&in->stream.flush);
}

int cc_stream_put(struct cc_rq *rq, const char *bytes, size_t len)
{
    struct cc_rq_inside *in = rq->inside;
    char *piece;
    int rc;

    if (!in->conn)
        return CC_E_CANCELLED;
    if (len == 0) /* which would say that the stream is over */
        return 0;
    piece = malloc(len);
    if (!piece)
        abort();
    memcpy(piece, bytes, len);
    in->stream.piece = piece;
    in->stream.taken = (struct cc_wait){0};
    send_piece(in, piece, len);
    rc = cc_wait_for(&in->stream.taken, cc_now() + TAKE_MS);
    in->stream.piece = NULL;
    return rc == CC_E_TIMEOUT ? cc_fail(rc, "the client does not read") : rc;
}

void cc_stream_cut(struct cc_rq *rq)
{
    rq->inside->stream.cut = true;
}

/* The stream is over: the connection goes back to Kore for the next request, or ends. */
static void give_back(struct cc_rq_inside *in)
{
    struct connection *c = in->conn;
    bool cut = in->stream.cut || c->snd_owed > CC_STREAM_OWED_MAX;

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
