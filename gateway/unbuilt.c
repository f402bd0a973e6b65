/* unbuilt.c - rows of routes.c whose handlers are still to be written. */
#include "gateway/request.h"
#include "gateway/routes.h"

#define UNBUILT(name)                                                                              \
    int name(struct cc_rq *rq)                                                                     \
    {                                                                                              \
        (void)rq;                                                                                  \
        return cc_fail(CC_E_DOWN, "not built yet");                                                \
    }

