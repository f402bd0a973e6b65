/*
 * target.h - the parts of a request target, percent-decoded.
 */
#ifndef CC_GATEWAY_PURE_TARGET_H
#define CC_GATEWAY_PURE_TARGET_H

#include "proto/base/arena.h"

/* NULL when an escape is broken or the result holds a control or is no UTF-8. */
char *cc_percent_decode(const char *text, size_t len, struct cc_arena *mem);

/* The first value of name in "a=b&c=d" ('+' is a space); NULL when absent or malformed. */
const char *cc_query_get(const char *query, const char *name, struct cc_arena *mem);
/* The name of the first parameter whose value is malformed; "" when the name is, too.  NULL: all is
 * well. */
const char *cc_query_fault(const char *query, struct cc_arena *mem);

#endif
