/*
 * weburl.h - may this be the address of a page?  Whether it may be fetched is decided where it is
 * (proto/http/guard.h); this is for people who mistype.
 */
#ifndef CC_GATEWAY_PURE_WEBURL_H
#define CC_GATEWAY_PURE_WEBURL_H

#include <stdbool.h>

#define CC_WEBURL_MAX 2000 /* characters */

/* http or https, a host, no user name, no blanks. */
bool cc_weburl_valid(const char *url);

#endif
