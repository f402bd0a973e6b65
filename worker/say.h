/*
 * say.h - what the visitor is told while the answer is being made.  All wait; FENCED.
 */
#ifndef CC_WORKER_SAY_H
#define CC_WORKER_SAY_H

#include "worker/chat.h"

int cc_say_start(struct cc_chat *chat);
int cc_say_sources(struct cc_chat *chat); /* nothing when there are none */

/* The text that came since the last time, as one token event; CANCELLED when the visitor stopped
 * us.  While the server is down the text waits. */
int cc_say(struct cc_chat *chat);
int cc_say_rest(struct cc_chat *chat); /* the same, whether or not others are owed */

int cc_say_json(struct cc_chat *chat, enum cc_event_kind kind, json_t *data); /* takes data */

#endif
