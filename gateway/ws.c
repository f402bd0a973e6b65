/*
 * ws.c - WebSockets on Kore's connections.
 *
 *     bytes --on_bytes (Kore's stack)--> frames --> texts queue up --> cc_ws_next() of the task
 *                                              \--> ping: pong at once     \--> close: remembered
 *
 * Only Kore's socket is used, not its own frames: those know no pieces, no UTF-8 and no codes.
 */
#include "gateway/ws.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/inside.h"
#include "proto/base/metrics.h"

#define PROTOCOL   "cc.v1"
#define READ_ROOM  4096
#define QUEUE_MAX  32 /* texts that the handler has not taken yet */
#define PING_MS    15000
#define SILENCE_MS 45000
#define LOOK_MS    3000 /* how often it is looked whether who opened it still may */

struct queued {
    STAILQ_ENTRY(queued) link;
    size_t len;
    char text[];
};
struct cc_ws {
    struct cc_rq_inside *in;
    struct cc_ws_in frames;
    STAILQ_HEAD(, queued) queue;
    int queued;
    struct queued *taken; /* what cc_ws_next() gave last */
    struct cc_wait heard;
    int64_t heard_ms, ping_ms, look_ms; /* cc_now(): the last byte; the next ping and look */
    const char *protocol, *accept;
    int code; /* to close with; 0: not decided */
    bool closed_by_client, broken, ended;
};

/* ---- out ---- */

static void put_frame(struct cc_ws *ws, enum cc_ws_op op, const void *bytes, size_t len)
{
    struct connection *c = ws->in->conn;
    uint8_t head[CC_WS_HEAD_MAX];

    net_send_queue(c, head, cc_ws_head(op, len, head));
    if (len > 0)
        net_send_queue(c, bytes, len);
    ws->in->stream.sent += len;
    cc_hook_set(&ws->in->stream.flush);
}

int cc_ws_send(struct cc_ws *ws, const char *text, size_t len)
{
    if (!ws->in->conn || ws->in->done)
        return CC_E_CANCELLED;
    if (ws->in->conn->snd_owed > CC_STREAM_OWED_MAX) {
        cc_ws_end(ws, CC_WS_POLICY);
        return cc_fail(CC_E_BUSY, "the client does not read");
    }
    put_frame(ws, CC_WS_TEXT, text, len);
    return 0;
}

void cc_ws_end(struct cc_ws *ws, int code)
{
    if (ws->code == 0)
        ws->code = code;
    ws->ended = true;
    cc_wait_done(&ws->heard);
}

/* ---- in ---- */

static void push(struct cc_ws *ws, const struct cc_ws_said *said)
{
    struct queued *entry;

    if (ws->queued == QUEUE_MAX) {
        ws->broken = true;
        ws->code = CC_WS_POLICY;
        return;
    }
    entry = malloc(sizeof *entry + said->len + 1);
    if (!entry)
        abort();
    entry->len = said->len;
    memcpy(entry->text, said->bytes, said->len + 1);
    STAILQ_INSERT_TAIL(&ws->queue, entry, link);
    ws->queued++;
}

static void take_frame(struct cc_ws *ws, const struct cc_ws_said *said)
{
    switch (said->op) {
    case CC_WS_TEXT: push(ws, said); break;
    case CC_WS_PING:
        if (ws->in->conn->snd_owed <= CC_STREAM_OWED_MAX)
            put_frame(ws, CC_WS_PONG, said->bytes, said->len);
        break;
    case CC_WS_CLOSE:
        ws->closed_by_client = true;
        ws->code = said->code;
        break;
    case CC_WS_PONG: break;
    case CC_WS_BINARY:
    case CC_WS_CONT:
        ws->broken = true;
        ws->code = CC_WS_KIND;
        break;
    }
}

static bool over(const struct cc_ws *ws)
{
    return ws->closed_by_client || ws->broken || ws->ended;
}

static void read_frames(struct cc_ws *ws, const uint8_t *bytes, size_t len)
{
    struct cc_ws_said said;
    int rc = 0;

    while (rc == 0 && len > 0 && !over(ws)) {
        rc = cc_ws_in_read(&ws->frames, &bytes, &len, &said);
        if (rc == 0)
            take_frame(ws, &said);
    }
    if (rc == CC_E_INVALID) {
        ws->broken = true;
        ws->code = ws->frames.code;
    }
}

