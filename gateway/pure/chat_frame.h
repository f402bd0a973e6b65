/*
 * chat_frame.h - what a visitor's WebSocket says and is told, as JSON texts.
 *
 *     in   {type: "message", message, messageId?, metadata?}   {type: "resume", answerId, after?}
 *          {type: "stop", answerId?}                           {type: "ping"}
 *     out  an event as {type, id?, answerId, ...data}; a refusal as {type: "error", messageId?,
 *          answerId?, retryAfter?, ...problem without its own type}
 */
#ifndef CC_GATEWAY_PURE_CHAT_FRAME_H
#define CC_GATEWAY_PURE_CHAT_FRAME_H

#include "gateway/pure/ask.h"
#include "proto/base/json.h"
#include "proto/wire/event.h"

enum cc_said_kind { CC_SAID_MESSAGE, CC_SAID_RESUME, CC_SAID_STOP, CC_SAID_PING };

struct cc_chat_said {
    enum cc_said_kind kind;
    struct cc_ask ask;        /* of a message */
    const char *message_id;   /* of a message; "": none */
    const char *answer;       /* "": none */
    struct cc_event_id after; /* of a resume; 0-0: from the beginning */
};
/*
 * INVALID, MESSAGE, SESSION or TOOBIG, whose words name the member; then message_id and answer are
 * what could be read of them, so that the refusal can say what it is about.  Texts live in mem.
 */
int cc_chat_said_parse(const char *text, size_t len, struct cc_arena *mem,
                       struct cc_chat_said *ret);

/* id may be NULL. */
void cc_chat_frame_event(struct cc_buf *out, const char *answer, const struct cc_event_id *id,
                         const struct cc_event *event);

struct cc_chat_refusal {
    const char *message_id, *answer; /* "": not about one */
    json_t *problem;
    int64_t retry_s; /* 0: not said */
};
void cc_chat_frame_refusal(struct cc_buf *out, const struct cc_chat_refusal *refusal);

#endif
