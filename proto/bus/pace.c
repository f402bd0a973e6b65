#include "proto/bus/pace.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

/*
 * A hash per pace: rate (per second; absent: nobody was refused yet), tat (when the next request is
 * due, the "theoretical arrival time" of GCRA), quiet (nobody asks before), cut (when the rate was
 * halved last), and how many asked: n in window w, o in the one before.  Times in ms of the
 * server's clock.
 */
#define MOST   "1000" /* per second, before any refusal and after all */
#define LEAST  "0.1"
#define STEP   "5"       /* how much the rate grows per second of successes at full use */
#define AHEAD  "50"      /* ms that requests may come early: bursts at high rates */
#define WINDOW "2000"    /* ms in which many refusals count as one */
#define QUIET  "900000"  /* ms; the longest Retry-After that is believed */
#define KEEP   "3600000" /* ms without a request: all is forgotten */

#define HEAD                                                                                       \
    "local t = redis.call('TIME')\n"                                                               \
    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"                                          \
    "local had = redis.call('HMGET', KEYS[1], 'rate', 'tat', 'quiet', 'cut', 'w', 'n', 'o')\n"     \
    "for i = 1, 7 do had[i] = tonumber(had[i] or nil) end\n"                                       \
    "local rate, tat, quiet, cut = had[1] or " MOST ", had[2] or 0, had[3] or 0, had[4] or 0\n"    \
    "local w, n, o = had[5] or 0, had[6] or 0, had[7] or 0\n"                                      \
    "local window = math.floor(now / " WINDOW ")\n"                                                \
    "if w == window - 1 then o, n = n, 0 elseif w ~= window then o, n = 0, 0 end\n"

static struct cc_script enter = {
    .lua = HEAD "local wait = math.max(quiet - now, tat - " AHEAD " - now)\n"
                "if wait > 0 then return math.ceil(wait) end\n"
                "tat = math.max(now, tat) + 1000 / rate\n"
                "redis.call('HSET', KEYS[1], 'tat', tat, 'w', window, 'n', n + 1, 'o', o)\n"
                "redis.call('PEXPIRE', KEYS[1], " KEEP ")\n"
                "return 0"};

/* Below one STEP a second it doubles instead, so that a long silence is not followed by another. */
static struct cc_script ok = {.lua = HEAD "if not had[1] then return 0 end\n"
                                          "rate = math.min(" MOST ", rate + math.min(rate, " STEP
                                          " / rate))\n"
                                          "redis.call('HSET', KEYS[1], 'rate', rate)\n"
                                          "return 0"};

/*
 * What is halved is the speed that was used, if it was less than allowed.  With p of the window
 * gone by, n asked in it and o in the last, about n + o * (1 - p) asked in a window's time.
 */
static struct cc_script busy = {
    .lua =
        HEAD "if now - cut >= " WINDOW " then\n"
             "  local gone = now % " WINDOW " / " WINDOW "\n"
             "  local used = (n + o * (1 - gone)) * 1000 / " WINDOW "\n"
             "  rate = math.max(" LEAST ", math.min(rate, math.max(2, used)) / 2)\n"
             "  cut = now\n"
             "end\n"
             "local after = math.min(tonumber(ARGV[1]), " QUIET ")\n"
             "if after >= 0 then quiet = math.max(quiet, now + after) end\n"
             "tat = after >= 0 and quiet or math.max(now + 1000 / rate, quiet)\n"
             "redis.call('HSET', KEYS[1], 'rate', rate, 'tat', tat, 'quiet', quiet, 'cut', cut)\n"
             "redis.call('PEXPIRE', KEYS[1], " KEEP ")\n"
             "return 0"};

static struct cc_script look = {.lua = HEAD
                                "return {tostring(rate), math.max(0, math.ceil(quiet - now))}"};

static int run(struct cc_redis *live, struct cc_script *script, const char *name,
               const int64_t *arg, redisReply **ret)
{
    char key[CC_NAME_MAX];
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, script, 1);
    cc_cmd_text(&cmd, cc_name_pace(name, key));
    if (arg)
        cc_cmd_number(&cmd, *arg);
    return cc_script_call(live, script, &cmd, ret);
}

int cc_pace_enter(struct cc_redis *live, const char *name, int64_t *ret_wait_ms)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    int rc = run(live, &enter, name, NULL, &reply);

    if (!rc)
        *ret_wait_ms = cc_reply_number(reply);
    return rc;
}

int cc_pace_tell(struct cc_redis *live, const char *name, enum cc_pace_outcome outcome,
                 int64_t retry_after_ms)
{
    return outcome == CC_PACE_BUSY ? run(live, &busy, name, &retry_after_ms, NULL)
                                   : run(live, &ok, name, NULL, NULL);
}

int cc_pace_look(struct cc_redis *live, const char *name, struct cc_pace_state *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    int rc = run(live, &look, name, NULL, &reply);
    const redisReply *rate;

    if (rc)
        return rc;
    rate = cc_reply_at(reply, 0);
    if (!cc_reply_has_text(rate))
        return cc_fail(CC_E_REPLY, "redis: a pace without a rate");
    *ret = (struct cc_pace_state){.per_second = strtod(rate->str, NULL),
                                  .quiet_ms = cc_reply_number(cc_reply_at(reply, 1))};
    return 0;
}
