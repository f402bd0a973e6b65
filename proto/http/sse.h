/*
 * sse.h - reads server-sent events out of pieces of a body (WHATWG HTML, 9.2.6).
 */
#ifndef CC_HTTP_SSE_H
#define CC_HTTP_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/buf.h"

#define CC_SSE_MAX (1024 * 1024) /* bytes of one event */

struct cc_sse {
    struct cc_buf line, data;
    char event[64];
    bool cr, begun, told; /* told: data and event are the reader's until the next call */
};
struct cc_sse_event {
    const char *event; /* "message" when the stream names none */
    const char *data;  /* NUL-terminated; lines joined by \n */
    size_t len;
};
void cc_sse_init(struct cc_sse *sse);
void cc_sse_done(struct cc_sse *sse);

/*
 * Takes bytes from *bytes and *len, advancing both, until one event is whole: 1 and *ret (valid
 * until the next call), 0 when all is eaten, TOOBIG when an event passes the cap.
 */
int cc_sse_take(struct cc_sse *sse, const char **bytes, size_t *len, struct cc_sse_event *ret);

#endif
