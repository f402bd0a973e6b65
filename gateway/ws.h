/*
 * ws.h - a WebSocket is a stream whose client may speak, too (stream.c); its handler stays a
 * straight line.
 *
 *     rc = cc_ws_open(rq, NULL, &ws);
 *     while (rc == 0 && (rc = cc_ws_next(ws, &text, &len)) == 0) ... cc_ws_send(ws, ...)
 *     return rc;
 *
 * When the handler has returned the socket is closed: with the client's own code if it closed, with
 * 1001 if we are being stopped, else with that of cc_ws_end() or of the handler's failure.  A ping
 * goes out every 15 s, and each time the key is looked at again: one that has been taken away ends
 * the socket with 1008.  A client that is silent for 45 s is taken for gone.
 */
#ifndef CC_GATEWAY_WS_H
#define CC_GATEWAY_WS_H

#include "gateway/pure/wsframe.h"
#include "gateway/request.h"

struct cc_ws; /* in rq->mem */

/* Which of the protocols offered is spoken: "cc.v1", else the first, as a browser that names one
 * wants one back; NULL: none is offered. */
const char *cc_ws_choose(struct cc_rq *rq);

/*
 * Waits until the handshake is on its way; from then on the same is gone as after cc_stream_open().
 * protocol: one of those the client offers, or NULL.  INVALID: this is no handshake.
 */
int cc_ws_open(struct cc_rq *rq, const char *protocol, struct cc_ws **ret);

/*
 * Waits for a text of the client; valid until the next call.  NOTFOUND: it has closed; TIMEOUT: it
 * is silent; INVALID: it broke the rules; CANCELLED: the connection is gone, or we are to stop.
 */
int cc_ws_next(struct cc_ws *ws, const char **ret_text, size_t *ret_len);

/* From any task.  CANCELLED: the client has gone.  BUSY: it owes us 256 KiB of reading, and is cut
 * off. */
int cc_ws_send(struct cc_ws *ws, const char *text, size_t len);

/* Ends the handler's cc_ws_next() with CANCELLED; from any task.  code: of enum cc_ws_code. */
void cc_ws_end(struct cc_ws *ws, int code);

#endif