/* On Kore's stack, also when the handler has gone and only the close frame is on its way. */
static int on_bytes(struct netbuf *nb)
{
    struct cc_rq_inside *in = nb->owner->hdlr_extra;
    size_t len = nb->s_off;

    nb->s_off = 0;
    if (!in || !in->stream.ws || in->done)
        return KORE_RESULT_OK;
    in->stream.ws->heard_ms = cc_now();
    read_frames(in->stream.ws, nb->buf, len);
    if (over(in->stream.ws) || in->stream.ws->queued > 0)
        cc_wait_done(&in->stream.ws->heard);
    return KORE_RESULT_OK;
}

/* ---- waiting ---- */

static int verdict(struct cc_ws *ws)
{
    if (ws->closed_by_client)
        return cc_fail(CC_E_NOTFOUND, "the client has closed the socket");
    if (ws->broken)
        return cc_fail(CC_E_INVALID, "the client broke the rules of the socket");
    return cc_fail(CC_E_CANCELLED, "the socket was ended");
}

/* Waits.  Also of those who never let us wait. */
static int look_at_guest(struct cc_ws *ws)
{
    int rc;

    if (cc_now() < ws->look_ms)
        return 0;
    rc = cc_guest_again(&ws->in->rq.guest);
    ws->look_ms = cc_now() + LOOK_MS;
    if (rc == CC_E_AUTH)
        cc_ws_end(ws, CC_WS_POLICY);
    return rc == CC_E_AUTH ? 0 : rc;
}

/* 0: look again. */
static int wait_some(struct cc_ws *ws)
{
    int rc;

    ws->heard.done = false;
    rc = cc_wait_for(&ws->heard, ws->ping_ms < ws->look_ms ? ws->ping_ms : ws->look_ms);
    if (rc != CC_E_TIMEOUT)
        return rc;
    if (cc_now() < ws->ping_ms)
        return 0;
    if (cc_now() >= ws->heard_ms + SILENCE_MS) {
        ws->code = CC_WS_AWAY;
        return cc_fail(CC_E_TIMEOUT, "the client is silent");
    }
    if (!ws->in->conn)
        return CC_E_CANCELLED;
    put_frame(ws, CC_WS_PING, NULL, 0);
    ws->ping_ms = cc_now() + PING_MS;
    return 0;
}

static void drop_taken(struct cc_ws *ws)
{
    free(ws->taken);
    ws->taken = NULL;
}

int cc_ws_next(struct cc_ws *ws, const char **ret_text, size_t *ret_len)
{
    int rc;

    drop_taken(ws);
    rc = look_at_guest(ws);
    while (rc == 0 && ws->queued == 0 && !over(ws)) {
        rc = wait_some(ws);
        if (rc == 0)
            rc = look_at_guest(ws);
    }
    if (rc != 0)
        return rc;
    if (ws->queued == 0 || ws->broken || ws->ended)
        return verdict(ws);
    ws->taken = STAILQ_FIRST(&ws->queue);
    STAILQ_REMOVE_HEAD(&ws->queue, link);
    ws->queued--;
    *ret_text = ws->taken->text;
    *ret_len = ws->taken->len;
    return 0;
}

/* ---- the handshake ---- */

static void drop_texts(void *p)
{
    struct cc_ws *ws = p;
    struct queued *entry;

    free(ws->frames.message);
    drop_taken(ws);
    while ((entry = STAILQ_FIRST(&ws->queue))) {
        STAILQ_REMOVE_HEAD(&ws->queue, link);
        free(entry);
    }
}

/* Not in the arena, which would touch all of it: most of what is said is short. */
static char *message_room(void)
{
    char *room = malloc(CC_WS_MESSAGE_MAX + 1);

    if (!room)
        abort();
    return room;
}

