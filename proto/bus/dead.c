/* The dead list: jobs that were given up, with the reason, newest first. */
#include <stdlib.h>
#include <string.h>

#include "proto/bus/queue.h"
#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

static const redisReply *field_of(const redisReply *entry, const char *name)
{
    const redisReply *fields = cc_reply_at(entry, 1);

    for (size_t i = 0; i + 1 < fields->elements; i += 2) {
        if (strcmp(cc_reply_at(fields, i)->str, name) == 0)
            return cc_reply_at(fields, i + 1);
    }
    return cc_reply_at(fields, SIZE_MAX);
}

static const char *text_of(const redisReply *entry, const char *name, struct cc_arena *mem)
{
    const redisReply *value = field_of(entry, name);

    return cc_reply_has_text(value) ? cc_arena_dupn(mem, value->str, value->len) : "";
}

static void read_dead(const redisReply *entry, struct cc_arena *mem, struct cc_dead *ret)
{
    const redisReply *id = cc_reply_at(entry, 0);

    *ret = (struct cc_dead){
        .entry = cc_arena_dup(mem, cc_reply_has_text(id) ? id->str : ""),
        .tenant = text_of(entry, "tenant", mem),
        .job = text_of(entry, "job", mem),
        .reason = text_of(entry, "reason", mem),
        .body = text_of(entry, "j", mem),
        .len = field_of(entry, "j")->len,
    };
    ret->buried_ms = strtoll(ret->entry, NULL, 10); /* "<Unix ms>-<n>": the server made it */
}

int cc_dead_list(struct cc_redis *commands, const char *stream, const char *after, int max,
                 struct cc_arena *mem, struct cc_dead *ret, int *ret_n)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char dead[CC_NAME_MAX];
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "XREVRANGE");
    cc_cmd_text(&cmd, cc_name_dead(stream, dead));
    CC_CMD_TEXTS(&cmd, after[0] ? cc_arena_printf(mem, "(%s", after) : "+", "-", "COUNT");
    cc_cmd_number(&cmd, max);
    int rc = cc_redis_call(commands, &cmd, &reply, CC_REDIS_MS);
    if (rc)
        return rc;
    int n = 0;
    for (; n < max && (size_t)n < reply->elements; n++)
        read_dead(reply->element[n], mem, &ret[n]);
    *ret_n = n;
    return 0;
}

/* A question counts among its tenant's open ones again. */
static struct cc_script requeue = {
    .lua = "local e = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])[1]\n"
           "if not e then return 0 end\n"
           "local f = {}\n"
           "for i = 1, #e[2], 2 do f[e[2][i]] = e[2][i + 1] end\n"
           "if KEYS[3] ~= '' and f.tenant ~= '' then\n"
           "  redis.call('XADD', KEYS[1], '*', 'j', f.j, 't', f.tenant)\n"
           "  redis.call('HINCRBY', KEYS[3], f.tenant, 1)\n"
           "else\n"
           "  redis.call('XADD', KEYS[1], '*', 'j', f.j)\n"
           "end\n"
           "redis.call('XDEL', KEYS[2], ARGV[1])\n"
           "return 1"};

int cc_dead_requeue(struct cc_redis *commands, const char *stream, const char *entry)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char dead[CC_NAME_MAX];
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &requeue, 3);
    CC_CMD_TEXTS(&cmd, stream, cc_name_dead(stream, dead),
                 strcmp(stream, CC_STREAM_CHAT) == 0 ? CC_INFLIGHT_CHAT : "", entry);
    int rc = cc_script_call(commands, &requeue, &cmd, &reply);
    if (rc == 0 && cc_reply_number(reply) == 0)
        rc = cc_fail(CC_E_NOTFOUND, "no such entry in the dead list of %s", stream);
    return rc;
}
