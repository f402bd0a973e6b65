/*
 * wsframe.h - WebSocket (RFC 6455) as bytes: the handshake's texts, frames in, frames out.
 *
 *     cc_ws_in_init(&in, buffer);
 *     while (len > 0 && (rc = cc_ws_in_read(&in, &bytes, &len, &said)) == 0) ...
 *     NOTFOUND: all bytes are read, more are wanted; INVALID: in.code is what to close with
 *
 * A message may come in pieces, with control frames between them; together it has at most
 * CC_WS_MESSAGE_MAX bytes.  No extensions.
 */
#ifndef CC_GATEWAY_PURE_WSFRAME_H
#define CC_GATEWAY_PURE_WSFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"

#define CC_WS_MESSAGE_MAX 16384
#define CC_WS_CONTROL_MAX 125
#define CC_WS_HEAD_MAX    10
#define CC_WS_ACCEPT      29

enum cc_ws_op {
    CC_WS_CONT = 0,
    CC_WS_TEXT = 1,
    CC_WS_BINARY = 2,
    CC_WS_CLOSE = 8,
    CC_WS_PING = 9,
    CC_WS_PONG = 10
};
enum cc_ws_code {
    CC_WS_DONE = 1000,
    CC_WS_AWAY = 1001,     /* we are being stopped */
    CC_WS_PROTOCOL = 1002, /* that was no frame */
    CC_WS_KIND = 1003,     /* only texts are spoken here */
    CC_WS_NO_CODE = 1005,  /* never sent: the other side gave none */
    CC_WS_NO_TEXT = 1007,  /* not UTF-8 */
    CC_WS_POLICY = 1008,
    CC_WS_TOO_BIG = 1009,
    CC_WS_MISTAKE = 1011 /* ours */
};

struct cc_ws_in {
    uint8_t head[14]; /* of the present frame */
    size_t head_len, left, masked;
    bool in_payload;
    enum cc_ws_op kind; /* of the message whose pieces come in; CC_WS_CONT: none does */
    size_t len;         /* of it so far */
    size_t control_len; /* of the present control frame */
    int code;           /* of a failure */
    char *message;      /* CC_WS_MESSAGE_MAX + 1 bytes, the caller's */
    char control[CC_WS_CONTROL_MAX + 1];
};
void cc_ws_in_init(struct cc_ws_in *in, char *message);

struct cc_ws_said {
    enum cc_ws_op op;  /* never CC_WS_CONT */
    const char *bytes; /* NUL-terminated; valid until the next call.  Of a close: the reason */
    size_t len;
    int code; /* of a close; CC_WS_NO_CODE: it has none */
};
/* Reads up to the end of the next message or control frame and moves *bytes and *len there. */
int cc_ws_in_read(struct cc_ws_in *in, const uint8_t **bytes, size_t *len, struct cc_ws_said *ret);

/* The head of an unmasked, whole frame; returns its length. */
size_t cc_ws_head(enum cc_ws_op op, size_t len, uint8_t out[CC_WS_HEAD_MAX]);

/* Sec-WebSocket-Accept.  NULL: key is not 16 bytes in base64. */
const char *cc_ws_accept(const char *key, char out[CC_WS_ACCEPT]);

/* One of the words of a header such as "Connection: keep-alive, Upgrade"; header may be NULL. */
bool cc_ws_names(const char *header, const char *word);
/* The word of the list that begins so; NULL if none does.  header may be NULL. */
const char *cc_ws_word(const char *header, const char *prefix, struct cc_arena *mem);

#endif
