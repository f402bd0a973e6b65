/*
 * door.h - may this request come in?  Key, origin, rate.
 */
#ifndef CC_GATEWAY_DOOR_H
#define CC_GATEWAY_DOOR_H

#include "gateway/request.h"

/* Waits.  Sets rq->guest and rq->cors.  AUTH, FORBIDDEN, ORIGIN, RATE, DOWN, NOTFOUND. */
int cc_door_pass(struct cc_rq *rq);

/* Answers OPTIONS.  Browsers send no key with it, so any page's origin may ask: what it may do is
 * decided when it does it. */
int cc_door_preflight(struct cc_rq *rq);

/*
 * What can be said from the head alone, before a body is read: is there such a route, is
 * there a well-formed key, is the body within the route's cap?  0 or the code to refuse with.
 * authorization, key: headers, or NULL.
 */
int cc_door_glance(const struct cc_route *route, unsigned methods, const char *key,
                   const char *authorization, uint64_t body_len);

#endif
