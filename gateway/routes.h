/*
 * routes.h - the one table of routes; docs/openapi.yaml says what they do.
 */
#ifndef CC_GATEWAY_ROUTES_H
#define CC_GATEWAY_ROUTES_H

#include "gateway/pure/route.h"

const struct cc_route *cc_routes_find(unsigned method, const char *path, struct cc_match *ret);
size_t cc_routes_largest_body(void);

/* One handler per row, in the file of its noun.  All wait, unless they only look at memory. */
struct cc_rq;
int cc_get_health(struct cc_rq *rq); /* health.c */
int cc_get_health_live(struct cc_rq *rq);
int cc_get_health_ready(struct cc_rq *rq);
int cc_get_metrics(struct cc_rq *rq);
int cc_get_file(struct cc_rq *rq); /* widget.c */
int cc_get_widget_config(struct cc_rq *rq);
int cc_get_widget_health(struct cc_rq *rq);
int cc_post_chat(struct cc_rq *rq); /* chat.c */
int cc_post_chat_stream(struct cc_rq *rq);
int cc_post_chat_either(struct cc_rq *rq); /* by Accept or "stream": true */
int cc_get_chat_stream(struct cc_rq *rq);
int cc_get_answer_stream(struct cc_rq *rq); /* answers.c */
int cc_post_answer_stop(struct cc_rq *rq);
int cc_post_answer_feedback(struct cc_rq *rq);
int cc_get_session_messages(struct cc_rq *rq); /* sessions.c */
int cc_delete_session(struct cc_rq *rq);
int cc_post_document(struct cc_rq *rq); /* documents.c */
int cc_get_document_status(struct cc_rq *rq);

#endif
