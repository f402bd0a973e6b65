#include "gateway/gateway.h"

#include <kore/kore.h>

#include <kore/http.h>
#include <stdio.h>

#include "gateway/beat.h"
#include "gateway/dashboard_ws.h"
#include "gateway/guests.h"
#include "gateway/host.h"
#include "gateway/hub.h"
#include "gateway/loaders.h"
#include "gateway/logins.h"
#include "gateway/passwords.h"
#include "gateway/request.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/run/run.h"
#include "proto/wire/names.h"

#define FINISH_MS 8000 /* for requests that were begun */
#define UNWIND_MS 2000 /* for their tasks, when told to stop */

static struct cc_gateway gateway;

const struct cc_gateway *cc_gateway(void)
{
    return &gateway;
}

/* Answers to our calls come in on a channel of this process and worker. */
static int open_calls(int number)
{
    char name[CC_NAME_MAX];

    snprintf(name, sizeof name, "%s:%d", cc_run_instance(), number);
    return cc_calls_open(gateway.queue, gateway.live, name, &gateway.calls);
}

/* Who comes in, and what is kept of that. */
static int open_people(int number)
{
    int rc = cc_passwords_open();

    if (rc == 0)
        rc = cc_logins_open();
    if (rc == 0)
        rc = cc_beat_open(number);
    return rc ? rc : cc_guests_open();
}

static void close_people(void)
{
    cc_beat_close();
    cc_guests_close();
}

int cc_gateway_open(int number)
{
    struct cc_pg_opts pg = {.conninfo = cc_cfg(CC_CFG_PG), .size = (int)cc_cfg_int(CC_CFG_PG_POOL)};
    int rc;

    gateway.worker = number;
    cc_host_open();
    rc = cc_redis_open(cc_cfg(CC_CFG_REDIS_QUEUE), &gateway.queue);
    if (rc == 0)
        rc = cc_redis_open(cc_cfg(CC_CFG_REDIS_LIVE), &gateway.live);
    if (rc == 0)
        rc = cc_pg_open(&pg, &gateway.pg);
    if (rc == 0)
        rc = open_calls(number);
    if (rc == 0)
        rc = open_people(number);
    if (rc == 0)
        rc = cc_loaders_open();
    if (rc == 0)
        rc = cc_hub_open(number);
    return rc;
}

/* What Kore's loop does in one round, without accepting. */
static void turn(void)
{
    kore_platform_event_wait(10);
    kore_timer_run(kore_time_ms());
    http_process();
    kore_connection_check_timeout(kore_time_ms());
    kore_connection_prune(KORE_CONNECTION_PRUNE_DISCONNECT);
}

static void turn_until_idle(int64_t for_ms)
{
    int64_t end = cc_clock_ms() + for_ms;

    while (cc_rq_live() > 0 && cc_clock_ms() < end)
        turn();
}

static void turn_until_alone(int64_t for_ms)
{
    int64_t end = cc_clock_ms() + for_ms;

    while (cc_task_live() > 0 && cc_clock_ms() < end)
        turn();
}

/*
 * Streams end first, politely: their readers come back, to another gateway.  Then the
 * requests that were begun, then the tasks behind all, and last what they stood on.
 */
void cc_gateway_drain(void)
{
    gateway.stopping = true;
    http_keepalive_time = 0; /* answers say: close */
    if (worker->has_lock)
        kore_platform_disable_accept();
    cc_rq_cancel(false);
    turn_until_idle(FINISH_MS);
    cc_rq_cancel(true);
    turn_until_idle(UNWIND_MS);
    cc_calls_close(&gateway.calls);
    cc_hub_close();
    close_people();
    cc_loaders_close();
    turn_until_alone(UNWIND_MS);
    cc_dashboard_close();
    cc_passwords_close();
    cc_logins_close();
    cc_log(CC_INFO, "gateway_drained", cc_i("requests", cc_rq_live()),
           cc_i("tasks", cc_task_live()));
    cc_redis_close(&gateway.queue);
    cc_redis_close(&gateway.live);
    cc_pg_close(&gateway.pg);
    cc_host_close();
}
