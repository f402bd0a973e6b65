/*
 * two_links.h - two processes at one Redis server of a test's own.
 */
#ifndef CC_TESTS_BUS_TWO_LINKS_H
#define CC_TESTS_BUS_TWO_LINKS_H

#include "tests/integration/bus/redis_server.h"

static struct server server;
static struct cc_redis *redis, *other;

static inline void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "no", "");
    redis = server_client(&server);
    other = server_client(&server);
}

static inline void tear_down(void)
{
    cc_redis_close(&redis);
    cc_redis_close(&other);
    server_end(&server);
    cc_loop_done();
}

#endif
