/*
 * door.h - may this request come in?  Key or login, page, right, rate.
 *
 * The tenant is the credential's.  A {clientId} of the path that is another's is not there.
 */
#ifndef CC_GATEWAY_DOOR_H
#define CC_GATEWAY_DOOR_H

#include "gateway/credential.h"

/* Waits.  Sets rq->guest and rq->cors, and behind the doors of a back office who acts
 * (base/actor.h).  AUTH, FORBIDDEN, CSRF, ORIGIN, RATE, DOWN, NOTFOUND. */
int cc_door_pass(struct cc_rq *rq);

/* Answers OPTIONS.  Browsers send no key with it, so any page's origin may ask: what it may do is
 * decided when it does it. */
int cc_door_preflight(struct cc_rq *rq);

/*
 * What can be said from the head alone, before a body is read: is there such a route, may the
 * credential be good for it, is the body within the route's cap?  0 or the code to refuse with.
 */
int cc_door_glance(const struct cc_route *route, unsigned methods,
                   const struct cc_credential_head *head, uint64_t body_len);

#endif
