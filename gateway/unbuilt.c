/* unbuilt.c - rows of routes.c whose handlers are still to be written. */
#include "gateway/request.h"
#include "gateway/routes.h"

#define UNBUILT(name)                                                                              \
    int name(struct cc_rq *rq)                                                                     \
    {                                                                                              \
        (void)rq;                                                                                  \
        return cc_fail(CC_E_DOWN, "not built yet");                                                \
    }

UNBUILT(cc_post_register)
UNBUILT(cc_post_login)
UNBUILT(cc_post_refresh)
UNBUILT(cc_post_logout)
UNBUILT(cc_get_me)
UNBUILT(cc_patch_me)
UNBUILT(cc_post_switch)
UNBUILT(cc_get_logins)
UNBUILT(cc_delete_login)
UNBUILT(cc_post_password)
UNBUILT(cc_post_password_forgot)
UNBUILT(cc_post_password_reset)
UNBUILT(cc_get_client)
UNBUILT(cc_patch_client)
UNBUILT(cc_delete_client)
UNBUILT(cc_get_client_export)
UNBUILT(cc_get_keys)
UNBUILT(cc_post_key)
UNBUILT(cc_get_key)
UNBUILT(cc_patch_key)
UNBUILT(cc_delete_key)
UNBUILT(cc_post_key_rotate)
UNBUILT(cc_get_usage)
UNBUILT(cc_get_audit)
UNBUILT(cc_get_receipts)
UNBUILT(cc_get_receipt)
UNBUILT(cc_get_widget)
UNBUILT(cc_put_widget)
UNBUILT(cc_get_conversations)
UNBUILT(cc_get_conversations_export)
UNBUILT(cc_get_conversation)
UNBUILT(cc_delete_conversation)
UNBUILT(cc_post_conversation_flag)
UNBUILT(cc_post_conversation_assign)
UNBUILT(cc_post_conversation_close)
UNBUILT(cc_put_conversation_labels)
UNBUILT(cc_get_visitors)
UNBUILT(cc_get_visitor)
UNBUILT(cc_get_visitor_export)
UNBUILT(cc_delete_visitor)
UNBUILT(cc_get_analytics_overview)
UNBUILT(cc_get_analytics_cost)
UNBUILT(cc_post_validate_client)
UNBUILT(cc_get_client_config)
