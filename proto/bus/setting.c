/* What a server is set to, for whoever wants to know whether our promises hold on it. */
#include "proto/bus/redis_run.h"

int cc_redis_setting(struct cc_redis *redis, const char *name, struct cc_arena *mem,
                     const char **ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    const redisReply *value;
    struct cc_cmd cmd;
    int rc;

    cc_cmd_init(&cmd, "CONFIG");
    CC_CMD_TEXTS(&cmd, "GET", name);
    rc = cc_redis_call(redis, &cmd, &reply, CC_REDIS_MS);
    if (rc)
        return rc;
    value = cc_reply_at(reply, 1);
    if (!cc_reply_has_text(value))
        return cc_fail(CC_E_NOTFOUND, "Redis has no setting %s", name);
    *ret = cc_arena_dupn(mem, value->str, value->len);
    return 0;
}
