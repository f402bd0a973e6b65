/*
 * conversations.h - what the routes of conversations and their export share.
 */
#ifndef CC_GATEWAY_CONVERSATIONS_H
#define CC_GATEWAY_CONVERSATIONS_H

#include "gateway/request.h"
#include "proto/store/conversation.h"

/* ---- what is asked for (conversations_find.c) ---- */

/*
 * Waits.  ?q=&botId=&visitorId=&from=&to=&flagged=&label=&status=&rating=&handoff=; a key that is
 * bound to a bot finds what is of that bot.  Without `from`: the 90 days
 * before `to`, or before now.  INVALID; NOTFOUND: another
 * tenant's bot.  What it points to lives in rq->mem.
 */
int cc_conversations_filter(struct cc_rq *rq, struct cc_conversation_filter *ret);
/* Waits.  ?botId=, also of one that was deleted; "": all. */
int cc_conversations_bot(struct cc_rq *rq, const char **ret);

/* ?cursor=: a place in the list of this tenant and these filters; nobody else's is taken. */
int cc_conversations_cursor(struct cc_rq *rq, struct cc_conversation_place *ret);
const char *cc_conversations_next(struct cc_rq *rq, const struct cc_conversation_place *place);

/* ---- as JSON (conversations_json.c) ---- */

/* In a list; and with what only one that is read shows. */
json_t *cc_conversation_json(const struct cc_conversation *conversation);
json_t *cc_conversation_whole_json(const struct cc_conversation *conversation);
/* Appends the question and, if there is one, the answer. */
void cc_exchange_append(json_t *messages, const struct cc_exchange *exchange);

#endif
