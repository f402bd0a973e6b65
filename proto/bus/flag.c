/* Keys that say something by being there. */
#include "proto/bus/redis_run.h"

int cc_flag_set(struct cc_redis *redis, const char *key, int64_t keep_s)
{
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "SET");
    CC_CMD_TEXTS(&cmd, key, "1", "EX");
    cc_cmd_number(&cmd, keep_s);
    return cc_redis_call(redis, &cmd, NULL, CC_REDIS_MS);
}

int cc_flag_get(struct cc_redis *redis, const char *key, int timeout_ms, bool *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;
    int rc;

    cc_cmd_init(&cmd, "EXISTS");
    cc_cmd_text(&cmd, key);
    rc = cc_redis_call(redis, &cmd, &reply, timeout_ms);
    if (rc == 0)
        *ret = cc_reply_number(reply) > 0;
    return rc;
}
