/*
 * session_enter.h - the conversation of a path, for who adds to it without asking.
 */
#ifndef CC_GATEWAY_SESSION_ENTER_H
#define CC_GATEWAY_SESSION_ENTER_H

#include "gateway/request.h"

/*
 * Waits.  Counts the request like a question, settles who the guest is, and sees that the session
 * {sessionId} has a row: ids of ours must exist, a client's own name is made, as by its first
 * question.  SESSION: another's, or none; RATE; AUTH, IDENTITY of identity.h.
 */
int cc_session_enter(struct cc_rq *rq, const char **ret_session);

#endif
