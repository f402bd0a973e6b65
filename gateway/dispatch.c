/*
 * dispatch.c - from Kore's request to a task and back: who owns what when client, task or
 * stream ends first (the picture is in inside.h).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/door.h"
#include "gateway/gateway.h"
#include "gateway/inside.h"
#include "gateway/pure/target.h"
#include "gateway/routes.h"
#include "gateway/scrub.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

#define ARENA_CAP  (256 * 1024 * 1024)
#define REQUEST_MS 30000 /* what a handler may take that sets no deadline of its own */

int cc_dispatch(struct http_request *req); /* named in Kore's configuration */

static struct {
    LIST_HEAD(, cc_rq_inside) list;
    int live;
} requests;

int cc_rq_live(void)
{
    return requests.live;
}

void cc_rq_cancel(bool all)
{
    struct cc_rq_inside *in;

    LIST_FOREACH (in, &requests.list, list)
        if (!in->done && (all || in->stream.open))
            cc_task_cancel(in->task);
}

static void account(const struct cc_rq_inside *in)
{
    const struct cc_rq *rq = &in->rq;
    int64_t took = cc_clock_us() - in->begun_us;
    const char *route = rq->route ? rq->route->name : "none";
    bool left = !in->done || rq->reply.code == CC_E_CANCELLED;
    int status = left && !in->stream.open ? 499 : rq->reply.status;
    char text[16];

    snprintf(text, sizeof text, "%d", status);
    cc_metric_add(CC_M_HTTP_REQUESTS, CC_LABELS(route, text), 1);
    if (!in->stream.open)
        cc_metric_observe(CC_M_HTTP_SECONDS, CC_LABELS(route), (double)took / 1e6);
    cc_log(CC_INFO, "request", cc_s("trace", rq->id), cc_s("method", rq->method_name),
           cc_s("route", route), cc_i("status", status), cc_i("us", took),
           cc_u("bytes", in->stream.open ? in->stream.sent : rq->reply.len),
           cc_s("tenant", rq->guest.tenant ? rq->guest.tenant : ""),
           cc_b("stream", in->stream.open));
}

void cc_rq_free(struct cc_rq_inside *in)
{
    account(in);
    LIST_REMOVE(in, list);
    requests.live--;
    cc_rq_body_gone(in->body_room);
    cc_hook_drop(&in->stream.flush);
    kore_free(in->headers_mem);
    if (in->body_mem)
        kore_buf_free(in->body_mem);
    cc_arena_free(&in->rq.mem);
    free(in);
}

static void on_connection_gone(struct connection *c);

static void follow(struct cc_rq_inside *in, struct connection *c)
{
    in->conn = c;
    c->hdlr_extra = in;
    c->disconnect = on_connection_gone;
}

void cc_rq_unfollow(struct cc_rq_inside *in)
{
    if (!in->conn)
        return;
    in->conn->hdlr_extra = NULL;
    in->conn->disconnect = NULL;
    in->conn = NULL;
}

static void client_gone(struct cc_rq_inside *in)
{
    cc_rq_unfollow(in);
    if (!in->done)
        cc_task_cancel(in->task);
}

/*
 * Kore calls this at once.  Waiting for the request's end would not do: an idle worker frees
 * the request only when its next event or timer comes.
 */
static void on_connection_gone(struct connection *c)
{
    struct cc_rq_inside *in = c->hdlr_extra;

    c->hdlr_extra = NULL;
    c->disconnect = NULL;
    if (in)
        client_gone(in);
}

/* A stream may last: what was asked goes with Kore's request. */
static void forget_request(struct cc_rq *rq)
{
    rq->path = rq->query = "";
    rq->params.n = rq->headers_n = 0;
    rq->body = NULL;
    rq->body_len = 0;
    rq->cors = NULL;
}

/* Kore is about to free its request, whoever ended it. */
static void on_request_free(struct http_request *req)
{
    struct cc_rq_inside *in = req->hdlr_extra;

    req->hdlr_extra = NULL; /* Kore would kore_free() it */
    if (!in)
        return;
    in->req = NULL;
    if (in->done && !in->stream.open) {
        cc_rq_unfollow(in);
        cc_rq_free(in);
        return;
    }
    if (in->stream.open) {
        forget_request(&in->rq);
        if (in->done)
            cc_stream_tail(in);
        return;
    }
    /* path, query, headers and body point in here */
    in->headers_mem = req->headers;
    req->headers = NULL;
    in->body_mem = req->http_body;
    req->http_body = NULL;
    client_gone(in);
}

static int run_handler(struct cc_rq *rq)
{
    struct cc_match match;
    const char *fault;
    int rc;

    if (rq->method == CC_OPTIONS)
        return cc_door_preflight(rq);
    if (!rq->route) {
        cc_routes_find(rq->method, rq->path, &match);
        if (match.methods == 0)
            return cc_fail(CC_E_NOTFOUND, "there is no such path");
        cc_reply_header(rq, "allow", cc_methods_print(match.methods, cc_arena_get(rq->mem, 64)));
        return cc_fail(CC_E_METHOD, "this path does not know that method");
    }
    fault = cc_query_fault(rq->query, rq->mem);
    /* else what is malformed would read as what is not given */
    if (!cc_rq_params_good(rq))
        return cc_fail(CC_E_NOTFOUND, "there is no such path");
    if (fault)
        return cc_fail(CC_E_INVALID, "%.100s: is no text in UTF-8 without controls", fault);
    rc = cc_door_pass(rq);
    return rc ? rc : rq->route->fn(rq);
}

