#include "gateway/pure/problem.h"

#include "proto/base/error.h"

static const char *const titles[] = {
    [CC_EI_OK] = "OK",
    [CC_EI_TIMEOUT] = "It took too long",
    [CC_EI_CANCELLED] = "The request was given up",
    [CC_EI_DOWN] = "The service is not available right now",
    [CC_EI_REPLY] = "Something went wrong on our side",
    [CC_EI_INVALID] = "The request is not valid",
    [CC_EI_BUSY] = "The service is busy",
    [CC_EI_NOTFOUND] = "Not found",
    [CC_EI_UPSTREAM] = "A service that we depend on failed",
    [CC_EI_REFUSED] = "A service that we depend on refused the request",
    [CC_EI_TOOBIG] = "Too large",
    [CC_EI_AUTH] = "No valid credential",
    [CC_EI_FORBIDDEN] = "This credential may not do that",
    [CC_EI_ORIGIN] = "This page may not use the bot",
    [CC_EI_RATE] = "Too many requests",
    [CC_EI_TENANT_BUSY] = "Too many open answers",
    [CC_EI_FENCED] = "Superseded",
    [CC_EI_CONFLICT] = "Conflict",
    [CC_EI_MESSAGE] = "A message has 1 to 2000 characters",
    [CC_EI_SESSION] = "There is no such session",
    [CC_EI_METHOD] = "This path does not know that method",
    [CC_EI_TYPE] = "This kind of content cannot be read",
    [CC_EI_EXPIRED] = "The question waited too long",
    [CC_EI_DEAD] = "The answer could not be made",
    [CC_EI_PARSER] = "The file could not be read",
    [CC_EI_LIMIT] = "The file takes too long or too much memory to read",
    [CC_EI_ENCRYPTED] = "The file is encrypted",
    [CC_EI_NOTEXT] = "The file holds no text",
    [CC_EI_QUOTA] = "A cap of the day is reached",
    [CC_EI_IDENTITY] = "This bot wants to know who asks",
    [CC_EI_CSRF] = "Only our own pages may do that with a cookie",
    [CC_EI_INTERNAL] = "Something went wrong on our side",
};
_Static_assert(sizeof titles / sizeof titles[0] == CC_EI_COUNT, "one title per error");

static int index_of(int code)
{
    return code <= 0 && code > -CC_EI_COUNT ? -code : CC_EI_INTERNAL;
}

bool cc_problem_tells(int code)
{
    switch (code) {
    case CC_E_INVALID:
    case CC_E_TOOBIG:
    case CC_E_AUTH:
    case CC_E_FORBIDDEN:
    case CC_E_ORIGIN:
    case CC_E_RATE:
    case CC_E_MESSAGE:
    case CC_E_SESSION:
    case CC_E_METHOD:
    case CC_E_TYPE:
    case CC_E_TENANT_BUSY:
    case CC_E_QUOTA:
    case CC_E_IDENTITY:
    case CC_E_CSRF:
    case CC_E_CONFLICT: /* what our handlers say of it */
    case CC_E_PARSER:   /* of a file, by its reader */
    case CC_E_LIMIT:
    case CC_E_ENCRYPTED:
    case CC_E_NOTEXT: return true;
    default: return false;
    }
}

json_t *cc_problem(int code, const char *detail, const char *trace)
{
    const char *name = cc_error_name(code);
    const char *title = titles[index_of(code)];
    json_t *type = json_sprintf("urn:chatconnect:error:%s", name);

    return json_pack("{s:o, s:s, s:i, s:s, s:s, s:b, s:s}", "type", type, "title", title, "status",
                     cc_error_http(code), "detail", detail && *detail ? detail : title, "code",
                     name, "retryable", cc_error_retry(code), "traceId", trace);
}
