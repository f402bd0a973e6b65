/*
 * ask.h - a visitor's question, as the body of a POST or the query of a GET brings it.
 */
#ifndef CC_GATEWAY_PURE_ASK_H
#define CC_GATEWAY_PURE_ASK_H

#include <stdbool.h>

#include "proto/base/arena.h"
#include "proto/base/json.h"

#define CC_ASK_BODY_MAX     (16 * 1024)
#define CC_ASK_MESSAGE_MAX  2000 /* code points, after trimming */
#define CC_ASK_SESSION_MAX  128
#define CC_ASK_ID_MAX       64
#define CC_ASK_METADATA_MAX 4096
#define CC_OWN_NAME_PRIVATE                                                                        \
    22 /* a client's own session name this long may be read with its key                           \
        */

struct cc_ask {
    const char *message;    /* trimmed */
    const char *session;    /* "": make one */
    const char *message_id; /* "": none */
    const char *metadata;   /* JSON object or "" */
    bool stream;            /* the body says "stream": true */
};

/*
 * JSON {message, sessionId?, messageId?, metadata?, stream?}; unknown members are ignored.
 * INVALID, or MESSAGE when the message has not 1 to 2000 characters.  Strings live in mem.
 */
int cc_ask_parse(const char *body, size_t len, struct cc_arena *mem, struct cc_ask *ret);
int cc_ask_read(const json_t *body, struct cc_arena *mem, struct cc_ask *ret);

/* The same from texts of their own; NULL means absent. */
int cc_ask_make(const char *message, const char *session, const char *message_id,
                struct cc_arena *mem, struct cc_ask *ret);

/* ses_ and 32 hex digits: one of ours. */
bool cc_session_is_ours(const char *session);
/* 8 to 128 of A-Z a-z 0-9 _ -, or one of ours. */
bool cc_session_valid(const char *session);
/* 1 to 64 of A-Z a-z 0-9 _ - . : */
bool cc_message_id_valid(const char *id);

#endif
