#include "proto/bus/turn.h"

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

/* The key holds when the next turn is, by the server's clock, and is forgotten then. */
static struct cc_script take = {.lua =
                                    "local t = redis.call('TIME')\n"
                                    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
                                    "local at = tonumber(redis.call('GET', KEYS[1]) or 0)\n"
                                    "if at < now then at = now end\n"
                                    "local pause = tonumber(ARGV[1])\n"
                                    "if at - now + pause > 0 then\n"
                                    "  redis.call('SET', KEYS[1], string.format('%d', at + pause),"
                                    " 'PX', at - now + pause)\n"
                                    "end\n"
                                    "return at - now"};

int cc_turn_take(struct cc_redis *live, const char *who, int64_t pause_ms, int64_t *ret_wait_ms)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char key[CC_NAME_MAX];
    struct cc_cmd cmd;
    int rc;

    cc_script_cmd(&cmd, &take, 1);
    cc_cmd_text(&cmd, cc_name_turn(who, key));
    cc_cmd_number(&cmd, pause_ms);
    rc = cc_script_call(live, &take, &cmd, &reply);
    if (!rc)
        *ret_wait_ms = cc_reply_number(reply);
    return rc;
}
