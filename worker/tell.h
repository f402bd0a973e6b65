/*
 * tell.h - the last event of an answer.  All but the last wait, at most TELL_MS for a server that
 * is down: then DOWN, and the job must stay, so that whoever gets it next tells again.
 */
#ifndef CC_WORKER_TELL_H
#define CC_WORKER_TELL_H

#include "worker/chat.h"

int cc_tell_done(struct cc_chat *chat);
int cc_tell_error(struct cc_chat *chat, int code);

/* The answer can never be claimed; an attempt at it may have been told before it came to that. */
int cc_tell_refusal(struct cc_chat *chat, int code);

/* The answer was over before: its end from PostgreSQL, unless the stream has it already.  As one
 * attempt more than there were, as nobody knows what a viewer has seen of it. */
int cc_tell_again(struct cc_chat *chat);

/* The tenant's back offices: the answer has ended.  Does not wait. */
void cc_tell_house(const struct cc_chat *chat, const char *state);

#endif
