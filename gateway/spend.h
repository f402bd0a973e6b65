/*
 * spend.h - a question of a tenant or bot whose tokens or money of a day are capped is let in only
 * if it fits.
 *
 * The gateway reserves what it can know (the question, the length of the answer); a worker raises
 * that to the bound of the whole prompt before a model is asked.  Where nothing is capped nothing
 * is waited for.
 */
#ifndef CC_GATEWAY_SPEND_H
#define CC_GATEWAY_SPEND_H

#include "gateway/request.h"
#include "proto/wire/job.h"

/* Waits where something is capped.  QUOTA (with Retry-After) unless the same message was let in
 * before, DOWN. */
int cc_spend_ask(struct cc_rq *rq, const struct cc_chat_job *job);

/* Waits where something is capped.  What cc_admit() said after it: a refused or a repeated question
 * gives back what was reserved for it. */
void cc_spend_admitted(struct cc_rq *rq, const struct cc_chat_job *job, int rc, bool first);

#endif
