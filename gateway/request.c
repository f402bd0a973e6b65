#include "gateway/request.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/door.h"
#include "gateway/inside.h"
#include "gateway/pure/problem.h"
#include "gateway/pure/target.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

#define ARENA_CAP  (256 * 1024 * 1024)
#define REQUEST_MS 30000 /* what a handler may take that sets no deadline of its own */

int cc_dispatch(struct http_request *req); /* named in Kore's configuration */

#define BODIES_MAX (256 * 1024 * 1024) /* bytes of all bodies of this process at once */

static struct {
    LIST_HEAD(, cc_rq_inside) list;
    int live;
    size_t bodies;
} requests;

int cc_rq_live(void)
{
    return requests.live;
}

void cc_rq_cancel(bool all)
{
    struct cc_rq_inside *in;

    LIST_FOREACH(in, &requests.list, list)
    if (!in->done && (all || in->stream.open))
        cc_task_cancel(in->task);
}

/* ---- what was asked ---- */

const char *cc_rq_header(const struct cc_rq *rq, const char *name)
{
    for (int i = 0; i < rq->headers_n; i++)
        if (strcasecmp(rq->headers[i].name, name) == 0)
            return rq->headers[i].value;
    return NULL;
}

const char *cc_rq_param(struct cc_rq *rq, const char *name)
{
    const char *value = NULL;

    for (int i = 0; i < rq->params.n && !value; i++)
        if (strlen(name) == rq->params.at[i].name_len &&
            memcmp(name, rq->params.at[i].name, rq->params.at[i].name_len) == 0)
            value = cc_percent_decode(rq->params.at[i].value, rq->params.at[i].len, rq->mem);
    return value ? value : "";
}

const char *cc_rq_query(struct cc_rq *rq, const char *name)
{
    return cc_query_get(rq->query, name, rq->mem);
}

bool cc_rq_accepts_stream(const struct cc_rq *rq)
{
    const char *accept = cc_rq_header(rq, "accept");

    return accept && strcasestr(accept, "text/event-stream");
}

static const struct {
    int kore;
    unsigned ours;
    const char *name;
} methods[] = {
    {HTTP_METHOD_GET, CC_GET, "GET"},
    {HTTP_METHOD_POST, CC_POST, "POST"},
    {HTTP_METHOD_PUT, CC_PUT, "PUT"},
    {HTTP_METHOD_PATCH, CC_PATCH, "PATCH"},
    {HTTP_METHOD_DELETE, CC_DELETE, "DELETE"},
    {HTTP_METHOD_HEAD, CC_HEAD, "HEAD"},
    {HTTP_METHOD_OPTIONS, CC_OPTIONS, "OPTIONS"},
};
#define METHODS (sizeof methods / sizeof methods[0])

static size_t method_row(const struct http_request *req)
{
    size_t i = 0;

    while (i < METHODS - 1 && methods[i].kore != req->method)
        i++;
    return i;
}

static void read_headers(struct cc_rq_inside *in)
{
    struct cc_header *out = cc_arena_array(in->rq.mem, HTTP_REQ_HEADER_MAX, sizeof *out);
    struct http_header *h;
    int n = 0;

    out[n++] = (struct cc_header){"host", in->req->host};
    TAILQ_FOREACH(h, &in->req->req_headers, list)
    out[n++] = (struct cc_header){h->header, h->value};
    in->rq.headers = out;
    in->rq.headers_n = n;
}

/* The last entry of X-Forwarded-For is the one that our own proxy wrote. */
static void read_address(struct cc_rq_inside *in)
{
    const struct connection *c = in->req->owner;
    const char *list = cc_rq_header(&in->rq, "x-forwarded-for"), *last;
    unsigned char bytes[16];

    in->rq.address = in->address;
    if (c->family == AF_INET)
        inet_ntop(AF_INET, &c->addr.ipv4.sin_addr, in->address, sizeof in->address);
    else if (c->family == AF_INET6)
        inet_ntop(AF_INET6, &c->addr.ipv6.sin6_addr, in->address, sizeof in->address);
    in->rq.forwarded = list != NULL;
    if (!list || !cc_cfg_bool(CC_CFG_TRUST_PROXY))
        return;
    last = strrchr(list, ',');
    last = last ? last + 1 + strspn(last + 1, " \t") : list;
    if (inet_pton(AF_INET, last, bytes) == 1 || inet_pton(AF_INET6, last, bytes) == 1)
        snprintf(in->address, sizeof in->address, "%s", last);
}

static bool id_valid(const char *id)
{
    size_t len = strlen(id);

    return len >= 8 && len <= 64 &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static void read_id(struct cc_rq_inside *in)
{
    const char *given = cc_rq_header(&in->rq, "x-request-id");

    in->rq.id = in->id;
    if (given && cc_cfg_bool(CC_CFG_TRUST_PROXY) && id_valid(given))
        snprintf(in->id, sizeof in->id, "%s", given);
    else
        cc_id_random("req", in->id);
}

/* ---- life ---- */

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
    requests.bodies -= in->body_room;
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
    /* path, query, headers and body point in here */
    in->headers_mem = req->headers;
    req->headers = NULL;
    in->body_mem = req->http_body;
    req->http_body = NULL;
    if (in->stream.open) {
        if (in->done)
            cc_stream_tail(in);
        return;
    }
    client_gone(in);
}

