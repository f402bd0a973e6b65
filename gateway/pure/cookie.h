/*
 * cookie.h - cookies as browsers send them (RFC 6265, 5.4).
 */
#ifndef CC_GATEWAY_PURE_COOKIE_H
#define CC_GATEWAY_PURE_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

/* The value of the first one of exactly this name; false: there is none, it is empty, or it has
 * not less than cap bytes.  header may be NULL. */
bool cc_cookie_get(const char *header, const char *name, char *ret, size_t cap);

#endif
