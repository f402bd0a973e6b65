/*
 * identity.h - which visitor is it?  Asked wherever a conversation or an answer is touched.
 */
#ifndef CC_GATEWAY_IDENTITY_H
#define CC_GATEWAY_IDENTITY_H

#include "gateway/request.h"

/*
 * Looks at the proof that the request brings and sets the guest's visitor, by what the guest's bot
 * wants.  A proof that is not right is never the same as none: AUTH.  IDENTITY: one is wanted.
 * Who holds a secret key speaks for everybody, unless he sends a proof.
 */
int cc_identity_settle(struct cc_rq *rq);

/* Waits.  The same for a thing of this bot, which may be another one than the guest's. */
int cc_identity_settle_for(struct cc_rq *rq, const char *bot);

/* After that: is what belongs to this visitor ("": to nobody in particular) there for the guest?
 * Who speaks for everybody speaks for this one from then on. */
bool cc_identity_owns(struct cc_rq *rq, const char *visitor);

#endif
