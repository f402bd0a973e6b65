/*
 * allow.h - URLs that tenants name and that lead to a place which the operator lets them have
 * though it is not public.
 */
#ifndef CC_HTTP_ALLOW_H
#define CC_HTTP_ALLOW_H

#include <stdbool.h>

/* Its HOST:PORT is one of the list (commas between); the port of the scheme where it names none. */
bool cc_url_allowed(const char *list, const char *url);

#endif
