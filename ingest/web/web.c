/* Which sources are visited when: a few at once, each in a task of its own. */
#include "ingest/web/web.h"

#include "ingest/web/inside.h"
#include "proto/base/clean.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/task/group.h"

#define AT_ONCE     2    /* visits of one process: they wait for their sites most of the time */
#define LOOK_MS     2000 /* how often it is looked for sources that are due */
#define SWEEP_ROWS  8
#define SWEEP_BYTES ((size_t)64 << 10)

struct loop {
    struct cc_ingest *ingest;
    struct cc_web_client client;
};

/* One after another of those that were due a moment ago: most are another visitor's by then. */
static int visit_due(struct loop *loop)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(SWEEP_BYTES);
    struct cc_source_due *due;
    int n, rc = cc_source_sweep(loop->ingest->run->sweep, SWEEP_ROWS, mem, &due, &n);

    for (int i = 0; !rc && i < n && !loop->ingest->run->stopping; i++) {
        cc_visit_run(loop->ingest, &loop->client, &due[i]);
        rc = cc_task_is_cancelled() ? CC_E_CANCELLED : 0;
    }
    return rc;
}

static int visitor(void *arg)
{
    struct loop *loop = arg;
    int rc = 0;

    while (!loop->ingest->run->stopping && rc != CC_E_CANCELLED) {
        rc = visit_due(loop);
        if (rc && rc != CC_E_CANCELLED)
            cc_log_failure("source_sweep_failed", rc);
        if (rc != CC_E_CANCELLED)
            rc = cc_sleep(LOOK_MS);
    }
    return 0;
}

static const char *agent(struct cc_arena *mem)
{
    const char *contact = cc_cfg(CC_CFG_PUBLIC_URL);

    return cc_arena_printf(mem, "User-Agent: %s/" CC_VERSION "%s%s%s", cc_cfg(CC_CFG_WEB_AGENT),
                           *contact ? " (+" : "", contact, *contact ? ")" : "");
}

void cc_web(void *arg)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new((size_t)1 << 20);
    struct loop *loop = cc_arena_get(mem, sizeof *loop);
    struct cc_group group;

    loop->ingest = arg;
    if (!loop->ingest->run->sweep)
        return;
    loop->client = (struct cc_web_client){.http = loop->ingest->run->http,
                                          .live = loop->ingest->run->live,
                                          .name = cc_cfg(CC_CFG_WEB_AGENT),
                                          .allow = cc_cfg(CC_CFG_WEB_ALLOW),
                                          .agent = agent(mem),
                                          .pause_ms = cc_cfg_int(CC_CFG_WEB_PAUSE_MS)};
    cc_group_init(&group);
    for (int i = 0; i < AT_ONCE; i++)
        if (cc_group_add(&group, "web-visitor", visitor, loop))
            cc_log(CC_WARN, "web_visitor_not_begun");
    cc_group_join(&group);
}
