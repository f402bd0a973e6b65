#include "gateway/request.h"

#include <string.h>

#include "gateway/pure/problem.h"
#include "gateway/pure/target.h"
#include "proto/base/log.h"

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

bool cc_rq_params_good(struct cc_rq *rq)
{
    for (int i = 0; i < rq->params.n; i++)
        if (!cc_percent_decode(rq->params.at[i].value, rq->params.at[i].len, rq->mem))
            return false;
    return true;
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

/* ---- what is answered ---- */

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
