#include "proto/bus/queue.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

#define BLOCK_SLACK_MS 5000 /* beyond the time the server was asked to wait */
#define FIELD          "j"  /* the job's bytes; "t", if there, is the tenant it counts for */
#define REASON_MAX     1000 /* bytes */
#define DEAD_MAX       100000
#define DEAD_LEASES    60 /* a consumer silent for so many is not coming back */

struct cc_queue {
    struct cc_redis *commands, *blocking;
    char *stream, *consumer, *inflight;
    int lease_ms;
};

/* ---- the group ---- */

/* From 0 and not from $: what was put before the group was there must be delivered, too. */
static int make_group(struct cc_redis *redis, const char *stream)
{
    struct cc_cmd cmd;
    redisReply *reply;

    cc_cmd_init(&cmd, "XGROUP");
    CC_CMD_TEXTS(&cmd, "CREATE", stream, CC_GROUP, "0", "MKSTREAM");
    int rc = cc_redis_run(redis, &cmd, 1, &reply, CC_REDIS_MS);
    if (rc)
        return rc;
    rc = cc_reply_is(reply, "BUSYGROUP") ? 0 : cc_reply_check(reply); /* there already */
    freeReplyObject(reply);
    return rc;
}

/* Each process is a consumer of its own, and none can tell when it dies.  With a job pending it
 * must stay: DELCONSUMER would make the job unreachable. */
static struct cc_script tidy = {
    .lua = "for _, c in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do\n"
           "  local f = {}\n"
           "  for i = 1, #c, 2 do f[c[i]] = c[i + 1] end\n"
           "  if f.pending == 0 and f.idle > tonumber(ARGV[2]) then\n"
           "    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], f.name)\n"
           "  end\n"
           "end\n"
           "return 1"};

static int forget_the_dead(const struct cc_queue_opts *opts)
{
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &tidy, 1);
    CC_CMD_TEXTS(&cmd, opts->stream, CC_GROUP);
    cc_cmd_number(&cmd, (int64_t)DEAD_LEASES * opts->lease_ms);
    return cc_script_call(opts->commands, &tidy, &cmd, NULL);
}

/* The second is said to one who waits while the stream goes. */
static bool is_without_group(const redisReply *reply)
{
    return cc_reply_is(reply, "NOGROUP") || cc_reply_is(reply, "UNBLOCKED");
}

/* Runs a command of the group; once more after the group was made, should the server have lost it.
 */
static int run_in_group(struct cc_queue *queue, struct cc_redis *redis, const struct cc_cmd *cmd,
                        int timeout_ms, redisReply **ret)
{
    redisReply *reply;
    int rc = cc_redis_run(redis, cmd, 1, &reply, timeout_ms);

    if (rc == 0 && is_without_group(reply)) {
        freeReplyObject(reply);
        rc = make_group(queue->commands, queue->stream);
        if (rc == 0)
            rc = cc_redis_run(redis, cmd, 1, &reply, timeout_ms);
    }
    return rc ? rc : cc_reply_take(reply, ret);
}

static char *copy(const char *text)
{
    char *p = text ? strdup(text) : NULL;

    assert(p || !text);
    return p;
}

int cc_queue_open(const struct cc_queue_opts *opts, struct cc_queue **ret)
{
    int rc = make_group(opts->commands, opts->stream);

    rc = rc ? rc : forget_the_dead(opts);
    if (rc)
        return rc;
    struct cc_queue *queue = calloc(1, sizeof *queue);
    assert(queue);
    queue->commands = opts->commands;
    queue->blocking = opts->blocking;
    queue->stream = copy(opts->stream);
    queue->consumer = copy(opts->consumer);
    queue->inflight = copy(opts->inflight);
    queue->lease_ms = opts->lease_ms;
    *ret = queue;
    return 0;
}

void cc_queue_free(struct cc_queue **p)
{
    struct cc_queue *queue = *p;

    if (!queue)
        return;
    free(queue->stream);
    free(queue->consumer);
    free(queue->inflight);
    free(queue);
    *p = NULL;
}

/* ---- taking ---- */

/* The value of FIELD in [field, value, ...]; nil if it is not there. */
static const redisReply *body_of(const redisReply *fields)
{
    for (size_t i = 0; i + 1 < fields->elements; i += 2) {
        if (strcmp(cc_reply_at(fields, i)->str, FIELD) == 0)
            return cc_reply_at(fields, i + 1);
    }
    return cc_reply_at(fields, SIZE_MAX);
}

/* One [id, [field, value, ...]]. */
static void read_claim(const redisReply *entry, struct cc_arena *mem, struct cc_claim *ret)
{
    const redisReply *id = cc_reply_at(entry, 0), *body = body_of(cc_reply_at(entry, 1));

    *ret = (struct cc_claim){.body = "", .len = 0};
    snprintf(ret->entry, sizeof ret->entry, "%s", cc_reply_has_text(id) ? id->str : "");
    if (cc_reply_has_text(body)) {
        ret->body = cc_arena_dupn(mem, body->str, body->len);
        ret->len = body->len;
    }
}

