/*
 * error.h - what a call returns, and why it failed.
 *
 * A function returns 0 or a negative code from the one table below.  The code
 * knows its HTTP status, whether the same request or job is worth another try,
 * and its public name (docs/errors.md).  The words are given once, where the
 * failure is found: return cc_fail(CC_E_TIMEOUT, "embed: no answer in %d ms", ms);
 * the code is then passed up unchanged and only the owner of the request or job logs it.
 */
#ifndef CC_BASE_ERROR_H
#define CC_BASE_ERROR_H

#include <stdbool.h>

/*  name             HTTP  retry  public name               when */
#define CC_ERRORS(X)                                                                               \
    X(TIMEOUT, 504, true, "timeout")             /* a deadline passed */                           \
    X(CANCELLED, 499, true, "cancelled")         /* the task was told to stop */                   \
    X(DOWN, 503, true, "unavailable")            /* a store of ours cannot be reached */           \
    X(REPLY, 500, true, "bad_reply")             /* a store of ours answered with an error */      \
    X(INVALID, 400, false, "invalid_request")    /* the input is not what was asked for */         \
    X(BUSY, 503, true, "busy")                   /* a queue of the whole service is full */        \
    X(NOTFOUND, 404, false, "not_found")         /* not there, or another tenant's */              \
    X(UPSTREAM, 502, true, "upstream_failed")    /* model, vector or tenant service */             \
    X(REFUSED, 502, false, "upstream_refused")   /* the same, and asking again will not help */    \
    X(TOOBIG, 413, false, "too_large")           /* above a declared cap */                        \
    X(AUTH, 401, false, "unauthorized")          /* no credential, or not a valid one */           \
    X(FORBIDDEN, 403, false, "forbidden")        /* a credential without this right */             \
    X(ORIGIN, 403, false, "origin_not_allowed")  /* the page is not on the bot's list */           \
    X(RATE, 429, true, "rate_limited")           /* too many requests in the window */             \
    X(TENANT_BUSY, 429, true, "tenant_busy")     /* too many open answers of one tenant */         \
    X(FENCED, 409, false, "superseded")          /* another attempt has taken the job over */      \
    X(CONFLICT, 409, false, "conflict")          /* the row is not in the state asked for */       \
    X(MESSAGE, 400, false, "message_length")     /* not 1 to 2000 characters */                    \
    X(SESSION, 404, false, "session_unknown")    /* no such session of this tenant */              \
    X(METHOD, 405, false, "method_not_allowed")  /* the path exists, the method does not */        \
    X(TYPE, 415, false, "unsupported_type")      /* a body or file of a kind we do not read */     \
    X(EXPIRED, 504, false, "expired")            /* the answer's deadline passed in the queue */   \
    X(DEAD, 500, false, "gave_up")               /* every attempt failed */                        \
    X(PARSER, 422, false, "parser_failed")       /* a file that cannot be read */                  \
    X(LIMIT, 422, false, "parser_limit")         /* a file that exceeds time or memory */          \
    X(ENCRYPTED, 422, false, "encrypted")        /* a file that wants a password */                \
    X(NOTEXT, 422, false, "no_text")             /* a file without text in it */                   \
    X(QUOTA, 429, true, "quota_exceeded")        /* a cap of the day is reached */                 \
    X(IDENTITY, 401, false, "identity_required") /* a visitor must prove who he is */              \
    X(CSRF, 403, false, "csrf")                  /* a cookie alone is no proof of a will */        \
    X(INTERNAL, 500, true, "internal")           /* our own mistake */

enum cc_error_index {
    CC_EI_OK,
#define X(name, http, retry, public_name) CC_EI_##name,
    CC_ERRORS(X)
#undef X
        CC_EI_COUNT
};
enum cc_error {
    CC_OK = 0,
#define X(name, http, retry, public_name) CC_E_##name = -CC_EI_##name,
    CC_ERRORS(X)
#undef X
};

/* Remembers the words (at most 255 bytes; per task where there is one) and returns code. */
int cc_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The words of the last cc_fail() of this task or thread; "" if none. */
const char *cc_fail_text(void);

/* Forget the words: at the start of a request or job. */
void cc_fail_reset(void);

const char *cc_error_name(int code); /* "timeout"; "ok" for 0; "internal" for unknown codes */
int cc_error_http(int code);         /* 504; 200 for 0 */
bool cc_error_retry(int code);

/* The code of a public name, CC_E_INTERNAL for unknown ones: for errors that crossed a process. */
int cc_error_from_name(const char *name);

/* proto/task gives each task its own words through this; NULL restores the thread's buffer. */
#define CC_FAIL_TEXT 256
void cc_fail_buffer(char *buf);

#endif
