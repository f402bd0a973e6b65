/*
 * hold.h - the questions that this process holds: their leases are renewed, and those of whom
 * nothing was written for a while are asked after, should a visitor have stopped them.
 *
 * One task does it for all: an answer that is done within a third of the lease costs nothing.
 */
#ifndef CC_WORKER_HOLD_H
#define CC_WORKER_HOLD_H

#include "worker/chat.h"

int cc_hold_start(struct cc_worker *worker); /* spawns the tasks */

/* From now on its lease is ours to renew.  CONFLICT: we hold this question already. */
int cc_hold_add(struct cc_worker *worker, struct cc_chat *chat);
void cc_hold_remove(struct cc_worker *worker, struct cc_chat *chat);

/* An event of it was written just now, and we know whether it is cancelled. */
void cc_hold_heard(struct cc_chat *chat);

/* The first reason stays; its task's waits return CANCELLED from now on. */
void cc_hold_stop(struct cc_chat *chat, enum cc_chat_stop why);
void cc_hold_stop_all(struct cc_worker *worker, enum cc_chat_stop why);

#endif
