#include "proto/bus/fair.h"

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

/* Undelivered entries of the stream that a put may add to, so that a taker who waits for the stream
 * hears of it at once. */
#define WAKE 1

/*
 * A line is a sorted set of jobs and the ring one of tenants, both numbered from the last one on:
 * who is there already keeps his place.  First into the stream, then out of the line: a full memory
 * refuses before anything was lost.
 * KEYS: stream, ring.  ARGV: group, how the names of lines begin, ready.
 */
#define FEED                                                                                       \
    "local function feed(ready)\n"                                                                 \
    "  local ok, p = pcall(redis.call, 'XPENDING', KEYS[1], ARGV[1])\n"                            \
    "  local n = redis.call('XLEN', KEYS[1]) - (ok and p[1] or 0)\n"                               \
    "  local moved = 0\n"                                                                          \
    "  while n < ready do\n"                                                                       \
    "    local t = redis.call('ZRANGE', KEYS[2], 0, 0)[1]\n"                                       \
    "    if not t then break end\n"                                                                \
    "    local line = ARGV[2] .. t\n"                                                              \
    "    local job = redis.call('ZRANGE', line, 0, 0)[1]\n"                                        \
    "    if job then\n"                                                                            \
    "      redis.call('XADD', KEYS[1], '*', 'j', job, 't', t)\n"                                   \
    "      redis.call('ZREM', line, job)\n"                                                        \
    "      n, moved = n + 1, moved + 1\n"                                                          \
    "    end\n"                                                                                    \
    "    if redis.call('EXISTS', line) == 1 then\n"                                                \
    "      redis.call('ZADD', KEYS[2], 'XX', after(KEYS[2]), t)\n"                                 \
    "    else\n"                                                                                   \
    "      redis.call('ZREM', KEYS[2], t)\n"                                                       \
    "    end\n"                                                                                    \
    "  end\n"                                                                                      \
    "  return moved\n"                                                                             \
    "end\n"
#define AFTER                                                                                      \
    "local function after(set)\n"                                                                  \
    "  return (redis.call('ZRANGE', set, -1, -1, 'WITHSCORES')[2] or 0) + 1\n"                     \
    "end\n"

/* ARGV 4, 5: tenant, job. */
static struct cc_script put = {.lua = AFTER FEED
                               "local line = ARGV[2] .. ARGV[4]\n"
                               "redis.call('ZADD', line, 'NX', after(line), ARGV[5])\n"
                               "redis.call('ZADD', KEYS[2], 'NX', after(KEYS[2]), ARGV[4])\n"
                               "return feed(tonumber(ARGV[3]))"};
static struct cc_script feed = {.lua = AFTER FEED "return feed(tonumber(ARGV[3]))"};
static struct cc_script drop = {
    .lua = "local line = ARGV[2] .. ARGV[4]\n"
           "redis.call('ZREM', line, ARGV[5])\n"
           "if redis.call('EXISTS', line) == 0 then redis.call('ZREM', KEYS[2], ARGV[4]) end\n"
           "return 1"};
static struct cc_script look = {
    .lua = "local n, t = 0, redis.call('ZRANGE', KEYS[2], 0, -1)\n"
           "for _, tenant in ipairs(t) do n = n + redis.call('ZCARD', ARGV[2] .. tenant) end\n"
           "return {n, #t}"};

struct names {
    char ring[CC_NAME_MAX], lines[CC_NAME_MAX];
};

static void begin(struct cc_cmd *cmd, struct cc_script *script, const char *stream, int ready,
                  struct names *names)
{
    cc_script_cmd(cmd, script, 2);
    CC_CMD_TEXTS(cmd, stream, cc_name_ring(stream, names->ring), CC_GROUP,
                 cc_name_line(stream, "", names->lines));
    cc_cmd_number(cmd, ready);
}

int cc_fair_put(struct cc_redis *queue, const char *stream, const char *tenant, const void *body,
                size_t len)
{
    struct names names;
    struct cc_cmd cmd;

    begin(&cmd, &put, stream, WAKE, &names);
    cc_cmd_text(&cmd, tenant);
    cc_cmd_bytes(&cmd, body, len);
    return cc_script_call(queue, &put, &cmd, NULL);
}

int cc_fair_feed(struct cc_redis *queue, const char *stream, int ready, int64_t *ret_moved)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct names names;
    struct cc_cmd cmd;

    begin(&cmd, &feed, stream, ready, &names);
    int rc = cc_script_call(queue, &feed, &cmd, &reply);
    if (rc == 0 && ret_moved)
        *ret_moved = cc_reply_number(reply);
    return rc;
}

int cc_fair_drop(struct cc_redis *queue, const char *stream, const char *tenant, const void *body,
                 size_t len)
{
    struct names names;
    struct cc_cmd cmd;

    begin(&cmd, &drop, stream, 0, &names);
    cc_cmd_text(&cmd, tenant);
    cc_cmd_bytes(&cmd, body, len);
    return cc_script_call(queue, &drop, &cmd, NULL);
}

int cc_fair_look(struct cc_redis *queue, const char *stream, struct cc_fair_state *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct names names;
    struct cc_cmd cmd;

    begin(&cmd, &look, stream, 0, &names);
    int rc = cc_script_call(queue, &look, &cmd, &reply);
    if (rc == 0)
        *ret = (struct cc_fair_state){.waiting = cc_reply_number(cc_reply_at(reply, 0)),
                                      .tenants = cc_reply_number(cc_reply_at(reply, 1))};
    return rc;
}
