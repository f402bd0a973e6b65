/* Rows whose handlers are being written. */
#include "gateway/request.h"
#include "gateway/routes.h"
#include "proto/base/error.h"

#define UNBUILT(name)                                                                              \
    int name(struct cc_rq *rq)                                                                     \
    {                                                                                              \
        (void)rq;                                                                                  \
        return cc_fail(CC_E_NOTFOUND, "not built yet");                                            \
    }

UNBUILT(cc_post_session_file)
UNBUILT(cc_get_session_files)
UNBUILT(cc_delete_session_file)
