/*
 * news.h - what the gateway itself tells the sockets of a tenant's back offices: that a document
 * waits or goes, that a question has come in.  The rest is told by whoever works on it.
 */
#ifndef CC_GATEWAY_NEWS_H
#define CC_GATEWAY_NEWS_H

#include "gateway/request.h"
#include "proto/store/document.h"

/*
 * Waits.  A document is to be worked on: it is told, and its job is put.  generation 0: that of its
 * row.  The row is the truth; when the queue cannot be reached the sweeper finds it.
 */
void cc_news_waiting(struct cc_rq *rq, const char *id, int64_t generation);

/* Wait, not long; failures are nobody's business: who missed it reads the list. */
void cc_news_document(struct cc_rq *rq, const char *id, const char *status);
void cc_news_progress(const char *tenant, const struct cc_document_status *document);

/* Does not wait.  A question of a conversation with the guest's bot was let in; its row may come a
 * moment later. */
void cc_news_question(const struct cc_guest *guest, const char *session, const char *answer);

#endif
