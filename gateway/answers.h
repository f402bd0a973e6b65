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

/*
 * Waits.  Goes on telling an answer that was found, after follow->last: rq, answer, last and the
 * callbacks are the caller's.  Results of cc_follow_run(); who leaves before the end leaves the
 * answer to its grace time.
 */
int cc_answer_tell(struct cc_follow *follow);

/* Waits.  Found, and told to stop where it runs.  *ret_state: "stopping", or how it has ended. */
int cc_answer_stop(struct cc_rq *rq, const char *answer, const char **ret_state);

/* Callbacks of a follow whose arg is a request with an open stream. */
int cc_answer_send_event(void *rq, const struct cc_event_id *id, const struct cc_event *event);
int cc_answer_send_comment(void *rq);

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
