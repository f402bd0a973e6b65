#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/bus/redis_run.h"

void cc_cmd_init(struct cc_cmd *cmd, const char *name)
{
    cmd->argc = cmd->numbers = 0;
    cc_cmd_text(cmd, name);
}

void cc_cmd_bytes(struct cc_cmd *cmd, const void *bytes, size_t len)
{
    assert(cmd->argc < CC_CMD_MAX);
    cmd->argv[cmd->argc] = bytes;
    cmd->len[cmd->argc++] = len;
}

void cc_cmd_text(struct cc_cmd *cmd, const char *text)
{
    cc_cmd_bytes(cmd, text, strlen(text));
}

void cc_cmd_number(struct cc_cmd *cmd, int64_t number)
{
    assert(cmd->numbers < CC_CMD_NUMBERS);
    char *digits = cmd->digits[cmd->numbers++];

    snprintf(digits, sizeof cmd->digits[0], "%lld", (long long)number);
    cc_cmd_text(cmd, digits);
}

void cc_cmd_texts(struct cc_cmd *cmd, const char *const *texts)
{
    for (; *texts; texts++)
        cc_cmd_text(cmd, *texts);
}

/* ---- replies ---- */
bool cc_reply_is(const redisReply *reply, const char *error)
{
    return reply->type == REDIS_REPLY_ERROR && cc_text_starts(reply->str, error);
}

/* What the server says when it cannot serve now, though nothing is wrong with the command. */
static const struct {
    const char *error;
    int code;
} unable[] = {
    {"LOADING", CC_E_DOWN},    {"READONLY", CC_E_DOWN}, {"MASTERDOWN", CC_E_DOWN},
    {"MISCONF", CC_E_DOWN}, /* it cannot write its file */
    {"NOREPLICAS", CC_E_DOWN}, {"BUSY ", CC_E_DOWN},    {"OOM", CC_E_BUSY},
};

int cc_reply_check(const redisReply *reply)
{
    int code = CC_E_REPLY;

    if (reply->type != REDIS_REPLY_ERROR)
        return 0;
    for (size_t i = 0; i < sizeof unable / sizeof unable[0]; i++) {
        if (cc_reply_is(reply, unable[i].error))
            code = unable[i].code;
    }
    return cc_fail(code, "redis: %s", reply->str);
}

int cc_reply_take(redisReply *reply, redisReply **ret)
{
    int rc = cc_reply_check(reply);

    if (rc == 0 && ret)
        *ret = reply;
    else
        freeReplyObject(reply);
    return rc;
}

const redisReply *cc_reply_at(const redisReply *array, size_t i)
{
    static const redisReply nil = {.type = REDIS_REPLY_NIL};

    return array->type == REDIS_REPLY_ARRAY && i < array->elements ? array->element[i] : &nil;
}

bool cc_reply_has_text(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS;
}

int64_t cc_reply_number(const redisReply *reply)
{
    int64_t n = 0;

    if (reply->type == REDIS_REPLY_INTEGER)
        return reply->integer;
    return cc_reply_has_text(reply) && cc_text_int(reply->str, INT64_MIN, INT64_MAX, &n) ? n : 0;
}

/* ---- scripts ---- */
void cc_script_cmd(struct cc_cmd *cmd, struct cc_script *script, int keys)
{
    if (!script->sha1[0])
        cc_sha1_hex(script->lua, strlen(script->lua), script->sha1);
    cc_cmd_init(cmd, "EVALSHA");
    cc_cmd_text(cmd, script->sha1);
    cc_cmd_number(cmd, keys);
}

static void send_whole(struct cc_cmd *cmd, const struct cc_script *script)
{
    cmd->argv[0] = "EVAL";
    cmd->len[0] = strlen("EVAL");
    cmd->argv[1] = script->lua;
    cmd->len[1] = strlen(script->lua);
}

int cc_script_call(struct cc_redis *redis, const struct cc_script *script, struct cc_cmd *cmd,
                   redisReply **ret)
{
    redisReply *reply;
    int rc = cc_redis_run(redis, cmd, 1, &reply, CC_REDIS_MS);

    if (rc == 0 && cc_reply_is(reply, "NOSCRIPT")) { /* a server that has just started */
        freeReplyObject(reply);
        send_whole(cmd, script);
        rc = cc_redis_run(redis, cmd, 1, &reply, CC_REDIS_MS);
    }
    return rc ? rc : cc_reply_take(reply, ret);
}