/* On the task. */
static void rq_main(void *arg)
{
    struct cc_rq_inside *in = arg;
    int rc;

    cc_log_trace(in->rq.id);
    cc_fail_reset();
    cc_task_deadline(cc_now() + REQUEST_MS);
    rc = run_handler(&in->rq);
    if (rc == CC_E_CANCELLED && cc_gateway()->stopping)
        rc = cc_fail(CC_E_DOWN, "this gateway is being stopped");
    if (rc != 0 && !in->stream.open)
        cc_reply_problem(&in->rq, rc);
    in->rq.reply.code = rc;
    in->done = true;
    if (in->req)
        http_request_wakeup(in->req); /* dispatch answers, on_request_free() frees */
    else if (in->stream.open)
        cc_stream_tail(in);
    else
        cc_rq_free(in);
}

/* RFC 9110, 6.6.1; made once a second. */
static const char *http_date(void)
{
    static char text[40];
    static time_t made;
    time_t now = time(NULL);
    struct tm parts;

    if (now != made && gmtime_r(&now, &parts))
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made = now;
    return text;
}

/* "name=value" as Kore wants it: it would write the domain, which __Host- forbids. */
static void send_cookie(struct http_request *req, const char *text)
{
    const char *value = strchr(text, '=') + 1;
    struct http_cookie *cookie;
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)(value - text - 1), text);
    http_response_cookie(req, name, value, "/", 0, 0, &cookie);
    kore_free(cookie->domain);
    cookie->domain = NULL;
}

static void send_header(struct http_request *req, const struct cc_header *header)
{
    if (strcmp(header->name, "set-cookie") == 0)
        send_cookie(req, header->value);
    else
        http_response_header(req, header->name, header->value);
}

/* Also of a stream's head. */
void cc_rq_send_headers(struct cc_rq_inside *in)
{
    const struct cc_rq *rq = &in->rq;

    http_response_header(in->req, "date", http_date());
    http_response_header(in->req, "x-request-id", rq->id);
    http_response_header(in->req, "x-content-type-options", "nosniff");
    if (rq->cors) {
        http_response_header(in->req, "access-control-allow-origin", rq->cors);
        http_response_header(in->req, "access-control-expose-headers", "x-request-id, retry-after");
    }
    if (rq->route && rq->route->door == CC_DOOR_VISITOR)
        http_response_header(in->req, "vary", "origin");
    for (int i = 0; i < rq->reply.headers_n; i++)
        send_header(in->req, &rq->reply.headers[i]);
}

static void send_reply(struct cc_rq_inside *in)
{
    struct cc_rq *rq = &in->rq;

    cc_rq_unfollow(in);
    cc_rq_send_headers(in);
    if (rq->reply.type)
        http_response_header(in->req, "content-type", rq->reply.type);
    if (rq->reply.status == 304)
        in->req->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
    if (rq->reply.lasting && rq->reply.len > 0)
        http_response_stream(in->req, rq->reply.status, (void *)(uintptr_t)rq->reply.bytes,
                             rq->reply.len, NULL, NULL);
    else
        http_response(in->req, rq->reply.status, rq->reply.len ? rq->reply.bytes : NULL,
                      rq->reply.len);
    cc_scrub_below(); /* Kore's frames had the answer's headers */
}

static struct cc_rq_inside *rq_new(struct http_request *req)
{
    struct cc_rq_inside *in = calloc(1, sizeof *in);
    struct cc_match match;

    if (!in)
        abort();
    in->begun_us = cc_clock_us();
    in->req = req;
    in->rq.inside = in;
    in->rq.mem = cc_arena_new(ARENA_CAP);
    in->rq.method = cc_rq_method(req)->ours;
    in->rq.method_name = cc_rq_method(req)->name;
    in->rq.path = req->path;
    in->rq.query = req->query_string ? req->query_string : "";
    if (req->onfree) /* cc_rq_glance() has counted it */
        in->body_room = req->http_body_length;
    if (req->http_body) {
        in->rq.body = (const char *)req->http_body->data;
        in->rq.body_len = req->http_body_length;
    }
    cc_rq_read_headers(in);
    cc_rq_read_address(in);
    cc_rq_read_id(in);
    in->rq.route = cc_routes_find(in->rq.method, in->rq.path, &match);
    in->rq.params = match.params;
    cc_stream_init(in);
    LIST_INSERT_HEAD(&requests.list, in, list);
    requests.live++;
    return in;
}

/* false: no stack could be had; the request has been answered. */
static bool begin(struct http_request *req)
{
    struct cc_rq_inside *in = rq_new(req);
    int rc;

    req->hdlr_extra = in;
    req->onfree = on_request_free;
    follow(in, req->owner);
    rc = cc_task_spawn(in->rq.route ? in->rq.route->name : "none", rq_main, in, &in->task);
    if (rc == 0)
        return true;
    cc_reply_problem(&in->rq, rc);
    in->done = true;
    return true;
}

int cc_dispatch(struct http_request *req)
{
    struct cc_rq_inside *in = req->hdlr_extra;

    /*
     * Request and end of file can arrive in one read: Kore has then already told that the
     * connection is gone, and would kore_free() what we put into it now.
     */
    if (req->owner->state == CONN_STATE_DISCONNECTING)
        return KORE_RESULT_ERROR; /* on_request_free() comes next */
    if (!in && begin(req))
        in = req->hdlr_extra;
    if (in->stream.wanted && !in->stream.open && !in->done) {
        cc_stream_head(in);
        return KORE_RESULT_OK; /* Kore's request ends here, the task does not */
    }
    if (in->done) {
        send_reply(in);
        return KORE_RESULT_OK;
    }
    http_request_sleep(req);
    return KORE_RESULT_RETRY;
}
