#include "proto/bus/admit.h"

#include <stdio.h>
#include <string.h>

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

/*
 * KEYS: stream, idem, inflight, asked, session.
 * ARGV: job, answer, tenant, tenant's cap, total cap, seconds, bot and visitor, 1 if the session is
 * new.
 */
static struct cc_script admit = {
    .lua = "local n = redis.call('XLEN', KEYS[1])\n"
           "local known = redis.call('GET', KEYS[2])\n"
           "if known then return {0, known, n} end\n"
           "if n >= tonumber(ARGV[5]) then return {-2} end\n"
           "local open = tonumber(redis.call('HGET', KEYS[3], ARGV[3]) or '0')\n"
           "if open >= tonumber(ARGV[4]) then return {-1} end\n"
           "redis.call('XADD', KEYS[1], '*', 'j', ARGV[1], 't', ARGV[3])\n"
           "redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[6])\n"
           "redis.call('SET', KEYS[4], ARGV[7], 'EX', ARGV[6])\n"
           "if ARGV[8] == '1' then redis.call('SET', KEYS[5], ARGV[7], 'EX', ARGV[6]) end\n"
           "redis.call('HINCRBY', KEYS[3], ARGV[3], 1)\n"
           "return {1, ARGV[2], n}"};

/* A question without an id of the client's is still let in only once, however often we repeat. */
static const char *message_of(const struct cc_chat_job *job)
{
    return job->client_message[0] ? job->client_message : job->answer;
}

static int run(struct cc_redis *queue, const struct cc_admit *what, const struct cc_buf *job,
               redisReply **ret)
{
    char idem[CC_NAME_MAX], asked[CC_NAME_MAX], session[CC_NAME_MAX], by[CC_NAME_MAX];
    const char *visitor = what->job->visitor ? what->job->visitor : "";
    struct cc_cmd cmd;

    snprintf(by, sizeof by, *visitor ? "%s %s" : "%s", what->job->bot, visitor);
    cc_name_idem(what->job->tenant, what->job->session, message_of(what->job), idem);
    cc_name_asked(what->job->tenant, what->job->answer, asked);
    cc_name_session(what->job->tenant, what->job->session, session);
    cc_script_cmd(&cmd, &admit, 5);
    CC_CMD_TEXTS(&cmd, CC_STREAM_CHAT, idem, CC_INFLIGHT_CHAT, asked, session);
    cc_cmd_bytes(&cmd, job->bytes, job->len);
    CC_CMD_TEXTS(&cmd, what->job->answer, what->job->tenant);
    cc_cmd_number(&cmd, what->tenant_cap);
    cc_cmd_number(&cmd, what->total_cap);
    cc_cmd_number(&cmd, what->remember_s);
    cc_cmd_text(&cmd, by);
    cc_cmd_number(&cmd, what->new_session);
    return cc_script_call(queue, &admit, &cmd, ret);
}

static int read_verdict(const redisReply *reply, const struct cc_admit *what,
                        struct cc_admitted *ret)
{
    int64_t verdict = cc_reply_number(cc_reply_at(reply, 0));
    const redisReply *answer = cc_reply_at(reply, 1);

    if (verdict == -1)
        return cc_fail(CC_E_TENANT_BUSY, "%lld answers are open", (long long)what->tenant_cap);
    if (verdict == -2)
        return cc_fail(CC_E_BUSY, "%lld questions are waiting", (long long)what->total_cap);
    if (!cc_reply_has_text(answer))
        return cc_fail(CC_E_REPLY, "redis: no answer id came back");
    *ret = (struct cc_admitted){.first = verdict == 1,
                                .position = cc_reply_number(cc_reply_at(reply, 2))};
    snprintf(ret->answer, sizeof ret->answer, "%s", answer->str);
    return 0;
}

