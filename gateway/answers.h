/*
 * answers.h - whose answer is it, and how an answer's events become a stream.
 */
#ifndef CC_GATEWAY_ANSWERS_H
#define CC_GATEWAY_ANSWERS_H

#include "gateway/follow.h"
#include "gateway/request.h"
#include "proto/store/answer.h"

/* Waits.  *ret_view->state is "" while nobody has claimed it.  NOTFOUND: another's, or none; AUTH,
 * IDENTITY of identity.h. */
int cc_answer_find(struct cc_rq *rq, const char *answer, struct cc_answer_view *ret_view);

/* Sets follow's callbacks to send events of this request's stream. */
void cc_answer_stream_to(struct cc_rq *rq, struct cc_follow *follow);

/* When the answer of a question asked now has to be there, with what a take-over costs; cc_now().
 */
int64_t cc_answer_deadline(void);

/* Seconds: how long we remember what a visitor said about an answer, from question to replay. */
int cc_answer_keep_s(void);

/*
 * Waits.  Is it a session of the guest's tenant, of this bot ("": any), and of the visitor that the
 * guest is?  One that we named ourselves has a row only when a worker has claimed its first
 * question: until then the queue server knows it, and *ret_new is true.  SESSION if it is none;
 * AUTH, IDENTITY of identity.h.
 */
int cc_session_find(struct cc_rq *rq, const char *bot, const char *session, bool *ret_new);

/* An own name that is short could be guessed: FORBIDDEN to read by it, but for who has a secret
 * key. */
int cc_session_may_read(const struct cc_rq *rq, const char *session);

#endif
