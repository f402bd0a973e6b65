/*
 * enter.h - a conversation that a visitor puts something into before he asks: files, a form, a
 * wish.
 */
#ifndef CC_GATEWAY_ENTER_H
#define CC_GATEWAY_ENTER_H

#include "gateway/request.h"

/*
 * Waits.  The session is the guest's bot's, and of the visitor that the guest proves to be (he is
 * settled here).  One of ours must exist; a client's own name is made if it is new, and must be one
 * that may be read by the guest.  SESSION, FORBIDDEN, AUTH, IDENTITY.
 */
int cc_session_enter(struct cc_rq *rq, const char *session);

/* Waits.  A client's own name, after cc_identity_settle(): made if it is new.  SESSION. */
int cc_session_enter_own(struct cc_rq *rq, const char *session);

/* Waits.  The one of the path ({sessionId}), counted like a question before it is entered.  RATE.
 */
int cc_session_enter_counted(struct cc_rq *rq, const char **ret_session);

#endif