static int check_handshake(struct cc_rq *rq, const char **ret_accept)
{
    const char *key = cc_rq_header(rq, "sec-websocket-key");
    const char *version = cc_rq_header(rq, "sec-websocket-version");
    char *accept = cc_arena_get(rq->mem, CC_WS_ACCEPT);

    if (rq->method != CC_GET || !cc_ws_names(cc_rq_header(rq, "upgrade"), "websocket") ||
        !cc_ws_names(cc_rq_header(rq, "connection"), "upgrade"))
        return cc_fail(CC_E_INVALID, "a WebSocket is wanted: Upgrade and Connection");
    if (!version || strcmp(version, "13") != 0) {
        cc_reply_header(rq, "sec-websocket-version", "13");
        return cc_fail(CC_E_INVALID, "Sec-WebSocket-Version: 13 is spoken here");
    }
    *ret_accept = key ? cc_ws_accept(key, accept) : NULL;
    return *ret_accept ? 0 : cc_fail(CC_E_INVALID, "Sec-WebSocket-Key: 16 bytes in base64");
}

const char *cc_ws_choose(struct cc_rq *rq)
{
    const char *offered = cc_rq_header(rq, "sec-websocket-protocol");
    const char *ours = cc_ws_word(offered, PROTOCOL, rq->mem);

    return ours && strcmp(ours, PROTOCOL) == 0 ? ours : cc_ws_word(offered, "", rq->mem);
}

int cc_ws_open(struct cc_rq *rq, const char *protocol, struct cc_ws **ret)
{
    struct cc_ws *ws = cc_arena_get(rq->mem, sizeof *ws);
    int rc = check_handshake(rq, &ws->accept);

    if (rc != 0)
        return rc;
    ws->in = rq->inside;
    ws->protocol = protocol;
    STAILQ_INIT(&ws->queue);
    cc_ws_in_init(&ws->frames, message_room());
    cc_arena_defer(rq->mem, drop_texts, ws);
    ws->heard_ms = cc_now();
    ws->ping_ms = cc_now() + PING_MS;
    ws->look_ms = cc_now() + LOOK_MS;
    rq->inside->stream.ws = ws;
    rc = cc_stream_open(rq, NULL);
    if (rc == 0)
        *ret = ws;
    return rc;
}

void cc_ws_answer(struct cc_rq_inside *in)
{
    struct http_request *req = in->req;
    struct connection *c = req->owner;
    struct cc_ws *ws = in->stream.ws;

    in->stream.open = true;
    in->rq.reply.status = 101;
    c->proto = CONN_PROTO_WEBSOCKET; /* no more timers of HTTP */
    c->flags |= CONN_IS_BUSY;        /* and no more requests */
    cc_rq_send_headers(in);
    http_response_header(req, "upgrade", "websocket");
    http_response_header(req, "connection", "upgrade");
    http_response_header(req, "sec-websocket-accept", ws->accept);
    if (ws->protocol)
        http_response_header(req, "sec-websocket-protocol", ws->protocol);
    http_response(req, 101, NULL, 0);
    c->flags &= (u_int16_t)~CONN_CLOSE_EMPTY;
    c->http_timeout = 0;
    c->idle_timer.length = (u_int64_t)-1;
    net_recv_reset(c, READ_ROOM, on_bytes);
    if (req->flags & HTTP_REQUEST_SURPLUS) { /* frames before the handshake: they are lost */
        ws->broken = true;
        ws->code = CC_WS_PROTOCOL;
    }
    cc_metric_add(CC_M_STREAMS, NULL, 1);
    cc_wait_done(&in->stream.opened);
    if (!net_recv_flush(c))
        kore_connection_disconnect(c);
}

/* ---- the end ---- */

static int code_of(const struct cc_rq_inside *in)
{
    if (in->stream.ws->code)
        return in->stream.ws->code;
    if (cc_gateway()->stopping)
        return CC_WS_AWAY;
    return in->rq.reply.code == 0 ? CC_WS_DONE : CC_WS_MISTAKE;
}

void cc_ws_close(struct cc_rq_inside *in)
{
    struct connection *c = in->conn;
    bool cut = c->snd_owed > CC_STREAM_OWED_MAX;
    int code = code_of(in);
    uint8_t bytes[2] = {(uint8_t)(code >> 8), (uint8_t)code};

    if (!cut)
        put_frame(in->stream.ws, CC_WS_CLOSE, bytes, code == CC_WS_NO_CODE ? 0 : 2);
    cc_hook_drop(&in->stream.flush);
    cc_rq_unfollow(in);
    c->flags |= CONN_CLOSE_EMPTY;
    if (cut || !net_send_flush(c))
        kore_connection_disconnect(c);
}
