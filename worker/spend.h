/*
 * spend.h - what an answer may use and what it used: caps, the hold before a model is asked, cost.
 */
#ifndef CC_WORKER_SPEND_H
#define CC_WORKER_SPEND_H

#include "proto/store/answer.h"
#include "worker/chat.h"

/* The caps of tenant and bot, from turn, into chat.  What cannot be read caps everything. */
void cc_spend_caps(struct cc_chat *chat);

/* Waits where something is capped.  The most that the request can use is held.  QUOTA, FENCED */
int cc_spend_hold(struct cc_chat *chat);

/* Of all texts in the request. */
int64_t cc_spend_prompt_bytes(const struct cc_llm_request *request);
/* The most tokens that a service can see in the request, without the answer. */
int64_t cc_spend_most_input(const struct cc_llm_request *request);

/* Waits.  The question will never be an answer: what was reserved for it is given back. */
void cc_spend_give_back(struct cc_chat *chat);

/* Waits.  Another attempt has the answer: it books.  But where the answer was erased while we were
 * at it, nobody else books what this attempt has used. */
void cc_spend_fenced(struct cc_chat *chat);

/* What this attempt used so far, as cc_answer_fail() and _release() want it. */
struct cc_answer_result cc_spend_so_far(const struct cc_chat *chat);

#endif
