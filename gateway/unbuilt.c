/* unbuilt.c - rows of routes.c whose handlers are still to be written. */
#include "gateway/request.h"
#include "gateway/routes.h"

#define UNBUILT(name)                                                                              \
    int name(struct cc_rq *rq)                                                                     \
    {                                                                                              \
        (void)rq;                                                                                  \
        return cc_fail(CC_E_DOWN, "not built yet");                                                \
    }

UNBUILT(cc_delete_client)
UNBUILT(cc_get_client_export)
UNBUILT(cc_get_usage)
UNBUILT(cc_get_receipts)
UNBUILT(cc_get_receipt)
UNBUILT(cc_delete_conversation)
UNBUILT(cc_get_visitors)
UNBUILT(cc_get_visitor)
UNBUILT(cc_get_visitor_export)
UNBUILT(cc_delete_visitor)
