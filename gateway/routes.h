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
int cc_post_document(struct cc_rq *rq); /* uploads.c */
int cc_post_upload(struct cc_rq *rq);
int cc_get_documents(struct cc_rq *rq); /* documents.c */
int cc_get_dead_letters(struct cc_rq *rq);
int cc_get_document(struct cc_rq *rq);
int cc_patch_document(struct cc_rq *rq);
int cc_delete_document(struct cc_rq *rq);
int cc_get_document_status(struct cc_rq *rq);
int cc_post_document_retry(struct cc_rq *rq);
int cc_post_document_skip(struct cc_rq *rq);
int cc_post_document_reindex(struct cc_rq *rq);
int cc_get_document_changes(struct cc_rq *rq);
int cc_get_chunks(struct cc_rq *rq); /* chunks.c */
int cc_post_chunk(struct cc_rq *rq);
int cc_patch_chunk(struct cc_rq *rq);
int cc_delete_chunk(struct cc_rq *rq);
int cc_post_preview(struct cc_rq *rq);
int cc_post_url(struct cc_rq *rq); /* sources.c */
int cc_get_sources(struct cc_rq *rq);
int cc_get_source(struct cc_rq *rq);
int cc_patch_source(struct cc_rq *rq);
int cc_delete_source(struct cc_rq *rq);
int cc_post_source_visit(struct cc_rq *rq);
int cc_get_source_pages(struct cc_rq *rq);
int cc_get_pins(struct cc_rq *rq); /* pins.c */
int cc_post_pin(struct cc_rq *rq);
int cc_get_pin(struct cc_rq *rq);
int cc_put_pin(struct cc_rq *rq);
int cc_delete_pin(struct cc_rq *rq);
int cc_post_retrieval_test(struct cc_rq *rq); /* retrieval.c */
int cc_post_embed(struct cc_rq *rq);
int cc_get_bot_retrieval(struct cc_rq *rq); /* tuning.c */
int cc_put_bot_retrieval(struct cc_rq *rq);
int cc_get_bot_chunking(struct cc_rq *rq);
int cc_put_bot_chunking(struct cc_rq *rq);
int cc_get_dashboard_ws(struct cc_rq *rq);       /* dashboard_ws.c */
int cc_post_document_progress(struct cc_rq *rq); /* internal.c */

#endif
