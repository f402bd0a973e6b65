/*
 * sse.h - server-sent events as bytes (WHATWG HTML, section 9.2).
 */
#ifndef CC_GATEWAY_PURE_SSE_H
#define CC_GATEWAY_PURE_SSE_H

#include "proto/base/buf.h"
#include "proto/wire/event.h"

#define CC_SSE_RETRY   "retry: 2000\n\n"
#define CC_SSE_COMMENT ": \n\n"

/* id may be NULL: the reader keeps the one it has.  data is one line of JSON text. */
void cc_sse_frame(struct cc_buf *out, const struct cc_event_id *id, const struct cc_event *event);

#endif
