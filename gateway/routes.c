#include "gateway/routes.h"

#include "gateway/pure/ask.h"
#include "proto/base/json.h"

#define SMALL  (16 * 1024)
#define MEDIUM (256 * 1024)
#define LARGE  (2 * 1024 * 1024)
#define UPLOAD (42 * 1024 * 1024) /* some files of 10 MB and what is around them */

/* Literal segments before {names}.  Rows with the same handler are names for the same thing. */
/* clang-format off */
static const struct cc_route rows[] = {
    /* methods, pattern, door, right, counted, body, handler, name */
    {CC_GET, "/health/live", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_health_live, "health_live"},
    {CC_GET, "/health/ready", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_health_ready, "health_ready"},
    {CC_GET, "/health", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_health, "health"},
    {CC_GET, "/metrics", CC_DOOR_PRIVATE, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_metrics, "metrics"},

    {CC_GET, "/widget.js", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/widget-app.js", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/demo", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/demo.css", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/demo.js", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},

    {CC_GET, "/widget/{file}", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_widget_file, "widget_file"},
    {CC_GET, "/page.css", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/embed/{botId}", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_bot_page, "embed_page"},

    {CC_GET, "/api/widget/health", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_widget_health, "widget_health"},
    {CC_GET, "/api/widget/config", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_NONE, 0, cc_get_widget_config, "widget_config"},
    {CC_GET, "/api/widget/config/{key}", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_NONE, 0, cc_get_widget_config, "widget_config"},

    {CC_POST, "/api/widget/chat", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, CC_ASK_BODY_MAX, cc_post_chat, "chat"},
    {CC_POST, "/api/widget/chat/stream", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, CC_ASK_BODY_MAX, cc_post_chat_stream, "chat_stream"},
    {CC_POST, "/chat", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, CC_ASK_BODY_MAX, cc_post_chat_either, "chat"},
    {CC_POST, "/chat/stream", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, CC_ASK_BODY_MAX, cc_post_chat_stream, "chat_stream"},
    {CC_GET, "/chat/stream", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, 0, cc_get_chat_stream, "chat_stream"},
    {CC_GET, "/chat/{botId}", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_bot_page, "chat_page"},
    {CC_POST, "/api/chat/message", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, CC_ASK_BODY_MAX, cc_post_chat_either, "chat"},
    {CC_POST, "/api/chat/{botId}", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, CC_ASK_BODY_MAX, cc_post_chat_either, "chat"},

    {CC_GET, "/api/widget/answers/{answerId}/stream", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_NONE, 0, cc_get_answer_stream, "answer_stream"},
    {CC_POST, "/api/widget/answers/{answerId}/stop", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_NONE, SMALL, cc_post_answer_stop, "answer_stop"},
    {CC_POST, "/api/widget/answers/{answerId}/feedback", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_TENANT, SMALL, cc_post_answer_feedback, "answer_feedback"},

    {CC_GET, "/api/widget/sessions/{sessionId}/messages", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_NONE, 0, cc_get_session_messages, "session_messages"},
    {CC_DELETE, "/api/widget/sessions/{sessionId}", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, 0, cc_delete_session, "session_clear"},
    {CC_POST, "/api/widget/sessions/{sessionId}/files", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, UPLOAD, cc_post_session_file, "session_file_add"},
    {CC_GET, "/api/widget/sessions/{sessionId}/files", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_NONE, 0, cc_get_session_files, "session_files"},
    {CC_DELETE, "/api/widget/sessions/{sessionId}/files/{fileId}", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_TENANT, 0, cc_delete_session_file, "session_file_delete"},
    {CC_POST, "/api/widget/sessions/{sessionId}/form", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, SMALL, cc_post_session_form, "session_form"},
    {CC_POST, "/api/widget/sessions/{sessionId}/handoff", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, SMALL, cc_post_session_handoff, "session_handoff"},
    {CC_GET, "/ws/chat/{sessionId}", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_TENANT, 0, cc_get_chat_ws, "chat_ws"},
    {CC_GET, "/api/chat/history/{sessionId}", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_NONE, 0, cc_get_session_messages, "session_messages"},
    {CC_DELETE, "/api/chat/{botId}/session/{sessionId}", CC_DOOR_VISITOR, CC_RIGHT_CHAT, CC_COUNT_CHAT, 0, cc_delete_session, "session_clear"},

    {CC_POST, "/api/widget/process-document", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, UPLOAD, cc_post_document, "document_add"},
    {CC_POST, "/process-document", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, UPLOAD, cc_post_document, "document_add"},
    {CC_GET, "/api/widget/documents/{id}/status", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_document_status, "document_status"},

    {CC_POST, "/api/dashboard/documents/upload", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, UPLOAD, cc_post_upload, "document_add"},
    {CC_POST, "/api/admin/knowledge/upload", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, UPLOAD, cc_post_upload, "document_add"},
    {CC_POST, "/api/dashboard/documents/url", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_post_url, "source_add"},
    {CC_GET, "/api/dashboard/documents", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_documents, "documents"},
    {CC_GET, "/api/dashboard/documents/{id}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_document, "document"},
    {CC_PATCH, "/api/dashboard/documents/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_patch_document, "document_edit"},
    {CC_DELETE, "/api/dashboard/documents/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, 0, cc_delete_document, "document_delete"},
    {CC_GET, "/api/dashboard/documents/{id}/status", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_document_status, "document_status"},
    {CC_POST, "/api/dashboard/documents/{id}/retry", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_post_document_retry, "document_retry"},
    {CC_POST, "/api/dashboard/documents/{id}/skip", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_post_document_skip, "document_skip"},
    {CC_POST, "/api/dashboard/documents/{id}/reindex", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_post_document_reindex, "document_reindex"},
    {CC_GET, "/api/dashboard/documents/{id}/changes", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_document_changes, "document_changes"},
    {CC_GET, "/api/dashboard/documents/{id}/chunks", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_chunks, "chunks"},
    {CC_POST, "/api/dashboard/documents/{id}/chunks", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_post_chunk, "chunk_add"},
    {CC_PATCH, "/api/dashboard/documents/{id}/chunks/{chunkId}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_patch_chunk, "chunk_edit"},
    {CC_DELETE, "/api/dashboard/documents/{id}/chunks/{chunkId}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, 0, cc_delete_chunk, "chunk_delete"},
    {CC_POST, "/api/dashboard/documents/{id}/preview", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_post_preview, "document_preview"},
    {CC_GET, "/api/dashboard/dead-letters", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_dead_letters, "dead_letters"},

    {CC_GET, "/api/dashboard/sources", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_sources, "sources"},
    {CC_GET, "/api/dashboard/sources/{id}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_source, "source"},
    {CC_PATCH, "/api/dashboard/sources/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_patch_source, "source_edit"},
    {CC_DELETE, "/api/dashboard/sources/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, 0, cc_delete_source, "source_delete"},
    {CC_POST, "/api/dashboard/sources/{id}/visit", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_post_source_visit, "source_visit"},
    {CC_GET, "/api/dashboard/sources/{id}/pages", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_source_pages, "source_pages"},

    {CC_GET, "/api/dashboard/pins", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_pins, "pins"},
    {CC_POST, "/api/dashboard/pins", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_post_pin, "pin_add"},
    {CC_GET, "/api/dashboard/pins/{id}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_pin, "pin"},
    {CC_PUT, "/api/dashboard/pins/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_put_pin, "pin_set"},
    {CC_DELETE, "/api/dashboard/pins/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, 0, cc_delete_pin, "pin_delete"},

    {CC_POST, "/api/dashboard/retrieval/test", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_TENANT, MEDIUM, cc_post_retrieval_test, "retrieval_test"},
    {CC_POST, "/embed", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_TENANT, LARGE, cc_post_embed, "embed"},
    {CC_GET, "/api/bots/{id}/retrieval", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_bot_retrieval, "bot_retrieval"},
    {CC_PUT, "/api/bots/{id}/retrieval", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_put_bot_retrieval, "bot_retrieval_set"},
    {CC_GET, "/api/bots/{id}/chunking", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_bot_chunking, "bot_chunking"},
    {CC_PUT, "/api/bots/{id}/chunking", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_put_bot_chunking, "bot_chunking_set"},

    {CC_GET, "/ws/dashboard", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_TENANT, 0, cc_get_dashboard_ws, "dashboard_ws"},
    {CC_POST, "/api/internal/document-progress", CC_DOOR_INSIDE, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_document_progress, "document_progress"},

    {CC_POST, "/api/auth/register", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_register, "register"},
    {CC_POST, "/api/auth/login", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_login, "login"},
    {CC_POST, "/api/auth/refresh", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_refresh, "refresh"},
    {CC_POST, "/api/auth/logout", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_logout, "logout"},
    {CC_GET, "/api/auth/me", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_me, "me"},
    {CC_PATCH, "/api/auth/me", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_TENANT, SMALL, cc_patch_me, "me_edit"},
    {CC_POST, "/api/auth/switch", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_TENANT, SMALL, cc_post_switch, "tenant_switch"},
    {CC_GET, "/api/auth/sessions", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_logins, "logins"},
    {CC_DELETE, "/api/auth/sessions/{id}", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_TENANT, 0, cc_delete_login, "login_end"},
    {CC_POST, "/api/auth/password", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_TENANT, SMALL, cc_post_password, "password_change"},
    {CC_POST, "/api/auth/password/forgot", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_password_forgot, "password_forgot"},
    {CC_POST, "/api/auth/password/reset", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_password_reset, "password_reset"},
    {CC_POST, "/api/auth/invitations/accept", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_invitation_accept, "invitation_accept"},

    {CC_GET, "/api/dashboard/clients", CC_DOOR_PERSON, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_clients, "clients"},
    {CC_GET, "/api/dashboard/clients/{clientId}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_client, "client"},
    {CC_PATCH, "/api/dashboard/clients/{clientId}", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_patch_client, "client_edit"},
    {CC_DELETE, "/api/dashboard/clients/{clientId}", CC_DOOR_PERSON, CC_RIGHT_OWN, CC_COUNT_TENANT, 0, cc_delete_client, "client_erase"},
    {CC_GET, "/api/dashboard/clients/{clientId}/export", CC_DOOR_PERSON, CC_RIGHT_OWN, CC_COUNT_NONE, 0, cc_get_client_export, "client_export"},
    {CC_GET, "/api/dashboard/clients/{clientId}/members", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_members, "members"},
    {CC_PATCH, "/api/dashboard/clients/{clientId}/members/{userId}", CC_DOOR_PERSON, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_patch_member, "member_edit"},
    {CC_DELETE, "/api/dashboard/clients/{clientId}/members/{userId}", CC_DOOR_PERSON, CC_RIGHT_MANAGE, CC_COUNT_TENANT, 0, cc_delete_member, "member_remove"},
    {CC_GET, "/api/dashboard/clients/{clientId}/invitations", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_invitations, "invitations"},
    {CC_POST, "/api/dashboard/clients/{clientId}/invitations", CC_DOOR_PERSON, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_post_invitation, "invitation_add"},
    {CC_DELETE, "/api/dashboard/clients/{clientId}/invitations/{id}", CC_DOOR_PERSON, CC_RIGHT_MANAGE, CC_COUNT_TENANT, 0, cc_delete_invitation, "invitation_delete"},
    {CC_GET, "/api/dashboard/clients/{clientId}/keys", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_keys, "keys"},
    {CC_POST, "/api/dashboard/clients/{clientId}/keys", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_post_key, "key_add"},
    {CC_GET, "/api/dashboard/clients/{clientId}/keys/{keyId}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_key, "key"},
    {CC_PATCH, "/api/dashboard/clients/{clientId}/keys/{keyId}", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_patch_key, "key_edit"},
    {CC_DELETE, "/api/dashboard/clients/{clientId}/keys/{keyId}", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, 0, cc_delete_key, "key_revoke"},
    {CC_POST, "/api/dashboard/clients/{clientId}/keys/{keyId}/rotate", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_post_key_rotate, "key_rotate"},
    {CC_GET, "/api/dashboard/clients/{clientId}/usage", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_usage, "usage"},
    {CC_GET, "/api/dashboard/clients/{clientId}/audit", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_NONE, 0, cc_get_audit, "audit"},
    {CC_GET, "/api/dashboard/clients/{clientId}/receipts", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_receipts, "receipts"},
    {CC_GET, "/api/dashboard/clients/{clientId}/receipts/{id}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_receipt, "receipt"},

    {CC_GET, "/api/dashboard/widget/{clientId}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_widget, "widget"},
    {CC_PUT, "/api/dashboard/widget/{clientId}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_put_widget, "widget_set"},
    {CC_GET, "/api/bots", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_bots, "bots"},
    {CC_POST, "/api/bots", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_post_bot, "bot_add"},
    {CC_GET, "/api/bots/{id}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_bot, "bot"},
    {CC_PUT, "/api/bots/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_put_bot, "bot_set"},
    {CC_PATCH, "/api/bots/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, MEDIUM, cc_put_bot, "bot_set"},
    {CC_DELETE, "/api/bots/{id}", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, 0, cc_delete_bot, "bot_delete"},
    {CC_DELETE, "/api/bots/{id}/draft", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, 0, cc_delete_bot_draft, "bot_draft_drop"},
    {CC_POST, "/api/bots/{id}/publish", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_post_bot_publish, "bot_publish"},
    {CC_GET, "/api/bots/{id}/versions", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_bot_versions, "bot_versions"},
    {CC_GET, "/api/bots/{id}/versions/{version}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_bot_version, "bot_version"},
    {CC_POST, "/api/bots/{id}/versions/{version}/restore", CC_DOOR_OFFICE, CC_RIGHT_EDIT, CC_COUNT_TENANT, SMALL, cc_post_bot_restore, "bot_restore"},
    {CC_GET, "/api/bots/{id}/identity", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_NONE, 0, cc_get_bot_identity, "bot_identity"},
    {CC_POST, "/api/bots/{id}/identity/rotate", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_post_bot_identity_rotate, "bot_identity_rotate"},

    {CC_GET, "/api/admin/llm/config", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_llm_config, "llm_config"},
    {CC_PUT, "/api/admin/llm/config", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_put_llm_config, "llm_config_set"},
    {CC_POST, "/api/admin/llm/test", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, SMALL, cc_post_llm_test, "llm_test"},

    {CC_GET, "/api/dashboard/conversations", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_conversations, "conversations"},
    {CC_GET, "/api/dashboard/conversations/export", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_conversations_export, "conversations_export"},
    {CC_GET, "/api/dashboard/conversations/{id}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_conversation, "conversation"},
    {CC_DELETE, "/api/dashboard/conversations/{id}", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, 0, cc_delete_conversation, "conversation_erase"},
    {CC_POST, "/api/dashboard/conversations/{id}/flag", CC_DOOR_OFFICE, CC_RIGHT_CONVERSE, CC_COUNT_TENANT, SMALL, cc_post_conversation_flag, "conversation_flag"},
    {CC_POST, "/api/dashboard/conversations/{id}/assign", CC_DOOR_OFFICE, CC_RIGHT_CONVERSE, CC_COUNT_TENANT, SMALL, cc_post_conversation_assign, "conversation_assign"},
    {CC_POST, "/api/dashboard/conversations/{id}/close", CC_DOOR_OFFICE, CC_RIGHT_CONVERSE, CC_COUNT_TENANT, SMALL, cc_post_conversation_close, "conversation_close"},
    {CC_PUT, "/api/dashboard/conversations/{id}/labels", CC_DOOR_OFFICE, CC_RIGHT_CONVERSE, CC_COUNT_TENANT, SMALL, cc_put_conversation_labels, "conversation_labels"},
    {CC_GET, "/api/dashboard/visitors", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_visitors, "visitors"},
    {CC_GET, "/api/dashboard/visitors/{id}", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_visitor, "visitor"},
    {CC_GET, "/api/dashboard/visitors/{id}/export", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_NONE, 0, cc_get_visitor_export, "visitor_export"},
    {CC_DELETE, "/api/dashboard/visitors/{id}", CC_DOOR_OFFICE, CC_RIGHT_MANAGE, CC_COUNT_TENANT, 0, cc_delete_visitor, "visitor_erase"},
    {CC_GET, "/api/dashboard/analytics/overview", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_analytics_overview, "analytics_overview"},
    {CC_GET, "/api/dashboard/analytics/cost", CC_DOOR_OFFICE, CC_RIGHT_READ, CC_COUNT_NONE, 0, cc_get_analytics_cost, "analytics_cost"},

    {CC_POST, "/internal/validate-client", CC_DOOR_INSIDE, CC_RIGHT_NONE, CC_COUNT_NONE, SMALL, cc_post_validate_client, "validate_client"},
    {CC_GET, "/internal/client/{clientId}/config", CC_DOOR_INSIDE, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_client_config, "client_config"},

    {CC_GET, "/docs", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/docs/page.js", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/docs/page.css", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/docs/viewer.js", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/docs/viewer.css", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
    {CC_GET, "/docs/openapi.yaml", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, cc_get_file, "file"},
};
/* clang-format on */
#define ROWS (sizeof rows / sizeof rows[0])

const struct cc_route *cc_routes_find(unsigned method, const char *path, struct cc_match *ret)
{
    return cc_route_find(rows, ROWS, method, path, ret);
}

size_t cc_routes_largest_body(void)
{
    size_t most = 0;

    for (size_t i = 0; i < ROWS; i++)
        most = rows[i].body_cap > most ? rows[i].body_cap : most;
    return most;
}

static const char *const doors[] = {
    [CC_DOOR_OPEN] = "open",     [CC_DOOR_VISITOR] = "visitor", [CC_DOOR_OFFICE] = "office",
    [CC_DOOR_PERSON] = "person", [CC_DOOR_INSIDE] = "inside",   [CC_DOOR_PRIVATE] = "private",
};
static const struct {
    unsigned bit;
    const char *name;
} methods[] = {{CC_GET, "GET"},
               {CC_POST, "POST"},
               {CC_PUT, "PUT"},
               {CC_PATCH, "PATCH"},
               {CC_DELETE, "DELETE"}};

static json_t *tell(const struct cc_route *row, const char *method)
{
    const char *right = row->right ? cc_right_word(row->right) : "";

    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "method", method, "pattern", row->pattern,
                     "door", doors[row->door], "right", right, "bodyCap", (json_int_t)row->body_cap,
                     "name", row->name);
}

json_t *cc_routes_tell(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ROWS; i++)
        for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++)
            if (rows[i].methods & methods[m].bit)
                json_array_append_new(list, tell(&rows[i], methods[m].name));
    return list;
}
