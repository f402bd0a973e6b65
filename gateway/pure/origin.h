/*
 * origin.h - may a page of this origin use a bot?
 *
 * Scheme, host and port must be the same after lower-casing and punycode (RFC 6454, UTS 46); the
 * only wildcard is a leading "*." for one or more labels above at least two.  An
 * Origin header stops browsers only: whoever writes their own client can send any.
 */
#ifndef CC_GATEWAY_PURE_ORIGIN_H
#define CC_GATEWAY_PURE_ORIGIN_H

#include <stdbool.h>

/*
 * origins: JSON array of patterns such as "https://example.com", the same with "*." before the
 * host, or, alone, "*" for any.  origin: the header's value.  "null", a path, or other schemes
 * are never allowed.
 */
bool cc_origin_allowed(const char *origins, const char *origin);

/* The same scheme, host and port?  False when one of them is no origin. */
bool cc_origin_same(const char *a, const char *b);

/* Is it an http or https origin at all? */
bool cc_origin_valid(const char *origin);

/* A pattern of the list as it is compared: lower case, punycode, without the scheme's own port.
 * False when it is none, and for "*". */
#define CC_ORIGIN_MAX 280
bool cc_origin_pattern(const char *pattern, char out[CC_ORIGIN_MAX]);

/*
 * Did our own page send it?  public_url is how visitors call us; when it is "", only hosts that
 * are an address or localhost count as ours (a name could be anybody's).
 */
bool cc_origin_ours(const char *public_url, const char *host, const char *origin);
/* The same for a Host header alone. */
bool cc_host_ours(const char *public_url, const char *host);

#endif
