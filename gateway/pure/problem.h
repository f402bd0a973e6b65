/*
 * problem.h - errors as clients see them: RFC 9457 problem objects.
 */
#ifndef CC_GATEWAY_PURE_PROBLEM_H
#define CC_GATEWAY_PURE_PROBLEM_H

#include "proto/base/json.h"

/* {type, title, status, detail, code, retryable, traceId}; detail may be NULL.  New reference. */
json_t *cc_problem(int code, const char *detail, const char *trace);

/*
 * May a client see the words of cc_fail()?  Only those about its own input; the others may name
 * hosts and tables, and stay in the log.
 */
bool cc_problem_tells(int code);

#endif
