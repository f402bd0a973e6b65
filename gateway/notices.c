#include "gateway/notices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "proto/base/log.h"
#include "proto/wire/names.h"

#define AGAIN_MS 500
#define TRIES    120 /* nobody keeps anything for longer than they take */

/* Waits.  While the link is down the others read what they keep anew; some may not know yet. */
static void send_again(void *arg)
{
    char *notice = arg;
    int rc = CC_E_DOWN;

    for (int i = 0; i < TRIES && rc != 0 && rc != CC_E_CANCELLED && !cc_gateway()->stopping; i++) {
        rc = cc_sleep(AGAIN_MS);
        if (rc == 0)
            rc = cc_publish(cc_gateway()->live, CC_CHANNEL_INVALID, notice, strlen(notice));
    }
    free(notice);
}

void cc_notice_send(const char *kind, const char *which)
{
    char notice[CC_NAME_MAX], *later;
    int n = snprintf(notice, sizeof notice, "%s %s", kind, which);
    int rc;

    cc_guests_heed(notice);
    rc = cc_publish(cc_gateway()->live, CC_CHANNEL_INVALID, notice, (size_t)n);
    if (rc == 0)
        return;
    cc_log_failure("notice_unsent", rc, cc_s("kind", kind));
    later = strdup(notice);
    if (!later || cc_task_spawn("notice", send_again, later, NULL) != 0)
        free(later);
}
