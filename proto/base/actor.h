/*
 * actor.h - on whose behalf this task changes rows: what the audit log says (schema 005).
 *
 * Set once per request of a back office or command of an operator; each task has its own, and one
 * that is spawned begins with none.
 */
#ifndef CC_BASE_ACTOR_H
#define CC_BASE_ACTOR_H

#define CC_ACTOR_TEXT 224

/* who: a user's or key's id, or "operator"; address and trace may be "".  Control characters are
 * left out, what is too long is cut. */
void cc_actor_set(const char *who, const char *address, const char *trace);
/* "who\naddress\ntrace", "" if nobody is set. */
const char *cc_actor_get(void);
/* What that said in another process. */
void cc_actor_put(const char *line);

/* proto/task gives each task its own through this; NULL restores the thread's. */
void cc_actor_buffer(char *buf);

#endif
