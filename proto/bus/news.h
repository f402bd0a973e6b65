/*
 * news.h - what sockets of back offices are told of conversations, by gateways and workers.
 *
 * The frame is {type: "conversation", id, botId, event, answerId?, state?} on the tenant's channel
 * (cc_name_events).  It says that there is something to be read, and nothing of what was said.
 */
#ifndef CC_BUS_NEWS_H
#define CC_BUS_NEWS_H

#include "proto/bus/redis.h"

struct cc_conversation_news {
    const char *tenant, *session, *bot;
    const char *event;  /* question answer handoff clear flag labels assign close */
    const char *answer; /* of a question or an answer; NULL */
    const char *state;  /* of an answer that has ended, of a handoff; NULL */
};
/* Does not wait: who tells has better things to do, and who missed it reads the list. */
void cc_news_conversation(struct cc_redis *live, const struct cc_conversation_news *news);

#endif
