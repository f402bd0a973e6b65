/*
 * routes.h - the one table of routes; docs/openapi.yaml says what they do.
 */
#ifndef CC_GATEWAY_ROUTES_H
#define CC_GATEWAY_ROUTES_H

#include <jansson.h>

#include "gateway/pure/route.h"

const struct cc_route *cc_routes_find(unsigned method, const char *path, struct cc_match *ret);
size_t cc_routes_largest_body(void);
/* [{method, pattern, door, right ("" if none), bodyCap, name}], one for each method of a row; the
 * caller's to json_decref. */
json_t *cc_routes_tell(void);

/* One handler per row, in the file of its noun.  All wait, unless they only look at memory. */
struct cc_rq;
int cc_get_health(struct cc_rq *rq); /* health.c */
int cc_get_health_live(struct cc_rq *rq);
int cc_get_health_ready(struct cc_rq *rq);
int cc_get_metrics(struct cc_rq *rq);
int cc_get_file(struct cc_rq *rq); /* widget.c */
int cc_get_widget_config(struct cc_rq *rq);
int cc_get_widget_file(struct cc_rq *rq);
int cc_get_bot_page(struct cc_rq *rq);
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
int cc_post_session_file(struct cc_rq *rq);
int cc_get_session_files(struct cc_rq *rq);
int cc_delete_session_file(struct cc_rq *rq);
int cc_post_session_form(struct cc_rq *rq);
int cc_post_session_handoff(struct cc_rq *rq);
int cc_get_chat_ws(struct cc_rq *rq);
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

/* Of accounts, tenants and their back office.  All wait. */
int cc_post_register(struct cc_rq *rq);
int cc_post_login(struct cc_rq *rq);
int cc_post_refresh(struct cc_rq *rq);
int cc_post_logout(struct cc_rq *rq);
int cc_get_me(struct cc_rq *rq);
int cc_patch_me(struct cc_rq *rq);
int cc_post_switch(struct cc_rq *rq);
int cc_get_logins(struct cc_rq *rq);
int cc_delete_login(struct cc_rq *rq);
int cc_post_password(struct cc_rq *rq);
int cc_post_password_forgot(struct cc_rq *rq);
int cc_post_password_reset(struct cc_rq *rq);
int cc_post_invitation_accept(struct cc_rq *rq);
int cc_get_clients(struct cc_rq *rq);
int cc_get_client(struct cc_rq *rq);
int cc_patch_client(struct cc_rq *rq);
int cc_delete_client(struct cc_rq *rq);
int cc_get_client_export(struct cc_rq *rq);
int cc_get_members(struct cc_rq *rq);
int cc_patch_member(struct cc_rq *rq);
int cc_delete_member(struct cc_rq *rq);
int cc_get_invitations(struct cc_rq *rq);
int cc_post_invitation(struct cc_rq *rq);
int cc_delete_invitation(struct cc_rq *rq);
int cc_get_keys(struct cc_rq *rq);
int cc_post_key(struct cc_rq *rq);
int cc_get_key(struct cc_rq *rq);
int cc_patch_key(struct cc_rq *rq);
int cc_delete_key(struct cc_rq *rq);
int cc_post_key_rotate(struct cc_rq *rq);
int cc_get_usage(struct cc_rq *rq);
int cc_get_audit(struct cc_rq *rq);
int cc_get_receipts(struct cc_rq *rq);
int cc_get_receipt(struct cc_rq *rq);
int cc_get_widget(struct cc_rq *rq);
int cc_put_widget(struct cc_rq *rq);
int cc_get_bots(struct cc_rq *rq);
int cc_post_bot(struct cc_rq *rq);
int cc_get_bot(struct cc_rq *rq);
int cc_put_bot(struct cc_rq *rq);
int cc_delete_bot(struct cc_rq *rq);
int cc_delete_bot_draft(struct cc_rq *rq);
int cc_post_bot_publish(struct cc_rq *rq);
int cc_get_bot_versions(struct cc_rq *rq);
int cc_get_bot_version(struct cc_rq *rq);
int cc_post_bot_restore(struct cc_rq *rq);
int cc_get_bot_identity(struct cc_rq *rq);
int cc_post_bot_identity_rotate(struct cc_rq *rq);
int cc_get_llm_config(struct cc_rq *rq);
int cc_put_llm_config(struct cc_rq *rq);
int cc_post_llm_test(struct cc_rq *rq);
int cc_get_conversations(struct cc_rq *rq);
int cc_get_conversations_export(struct cc_rq *rq);
int cc_get_conversation(struct cc_rq *rq);
int cc_delete_conversation(struct cc_rq *rq);
int cc_post_conversation_flag(struct cc_rq *rq);
int cc_post_conversation_assign(struct cc_rq *rq);
int cc_post_conversation_close(struct cc_rq *rq);
int cc_put_conversation_labels(struct cc_rq *rq);
int cc_get_visitors(struct cc_rq *rq);
int cc_get_visitor(struct cc_rq *rq);
int cc_get_visitor_export(struct cc_rq *rq);
int cc_delete_visitor(struct cc_rq *rq);
int cc_get_analytics_overview(struct cc_rq *rq);
int cc_get_analytics_cost(struct cc_rq *rq);
int cc_post_validate_client(struct cc_rq *rq);
int cc_get_client_config(struct cc_rq *rq);

#endif