int cc_admit(struct cc_redis *queue, const struct cc_admit *what, struct cc_admitted *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_buf job;

    cc_buf_init(&job, CC_JOB_MAX);
    cc_chat_job_encode(what->job, &job);
    int rc = cc_buf_over(&job) ? cc_fail(CC_E_TOOBIG, "job: above %d bytes", CC_JOB_MAX)
                               : run(queue, what, &job, &reply);
    cc_buf_done(&job);
    return rc ? rc : read_verdict(reply, what, ret);
}

void cc_asked_by_read(const char *text, size_t len, struct cc_arena *mem, struct cc_asked_by *ret)
{
    const char *space = memchr(text, ' ', len);
    size_t bot = space ? (size_t)(space - text) : len;

    ret->bot = cc_arena_dupn(mem, text, bot);
    ret->visitor = space ? cc_arena_dupn(mem, space + 1, len - bot - 1) : "";
}

int cc_admit_known(struct cc_redis *queue, const struct cc_chat_job *job, bool *ret)
{
    char idem[CC_NAME_MAX];

    return cc_flag_get(queue, cc_name_idem(job->tenant, job->session, message_of(job), idem),
                       CC_REDIS_MS, ret);
}

static int find(struct cc_redis *queue, const char *name, struct cc_arena *mem,
                struct cc_asked_by *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "GET");
    cc_cmd_text(&cmd, name);
    int rc = cc_redis_call(queue, &cmd, &reply, CC_REDIS_MS);
    if (rc)
        return rc;
    if (!cc_reply_has_text(reply))
        return cc_fail(CC_E_NOTFOUND, "nobody asked for it");
    cc_asked_by_read(reply->str, reply->len, mem, ret);
    return 0;
}

int cc_admit_find(struct cc_redis *queue, const char *tenant, const char *answer,
                  struct cc_arena *mem, struct cc_asked_by *ret)
{
    char asked[CC_NAME_MAX];

    return find(queue, cc_name_asked(tenant, answer, asked), mem, ret);
}

int cc_admit_find_session(struct cc_redis *queue, const char *tenant, const char *session,
                          struct cc_arena *mem, struct cc_asked_by *ret)
{
    char name[CC_NAME_MAX];

    return find(queue, cc_name_session(tenant, session, name), mem, ret);
}

/*
 * KEYS: stream, inflight, token.  ARGV: ms that the token lives.
 * Entries without a tenant count for nobody.  In pages: a question may have 12 KB.
 */
static struct cc_script recount = {
    .lua = "if not redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[1]) then return -1 end\n"
           "local open, from, page = {}, '-', nil\n"
           "repeat\n"
           "  page = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 100)\n"
           "  for _, e in ipairs(page) do\n"
           "    from = '(' .. e[1]\n"
           "    for i = 1, #e[2], 2 do\n"
           "      local t = e[2][i + 1]\n"
           "      if e[2][i] == 't' then open[t] = (open[t] or 0) + 1 end\n"
           "    end\n"
           "  end\n"
           "until #page < 100\n"
           "local known, wrong = redis.call('HGETALL', KEYS[2]), 0\n"
           "for i = 1, #known, 2 do\n"
           "  local t = known[i]\n"
           "  if not open[t] then\n"
           "    redis.call('HDEL', KEYS[2], t)\n"
           "    wrong = wrong + 1\n"
           "  elseif tonumber(known[i + 1]) == open[t] then\n"
           "    open[t] = nil\n"
           "  end\n"
           "end\n"
           "for t, n in pairs(open) do\n"
           "  redis.call('HSET', KEYS[2], t, n)\n"
           "  wrong = wrong + 1\n"
           "end\n"
           "return wrong"};

int cc_admit_recount(struct cc_redis *queue, int64_t every_ms, int64_t *ret_wrong)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &recount, 3);
    CC_CMD_TEXTS(&cmd, CC_STREAM_CHAT, CC_INFLIGHT_CHAT, CC_RECOUNT_CHAT);
    cc_cmd_number(&cmd, every_ms);
    int rc = cc_script_call(queue, &recount, &cmd, &reply);
    if (rc == 0)
        *ret_wrong = cc_reply_number(reply);
    return rc;
}
