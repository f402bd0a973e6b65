#include "gateway/notices.h"

#include <stdio.h>

#include "gateway/gateway.h"
#include "proto/base/log.h"
#include "proto/wire/names.h"

void cc_notice_send(const char *kind, const char *which)
{
    char notice[CC_NAME_MAX];
    int n = snprintf(notice, sizeof notice, "%s %s", kind, which);
    int rc = cc_publish(cc_gateway()->live, CC_CHANNEL_INVALID, notice, (size_t)n);

    if (rc != 0)
        cc_log_failure("notice_unsent", rc, cc_s("kind", kind));
}
