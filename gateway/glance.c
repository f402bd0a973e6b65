/*
 * glance.c - what can be known of a request before its body is read.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "gateway/door.h"
#include "gateway/inside.h"
#include "gateway/pure/problem.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

#define BODIES_MAX (256 * 1024 * 1024) /* bytes of all bodies of this process at once */
/* A part of it that files never take, as anybody may announce some: questions come through. */
#define FOR_SMALL  (32 * 1024 * 1024)
#define SMALL_BODY (16 * 1024)

static size_t bodies;

static const struct cc_rq_method methods[] = {
    {HTTP_METHOD_GET, CC_GET, "GET"},
    {HTTP_METHOD_POST, CC_POST, "POST"},
    {HTTP_METHOD_PUT, CC_PUT, "PUT"},
    {HTTP_METHOD_PATCH, CC_PATCH, "PATCH"},
    {HTTP_METHOD_DELETE, CC_DELETE, "DELETE"},
    {HTTP_METHOD_HEAD, CC_HEAD, "HEAD"},
    {HTTP_METHOD_OPTIONS, CC_OPTIONS, "OPTIONS"},
};
#define METHODS (sizeof methods / sizeof methods[0])

const struct cc_rq_method *cc_rq_method(const struct http_request *req)
{
    size_t i = 0;

    while (i < METHODS - 1 && methods[i].kore != req->method)
        i++;
    return &methods[i];
}

void cc_rq_read_headers(struct cc_rq_inside *in)
{
    struct cc_header *out;
    struct http_header *h;
    size_t n = 1;

    TAILQ_FOREACH (h, &in->req->req_headers, list)
        n++;
    out = cc_arena_array(in->rq.mem, n, sizeof *out);
    out[0] = (struct cc_header){"host", in->req->host};
    n = 1;
    TAILQ_FOREACH (h, &in->req->req_headers, list)
        out[n++] = (struct cc_header){h->header, h->value};
    in->rq.headers = out;
    in->rq.headers_n = (int)n;
}

/* The last line of that name: a proxy may add one of its own behind those that came. */
static const char *last_header(const struct cc_rq *rq, const char *name)
{
    for (int i = rq->headers_n; i-- > 0;)
        if (strcasecmp(rq->headers[i].name, name) == 0)
            return rq->headers[i].value;
    return NULL;
}

/* The last entry of X-Forwarded-For is the one that our own proxy wrote. */
void cc_rq_read_address(struct cc_rq_inside *in)
{
    const struct connection *c = in->req->owner;
    const char *list = last_header(&in->rq, "x-forwarded-for"), *last;
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

void cc_rq_read_id(struct cc_rq_inside *in)
{
    const char *given = cc_rq_header(&in->rq, "x-request-id");

    in->rq.id = in->id;
    if (given && cc_cfg_bool(CC_CFG_TRUST_PROXY) && id_valid(given))
        snprintf(in->id, sizeof in->id, "%s", given);
    else
        cc_id_random("req", in->id);
}

void cc_rq_body_gone(size_t len)
{
    bodies -= len;
}

static void on_unread_free(struct http_request *req)
{
    bodies -= req->http_body_length;
}

/* In few words: nothing of a refused request is kept. */
static void refuse(struct http_request *req, int code, unsigned known)
{
    char id[CC_ID_MAX], text[1024], names[64];
    json_t *problem =
        cc_problem(code, cc_problem_tells(code) ? cc_fail_text() : NULL, cc_id_random("req", id));
    size_t len = json_dumpb(problem, text, sizeof text, JSON_COMPACT);

    json_decref(problem);
    req->owner->flags |= CONN_CLOSE_EMPTY;
    http_response_header(req, "x-request-id", id);
    http_response_header(req, "content-type", "application/problem+json");
    if (code == CC_E_METHOD)
        http_response_header(req, "allow", cc_methods_print(known, names));
    if (cc_error_http(code) == 503)
        http_response_header(req, "retry-after", "1");
    http_response(req, cc_error_http(code), text, len < sizeof text ? len : 0);
    cc_metric_add(CC_M_HTTP_REQUESTS, CC_LABELS("refused", cc_error_name(code)), 1);
    cc_log(CC_INFO, "request_refused", cc_s("trace", id), cc_s("code", cc_error_name(code)));
}

/* What Kore refuses by itself, before there is a request: not every status has a code of its own.
 */
static const struct {
    int status, code;
} told_as[] = {{404, CC_E_NOTFOUND}, {405, CC_E_METHOD}, {408, CC_E_TIMEOUT},  {413, CC_E_TOOBIG},
               {414, CC_E_TOOBIG},   {431, CC_E_TOOBIG}, {500, CC_E_INTERNAL}, {503, CC_E_BUSY}};

void cc_rq_kore_error(int status, struct kore_buf *head, struct kore_buf *body)
{
    char id[CC_ID_MAX], text[1024], number[16];
    int code = CC_E_INVALID;
    json_t *problem;
    size_t len;

    for (size_t i = 0; i < sizeof told_as / sizeof told_as[0]; i++)
        if (told_as[i].status == status)
            code = told_as[i].code;
    problem = cc_problem(code, http_status_text(status), cc_id_random("req", id));
    json_object_set_new(problem, "status", json_integer(status));
    len = json_dumpb(problem, text, sizeof text, JSON_COMPACT);
    json_decref(problem);
    kore_buf_append(body, text, len < sizeof text ? len : 0);
    kore_buf_appendf(head, "x-request-id: %s\r\n", id);
    kore_buf_appendf(head, "content-type: application/problem+json\r\n");
    if (status == 503)
        kore_buf_appendf(head, "retry-after: 1\r\n");
    snprintf(number, sizeof number, "%d", status);
    cc_metric_add(CC_M_HTTP_REQUESTS, CC_LABELS("malformed", number), 1);
}

static bool has_room(uint64_t len)
{
    size_t room = len <= SMALL_BODY ? BODIES_MAX : BODIES_MAX - FOR_SMALL;

    return bodies < room && len <= room - bodies;
}

int cc_rq_glance(struct http_request *req)
{
    struct cc_match match;
    const struct cc_route *route = cc_routes_find(cc_rq_method(req)->ours, req->path, &match);
    struct cc_credential_head head = {0};
    int rc;

    if (req->content_length == 0)
        return KORE_RESULT_OK;
    cc_fail_reset();
    http_request_header(req, "x-api-key", &head.key);
    http_request_header(req, "authorization", &head.authorization);
    http_request_header(req, "cookie", &head.cookie);
    rc = cc_door_glance(route, match.methods, &head, req->content_length);
    if (rc == 0 && !has_room(req->content_length))
        rc = CC_E_BUSY;
    if (rc != 0) {
        refuse(req, rc, match.methods);
        return KORE_RESULT_ERROR;
    }
    req->http_body_length = req->content_length;
    bodies += req->content_length;
    req->onfree = on_unread_free;
    return KORE_RESULT_OK;
}
