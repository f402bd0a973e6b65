#include "proto/bus/revoked.h"

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

#define ASK_MS 300 /* who is not told goes by the row */

int cc_revoked_add(struct cc_redis *live, const char *token_id, int64_t keep_s)
{
    char name[CC_NAME_MAX];
    struct cc_cmd cmd;

    if (keep_s <= 0)
        return 0;
    cc_cmd_init(&cmd, "SET");
    CC_CMD_TEXTS(&cmd, cc_name_revoked(token_id, name), "1", "EX");
    cc_cmd_number(&cmd, keep_s);
    return cc_redis_call(live, &cmd, NULL, CC_REDIS_MS);
}

int cc_revoked_has(struct cc_redis *live, const char *token_id, bool *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char name[CC_NAME_MAX];
    struct cc_cmd cmd;
    int rc;

    cc_cmd_init(&cmd, "EXISTS");
    cc_cmd_text(&cmd, cc_name_revoked(token_id, name));
    rc = cc_redis_call(live, &cmd, &reply, ASK_MS);
    if (rc == 0)
        *ret = cc_reply_number(reply) != 0;
    return rc;
}
