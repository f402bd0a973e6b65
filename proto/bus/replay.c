#include "proto/bus/replay.h"

#include <string.h>

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

/* ---- the worker's side ---- */

/*
 * KEYS: stream, viewers, cancel.  ARGV: id, stored, seconds, viewer, expected, answer.
 * An id that is refused as not larger is ours after all if the last entry has it with the same
 * bytes: we had written it, and the reply was lost.  Nothing else is touched before the event is
 * in: a late attempt must not bring back a viewer that has left.
 */
static struct cc_script put_event = {
    .lua = "if redis.call('XLEN', KEYS[1]) < tonumber(ARGV[5]) then return -1 end\n"
           "local r = redis.pcall('XADD', KEYS[1], ARGV[1], 'd', ARGV[2])\n"
           "if type(r) == 'table' and r.err then\n"
           "  if not r.err:find('equal or smaller', 1, true) then return r end\n"
           "  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]\n"
           "  if not last or last[1] ~= ARGV[1] or last[2][2] ~= ARGV[2] then return -2 end\n"
           "end\n"
           "if ARGV[4] ~= '' then redis.call('SADD', KEYS[2], ARGV[4]) end\n"
           "redis.call('EXPIRE', KEYS[1], ARGV[3])\n"
           "redis.call('EXPIRE', KEYS[2], ARGV[3])\n"
           "local notice = ARGV[6] .. ' ' .. ARGV[1] .. ' ' .. ARGV[2]\n"
           "for _, viewer in ipairs(redis.call('SMEMBERS', KEYS[2])) do\n"
           "  redis.call('PUBLISH', viewer, notice)\n"
           "end\n"
           "return redis.call('EXISTS', KEYS[3])"};

int cc_replay_put(struct cc_redis *live, const struct cc_replay_put *put, bool *ret_cancel)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char stream[CC_NAME_MAX], viewers[CC_NAME_MAX], cancel[CC_NAME_MAX], id[CC_EVENT_ID_MAX];
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &put_event, 3);
    CC_CMD_TEXTS(&cmd, cc_name_answer(put->answer, stream), cc_name_viewers(put->answer, viewers),
                 cc_name_cancel(put->answer, cancel), cc_event_id_print(put->id, id));
    cc_cmd_bytes(&cmd, put->stored, put->len);
    cc_cmd_number(&cmd, put->keep_s);
    cc_cmd_text(&cmd, put->viewer ? put->viewer : "");
    cc_cmd_number(&cmd, put->expect);
    cc_cmd_text(&cmd, put->answer);
    int rc = cc_script_call(live, &put_event, &cmd, &reply);
    if (rc)
        return rc;
    int64_t verdict = cc_reply_number(reply);
    if (verdict == -1)
        return cc_fail(CC_E_CONFLICT, "the server lost the events of %s", put->answer);
    if (verdict == -2)
        return cc_fail(CC_E_FENCED, "a later attempt at %s has begun", put->answer);
    *ret_cancel = verdict > 0;
    return 0;
}

/* ---- the gateway's side ---- */
int cc_replay_join(struct cc_redis *live, const char *answer, const char *channel, int keep_s)
{
    redisReply *replies[2];
    struct cc_cmd cmds[2];
    char viewers[CC_NAME_MAX];

    cc_name_viewers(answer, viewers);
    cc_cmd_init(&cmds[0], "SADD");
    CC_CMD_TEXTS(&cmds[0], viewers, channel);
    cc_cmd_init(&cmds[1], "EXPIRE");
    cc_cmd_text(&cmds[1], viewers);
    cc_cmd_number(&cmds[1], keep_s);
    int rc = cc_redis_run(live, cmds, 2, replies, CC_REDIS_MS);
    if (rc)
        return rc;
    for (int i = 0; i < 2; i++) {
        rc = rc ? rc : cc_reply_check(replies[i]);
        freeReplyObject(replies[i]);
    }
    return rc;
}

/* One [id, ["d", stored]]. */
static int read_entry(const redisReply *entry, struct cc_arena *mem, struct cc_replay_entry *ret)
{
    const redisReply *id = cc_reply_at(entry, 0), *stored = cc_reply_at(cc_reply_at(entry, 1), 1);

    if (!cc_reply_has_text(id) || !cc_event_id_parse(id->str, &ret->id) ||
        !cc_reply_has_text(stored))
        return cc_fail(CC_E_REPLY, "redis: an event without id or data");
    return cc_event_decode(cc_arena_dupn(mem, stored->str, stored->len), stored->len, &ret->event);
}

static int read_entries(const redisReply *entries, int max, struct cc_arena *mem,
                        struct cc_replay_entry *ret, int *ret_n)
{
    int n = 0, rc = 0;

    for (; n < max && (size_t)n < entries->elements && rc == 0; n++)
        rc = read_entry(entries->element[n], mem, &ret[n]);
    if (rc == 0)
        *ret_n = n;
    return rc;
}

/* Nothing new and nothing there look the same to XRANGE: so both are asked at once. */
int cc_replay_read(struct cc_redis *live, const char *answer, struct cc_event_id after, int max,
                   struct cc_arena *mem, struct cc_replay_entry *ret, int *ret_n)
{
    redisReply *replies[2];
    struct cc_cmd cmds[2];
    char stream[CC_NAME_MAX], from[CC_EVENT_ID_MAX + 1] = "(";

    cc_name_answer(answer, stream);
    cc_event_id_print(after, from + 1);
    cc_cmd_init(&cmds[0], "XRANGE");
    CC_CMD_TEXTS(&cmds[0], stream, from, "+", "COUNT");
    cc_cmd_number(&cmds[0], max);
    cc_cmd_init(&cmds[1], "EXISTS");
    cc_cmd_text(&cmds[1], stream);
    int rc = cc_redis_run(live, cmds, 2, replies, CC_REDIS_MS);
    if (rc)
        return rc;
    CC_AUTO(freeReplyObject)
    redisReply *entries = replies[0], *exists = replies[1];
    rc = cc_reply_check(entries);
    rc = rc ? rc : cc_reply_check(exists);
    if (rc)
        return rc;
    if (cc_reply_number(exists) == 0)
        return cc_fail(CC_E_NOTFOUND, "no events of %s", answer);
    return read_entries(entries, max, mem, ret, ret_n);
}

static struct cc_script leave = {.lua = "redis.call('SREM', KEYS[1], ARGV[1])\n"
                                        "if redis.call('SCARD', KEYS[1]) > 0 then return 0 end\n"
                                        "redis.call('SET', KEYS[2], '1', 'EX', ARGV[2])\n"
                                        "return 1"};

int cc_replay_leave(struct cc_redis *live, const char *answer, const char *channel, int keep_s)
{
    char viewers[CC_NAME_MAX], cancel[CC_NAME_MAX];
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &leave, 2);
    CC_CMD_TEXTS(&cmd, cc_name_viewers(answer, viewers), cc_name_cancel(answer, cancel), channel);
    cc_cmd_number(&cmd, keep_s);
    return cc_script_call(live, &leave, &cmd, NULL);
}

int cc_replay_cancel(struct cc_redis *live, const char *answer, int keep_s)
{
    char cancel[CC_NAME_MAX];

    return cc_flag_set(live, cc_name_cancel(answer, cancel), keep_s);
}

int cc_replay_is_cancelled(struct cc_redis *live, const char *answer, bool *ret)
{
    char cancel[CC_NAME_MAX];

    return cc_flag_get(live, cc_name_cancel(answer, cancel), CC_REDIS_MS, ret);
}
