#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/run/inside.h"

#define SWEEP_POOL 2

/* role: the URL may hold a password, and words go to the log. */
static int open_redis(enum cc_setting url, const char *role, int64_t deadline_ms,
                      struct cc_redis **ret)
{
    int rc = cc_redis_open(cc_cfg(url), ret);

    if (rc)
        return rc;
    rc = cc_redis_ready(*ret, deadline_ms);
    return rc == CC_E_TIMEOUT ? cc_fail(CC_E_DOWN, "redis: the %s server does not answer", role)
                              : rc;
}

/* The first try may come before PostgreSQL does. */
static int open_pg(enum cc_setting conninfo, int size, int64_t deadline_ms, struct cc_pg **ret)
{
    struct cc_pg_opts opts = {.conninfo = cc_cfg(conninfo), .size = size};
    int rc = cc_pg_open(&opts, ret);

    if (rc)
        return rc;
    while ((rc = cc_pg_ping(*ret, 2000)) == CC_E_DOWN || rc == CC_E_TIMEOUT) {
        if (cc_clock_ms() >= deadline_ms)
            return rc;
        int slept = cc_sleep(100);
        if (slept)
            return slept;
    }
    return rc;
}

static int open_all_pg(struct cc_run *run, int64_t deadline_ms)
{
    int rc = open_pg(CC_CFG_PG, (int)cc_cfg_int(CC_CFG_PG_POOL), deadline_ms, &run->pg);

    if (rc == 0 && cc_cfg(CC_CFG_PG_SWEEP)[0])
        rc = open_pg(CC_CFG_PG_SWEEP, SWEEP_POOL, deadline_ms, &run->sweep);
    return rc ? rc : cc_pg_check_schema(run->pg);
}

int cc_run_open_stores(struct cc_run *run, int64_t deadline_ms)
{
    int rc = open_redis(CC_CFG_REDIS_QUEUE, "queue", deadline_ms, &run->queue);

    rc = rc ? rc : open_redis(CC_CFG_REDIS_QUEUE, "queue", deadline_ms, &run->blocking);
    rc = rc ? rc : open_redis(CC_CFG_REDIS_LIVE, "live", deadline_ms, &run->live);
    rc = rc ? rc : open_all_pg(run, deadline_ms);
    return rc ? rc : cc_http_open(NULL, &run->http);
}

void cc_run_close_stores(struct cc_run *run)
{
    if (run->http)
        cc_http_close(&run->http);
    cc_pg_close(&run->sweep);
    cc_pg_close(&run->pg);
    cc_redis_close(&run->live);
    cc_redis_close(&run->blocking);
    cc_redis_close(&run->queue);
}
