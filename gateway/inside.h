/*
 * inside.h - what request.c, stream.c and ws.c share: a request, its connection and its task.
 *
 *   dispatch --> task runs --+--> ends --> woken, dispatch answers --> freed with the request
 *                            +--> opens a stream --> dispatch sends the head; Kore's request ends,
 *                            |        the task follows the connection --> tail, freed by the hook
 *                            +--> client goes --> waits return CANCELLED --> freed by the task
 *
 * Who frees is decided by one rule: while Kore's request lives it is the request's end, otherwise
 * the task's.
 */
#ifndef CC_GATEWAY_INSIDE_H
#define CC_GATEWAY_INSIDE_H

#include <kore/kore.h>

#include <kore/http.h>

#include "gateway/request.h"

struct cc_rq_inside {
    struct cc_rq rq;
    struct http_request *req; /* NULL: Kore's request is over */
    struct connection *conn;  /* NULL: the client has gone, or has its answer */
    struct cc_task_ref task;
    LIST_ENTRY(cc_rq_inside) list;
    int64_t begun_us;
    size_t body_room; /* counted against what bodies may take in all */
    bool done;        /* the handler has returned */
    struct {
        bool wanted, open, chunked, last; /* last: the connection ends with it */
        struct cc_wait opened;
        struct cc_hook flush;
        size_t sent;
        struct cc_ws *ws; /* NULL: not a WebSocket */
        bool cut;         /* it ends before it is whole */
        char *piece;      /* of cc_stream_put(): still on its way; Kore's connection frees it */
        struct cc_wait taken;
    } stream;
    void *headers_mem; /* taken over from a request that ended first */
    struct kore_buf *body_mem;
    char address[64], id[72];
};

struct cc_rq_method {
    int kore;
    unsigned ours;
    const char *name;
};

/* glance.c; the first two are Kore's hooks: may the body be read (it answers when not), and what
 * to say with an error of Kore's own. */
int cc_rq_glance(struct http_request *req);
void cc_rq_kore_error(int status, struct kore_buf *head, struct kore_buf *body);
void cc_rq_body_gone(size_t len);
const struct cc_rq_method *cc_rq_method(const struct http_request *req);
void cc_rq_read_headers(struct cc_rq_inside *in);
void cc_rq_read_address(struct cc_rq_inside *in);
void cc_rq_read_id(struct cc_rq_inside *in);
/* dispatch.c */
void cc_rq_send_headers(struct cc_rq_inside *in);
void cc_rq_unfollow(struct cc_rq_inside *in);
void cc_rq_free(struct cc_rq_inside *in);
/* ws.c; both on Kore's stack: the head of a WebSocket, and its end while there is a connection */
void cc_ws_answer(struct cc_rq_inside *in);
void cc_ws_close(struct cc_rq_inside *in);
/* stream.c; all on Kore's stack */
#define CC_STREAM_OWED_MAX (256 * 1024) /* bytes a slow reader may owe */
void cc_stream_head(struct cc_rq_inside *in);
void cc_stream_tail(struct cc_rq_inside *in); /* frees it at the end of the turn */
void cc_stream_init(struct cc_rq_inside *in);

#endif
