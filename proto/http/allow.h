/*
 * allow.h - URLs that tenants name: what they may look like, and which lead to a place that the
 * operator lets them have though it is not public.
 */
#ifndef CC_HTTP_ALLOW_H
#define CC_HTTP_ALLOW_H

#include <stdbool.h>

#define CC_URL_BASE_MAX 300

/* Of a service: http or https, a host, no name or password, no query or fragment.  INVALID says
 * what is wrong; `name` is what the words call it. */
int cc_url_check_base(const char *name, const char *url);

/* Its HOST:PORT is one of the list (commas between); the port of the scheme where it names none. */
bool cc_url_allowed(const char *list, const char *url);

#endif