static int read_claims(const redisReply *entries, int max, struct cc_arena *mem,
                       struct cc_claim *ret)
{
    int n = 0;

    for (; n < max && (size_t)n < entries->elements; n++)
        read_claim(entries->element[n], mem, &ret[n]);
    return n;
}

int cc_queue_take(struct cc_queue *queue, int max, int wait_ms, struct cc_arena *mem,
                  struct cc_claim *ret, int *ret_n)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "XREADGROUP");
    CC_CMD_TEXTS(&cmd, "GROUP", CC_GROUP, queue->consumer, "COUNT");
    cc_cmd_number(&cmd, max);
    if (wait_ms > 0) { /* BLOCK 0 would be for ever */
        cc_cmd_text(&cmd, "BLOCK");
        cc_cmd_number(&cmd, wait_ms);
    }
    CC_CMD_TEXTS(&cmd, "STREAMS", queue->stream, ">");
    int rc = run_in_group(queue, queue->blocking, &cmd, wait_ms + BLOCK_SLACK_MS, &reply);
    if (rc)
        return rc;
    const redisReply *stream = cc_reply_at(reply, 0);
    int n = read_claims(cc_reply_at(stream, 1), max, mem, ret);
    if (n == 0)
        return cc_fail(CC_E_NOTFOUND, "no new job in %s", queue->stream);
    *ret_n = n;
    return 0;
}

/* Not XAUTOCLAIM: it looks at ten pending entries per job asked for, however old others are. */
static struct cc_script reclaim = {
    .lua = "local ids = {}\n"
           "for _, p in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3],\n"
           "                              '-', '+', ARGV[4])) do ids[#ids + 1] = p[1] end\n"
           "if #ids == 0 then return {} end\n"
           "return redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], unpack(ids))"};

static int run_reclaim(struct cc_queue *queue, int max, redisReply **ret)
{
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &reclaim, 1);
    CC_CMD_TEXTS(&cmd, queue->stream, CC_GROUP, queue->consumer);
    /* PostgreSQL's lease began a moment later: who comes on the dot finds it running still, and
     * the entry counts as fresh again for another lease */
    cc_cmd_number(&cmd, queue->lease_ms + queue->lease_ms / 20);
    cc_cmd_number(&cmd, max);
    return cc_script_call(queue->commands, &reclaim, &cmd, ret);
}

int cc_queue_reclaim(struct cc_queue *queue, int max, struct cc_arena *mem, struct cc_claim *ret,
                     int *ret_n)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    int rc = run_reclaim(queue, max, &reply);

    if (rc == CC_E_REPLY && strstr(cc_fail_text(), "NOGROUP"))
        rc = make_group(queue->commands, queue->stream); /* nothing is pending in a new group */
    if (rc)
        return rc;
    *ret_n = reply ? read_claims(reply, max, mem, ret) : 0;
    for (int i = 0; i < *ret_n; i++)
        ret[i].reclaimed = true;
    return 0;
}

/* JUSTID: a delivery more is not counted.  An entry that somebody else holds now is left to him. */
static struct cc_script touch = {
    .lua = "local ok, p = pcall(redis.call, 'XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)\n"
           "if not ok or p.err or #p == 0 then return 0 end\n"
           "if p[1][2] ~= ARGV[2] then return -1 end\n"
           "redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'JUSTID')\n"
           "return 1"};

int cc_queue_touch(struct cc_queue *queue, const char *entry)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &touch, 1);
    CC_CMD_TEXTS(&cmd, queue->stream, CC_GROUP, queue->consumer, entry);
    int rc = cc_script_call(queue->commands, &touch, &cmd, &reply);
    if (rc == 0 && cc_reply_number(reply) < 0)
        rc = cc_fail(CC_E_FENCED, "%s has been taken over", entry);
    return rc;
}

/* ---- ending ---- */

/* The count of open jobs falls only for him whose XDEL removed the entry: once, however often the
 * script is repeated.  ARGV: group, entry, tenant; of a job to bury also body, job, reason. */
static struct cc_script end_job = {
    .lua = "local t = ARGV[3]\n"
           "if t == '' then\n"
           "  local e = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]\n"
           "  for i = 1, e and #e[2] or 0, 2 do\n"
           "    if e[2][i] == 't' then t = e[2][i + 1] end\n"
           "  end\n"
           "end\n"
           "pcall(redis.call, 'XACK', KEYS[1], ARGV[1], ARGV[2])\n"
           "local n = redis.call('XDEL', KEYS[1], ARGV[2])\n"
           "if n == 1 and KEYS[3] ~= '' and t ~= '' then\n"
           "  if redis.call('HINCRBY', KEYS[3], t, -1) <= 0 then\n"
           "    redis.call('HDEL', KEYS[3], t)\n"
           "  end\n"
           "end\n"
           "if n == 1 and ARGV[4] then\n"
           "  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], '*', 'j', ARGV[4],\n"
           "             'tenant', t, 'job', ARGV[5], 'reason', ARGV[6])\n"
           "end\n"
           "return n"};

