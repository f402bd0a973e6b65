#include "proto/run/pacer.h"

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/pace.h"

static int enter(void *arg, const char *name, int64_t *ret_wait_ms)
{
    const struct cc_run *run = arg;

    return cc_pace_enter(run->live, name, ret_wait_ms);
}

/* Only a hint is lost when this fails: the next refusal tells the same. */
static void tell(void *arg, const char *name, bool busy, int64_t retry_after_ms)
{
    const struct cc_run *run = arg;
    int rc = cc_pace_tell(run->live, name, busy ? CC_PACE_BUSY : CC_PACE_OK, retry_after_ms);

    if (busy)
        cc_metric_add(CC_M_EMBED_BUSY, NULL, 1);
    if (rc && rc != CC_E_CANCELLED)
        cc_log_failure("pace_not_told", rc);
}

const struct cc_embed_pacer *cc_run_pacer(struct cc_run *run)
{
    static struct cc_embed_pacer pacer = {.enter = enter, .tell = tell};

    pacer.arg = run;
    return &pacer;
}