static int run_handler(struct cc_rq *rq)
{
    unsigned known;
    struct cc_params ignored;
    int rc;

    if (rq->method == CC_OPTIONS)
        return cc_door_preflight(rq);
    if (!rq->route) {
        cc_routes_find(rq->method, rq->path, &ignored, &known);
        if (known == 0)
            return cc_fail(CC_E_NOTFOUND, "there is no such path");
        cc_reply_header(rq, "allow", cc_methods_print(known, cc_arena_get(rq->mem, 64)));
        return cc_fail(CC_E_METHOD, "this path does not know that method");
    }
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

/* ---- answers ---- */

int cc_reply_bytes(struct cc_rq *rq, int status, const char *type, const char *bytes, size_t len)
{
    rq->reply.status = status;
    rq->reply.type = type;
    rq->reply.bytes = bytes;
    rq->reply.len = len;
    return 0;
}

int cc_reply_json(struct cc_rq *rq, int status, json_t *json)
{
    const char *text = cc_json_dup(json, rq->mem);

    json_decref(json);
    return cc_reply_bytes(rq, status, "application/json", text, strlen(text));
}

void cc_reply_header(struct cc_rq *rq, const char *name, const char *value)
{
    if (rq->reply.headers_n < CC_RQ_HEADERS)
        rq->reply.headers[rq->reply.headers_n++] = (struct cc_header){name, value};
}

static bool has_header(const struct cc_rq *rq, const char *name)
{
    for (int i = 0; i < rq->reply.headers_n; i++)
        if (strcasecmp(rq->reply.headers[i].name, name) == 0)
            return true;
    return false;
}

int cc_reply_problem(struct cc_rq *rq, int code)
{
    int status = cc_error_http(code);

    if (status >= 500)
        cc_log_failure("request_failed", code, cc_s("route", rq->route ? rq->route->name : ""));
    if ((status == 429 || status == 503) && !has_header(rq, "retry-after"))
        cc_reply_header(rq, "retry-after", "1");
    cc_reply_json(rq, status,
                  cc_problem(code, cc_problem_tells(code) ? cc_fail_text() : NULL, rq->id));
    rq->reply.type = "application/problem+json";
    return 0;
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
        http_response_header(in->req, rq->reply.headers[i].name, rq->reply.headers[i].value);
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
}

static struct cc_rq_inside *rq_new(struct http_request *req)
{
    struct cc_rq_inside *in = calloc(1, sizeof *in);
    unsigned known;

    if (!in)
        abort();
    in->begun_us = cc_clock_us();
    in->req = req;
    in->rq.inside = in;
    in->rq.mem = cc_arena_new(ARENA_CAP);
    in->rq.method = methods[method_row(req)].ours;
    in->rq.method_name = methods[method_row(req)].name;
    in->rq.path = req->path;
    in->rq.query = req->query_string ? req->query_string : "";
    if (req->onfree) /* cc_rq_glance() has counted it */
        in->body_room = req->http_body_length;
    if (req->http_body) {
        in->rq.body = (const char *)req->http_body->data;
        in->rq.body_len = req->http_body_length;
    }
    read_headers(in);
    read_address(in);
    read_id(in);
    in->rq.route = cc_routes_find(in->rq.method, in->rq.path, &in->rq.params, &known);
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

/* ---- before the body ---- */

static void on_unread_free(struct http_request *req)
{
    requests.bodies -= req->http_body_length;
}

/* In few words: nothing of a refused request is kept. */
static void refuse(struct http_request *req, int code)
{
    char id[CC_ID_MAX];
    char text[1024];
    json_t *problem =
        cc_problem(code, cc_problem_tells(code) ? cc_fail_text() : NULL, cc_id_random("req", id));
    size_t len = json_dumpb(problem, text, sizeof text, JSON_COMPACT);

    json_decref(problem);
    req->owner->flags |= CONN_CLOSE_EMPTY;
    http_response_header(req, "x-request-id", id);
    http_response_header(req, "content-type", "application/problem+json");
    if (cc_error_http(code) == 503)
        http_response_header(req, "retry-after", "1");
    http_response(req, cc_error_http(code), text, len < sizeof text ? len : 0);
    cc_metric_add(CC_M_HTTP_REQUESTS, CC_LABELS("refused", cc_error_name(code)), 1);
    cc_log(CC_INFO, "request_refused", cc_s("trace", id), cc_s("code", cc_error_name(code)));
}

int cc_rq_glance(struct http_request *req)
{
    struct cc_params params;
    unsigned known;
    const struct cc_route *route =
        cc_routes_find(methods[method_row(req)].ours, req->path, &params, &known);
    const char *key = NULL, *authorization = NULL;
    int rc;

    cc_fail_reset();
    http_request_header(req, "x-api-key", &key);
    http_request_header(req, "authorization", &authorization);
    rc = cc_door_glance(route, known, key, authorization, req->content_length);
    if (rc == 0 && requests.bodies + req->content_length > BODIES_MAX)
        rc = CC_E_BUSY;
    if (rc != 0) {
        refuse(req, rc);
        return KORE_RESULT_ERROR;
    }
    if (req->content_length > 0) {
        req->http_body_length = req->content_length;
        requests.bodies += req->content_length;
        req->onfree = on_unread_free;
    }
    return KORE_RESULT_OK;
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