static void end_cmd(struct cc_cmd *cmd, const struct cc_queue *queue, char *dead, const char *entry,
                    const char *tenant)
{
    cc_script_cmd(cmd, &end_job, 3);
    CC_CMD_TEXTS(cmd, queue->stream, cc_name_dead(queue->stream, dead),
                 queue->inflight ? queue->inflight : "", CC_GROUP, entry, tenant ? tenant : "");
}

int cc_queue_ack(struct cc_queue *queue, const char *entry, const char *tenant)
{
    char dead[CC_NAME_MAX];
    struct cc_cmd cmd;

    end_cmd(&cmd, queue, dead, entry, tenant);
    return cc_script_call(queue->commands, &end_job, &cmd, NULL);
}

/* First the new one: a full memory refuses it before anything was changed.  Where the old entry was
 * gone already, there is one more than was counted.  KEYS: stream, inflight. */
static struct cc_script put_back = {
    .lua = "redis.call('XADD', KEYS[1], '*', 'j', ARGV[4], 't', ARGV[3])\n"
           "pcall(redis.call, 'XACK', KEYS[1], ARGV[1], ARGV[2])\n"
           "local n = redis.call('XDEL', KEYS[1], ARGV[2])\n"
           "if n == 0 and KEYS[2] ~= '' then redis.call('HINCRBY', KEYS[2], ARGV[3], 1) end\n"
           "return n"};

int cc_queue_put_back(struct cc_queue *queue, const struct cc_claim *claim, const char *tenant)
{
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &put_back, 2);
    CC_CMD_TEXTS(&cmd, queue->stream, queue->inflight ? queue->inflight : "", CC_GROUP,
                 claim->entry, tenant);
    cc_cmd_bytes(&cmd, claim->body, claim->len);
    return cc_script_call(queue->commands, &put_back, &cmd, NULL);
}

int cc_queue_bury(struct cc_queue *queue, const struct cc_claim *claim, const char *tenant,
                  const char *job, const char *reason)
{
    char dead[CC_NAME_MAX];
    struct cc_cmd cmd;

    end_cmd(&cmd, queue, dead, claim->entry, tenant);
    cc_cmd_bytes(&cmd, claim->body, claim->len);
    cc_cmd_text(&cmd, job);
    cc_cmd_bytes(&cmd, reason, cc_utf8_cut(reason, strlen(reason), REASON_MAX));
    cc_cmd_number(&cmd, DEAD_MAX);
    return cc_script_call(queue->commands, &end_job, &cmd, NULL);
}

int cc_queue_put(struct cc_redis *commands, const char *stream, const void *body, size_t len,
                 char *ret_entry)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "XADD");
    CC_CMD_TEXTS(&cmd, stream, "*", FIELD);
    cc_cmd_bytes(&cmd, body, len);
    int rc = cc_redis_call(commands, &cmd, &reply, CC_REDIS_MS);
    if (rc == 0 && ret_entry)
        snprintf(ret_entry, 44, "%s", reply->str);
    return rc;
}

/* ---- looking: the lines of fair.h are part of the queue ---- */
static struct cc_script look = {
    .lua = "local ok, p = pcall(redis.call, 'XPENDING', KEYS[1], ARGV[1])\n"
           "local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]\n"
           "local t, age = redis.call('TIME'), 0\n"
           "if first then\n"
           "  age = t[1] * 1000 + math.floor(t[2] / 1000) - tonumber(first[1]:match('^%d+'))\n"
           "end\n"
           "local depth = redis.call('XLEN', KEYS[1])\n"
           "for _, tenant in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do\n"
           "  depth = depth + redis.call('ZCARD', ARGV[2] .. tenant)\n"
           "end\n"
           "return {depth, ok and p[1] or 0, math.max(age, 0), redis.call('XLEN', KEYS[2])}"};

int cc_queue_look(struct cc_redis *commands, const char *stream, struct cc_queue_state *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char dead[CC_NAME_MAX], ring[CC_NAME_MAX], lines[CC_NAME_MAX];
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &look, 3);
    CC_CMD_TEXTS(&cmd, stream, cc_name_dead(stream, dead), cc_name_ring(stream, ring), CC_GROUP,
                 cc_name_line(stream, "", lines));
    int rc = cc_script_call(commands, &look, &cmd, &reply);
    if (rc)
        return rc;
    *ret = (struct cc_queue_state){
        .depth = cc_reply_number(cc_reply_at(reply, 0)),
        .pending = cc_reply_number(cc_reply_at(reply, 1)),
        .oldest_ms = cc_reply_number(cc_reply_at(reply, 2)),
        .dead = cc_reply_number(cc_reply_at(reply, 3)),
    };
    return 0;
}
