/*
 * credential.h - what a request brings to show who sends it.
 *
 * A header counts before a cookie: a page of ours that shows a key means the key.
 */
#ifndef CC_GATEWAY_CREDENTIAL_H
#define CC_GATEWAY_CREDENTIAL_H

#include "gateway/request.h"

struct cc_credential {
    enum { CC_NOTHING, CC_API_KEY, CC_TOKEN } kind;
    const char *text; /* a key may be malformed */
    bool cookie;      /* the browser sent it by itself */
};
void cc_credential_find(struct cc_rq *rq, struct cc_credential *ret);

/* May a page show it: is it a public key, or the id of a bot?  By its beginning alone. */
bool cc_credential_public(const char *text);

/* From the headers of one whose body has not been read; values or NULL.  Without waiting: 0 if it
 * may be good for such a door, else AUTH or FORBIDDEN. */
struct cc_credential_head {
    const char *key, *authorization, *cookie;
};
int cc_credential_glance(const struct cc_credential_head *head, enum cc_door door);

/* Has a page of another site sent it? */
bool cc_credential_elsewhere(const struct cc_rq *rq);
/* Has a person meant this request, whose cookie came along?  CSRF: a page of somebody else may
 * have made it. */
int cc_credential_meant(struct cc_rq *rq);

#endif
