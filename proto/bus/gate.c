#include "proto/bus/gate.h"

#include <assert.h>

#include "proto/bus/redis_run.h"

/*
 * KEYS: the gates.  ARGV: limit, window in ms, of each.  A key holds the number of its window, the
 * count in it and the count in the one before.  With c in this window, p in the last, and f of
 * this one gone by, c + p * (1 - f) have passed within a window's time.  One more may if that
 * stays within the limit.
 */
static struct cc_script pass = {
    .lua = "local t = redis.call('TIME')\n"
           "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
           "local left, least, seen = nil, 0, {}\n"
           "for i, key in ipairs(KEYS) do\n"
           "  local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])\n"
           "  local number, gone = math.floor(now / window), now % window\n"
           "  local had, c, p = redis.call('GET', key), 0, 0\n"
           "  if had and #had == 16 then\n"
           "    local n, a, b = struct.unpack('<dI4I4', had)\n"
           "    if n == number then c, p = a, b elseif n == number - 1 then p = a end\n"
           "  end\n"
           "  local room = limit - c - p * (window - gone) / window\n"
           "  if room < 1 then\n"
           "    local wait = window\n"
           "    if limit >= 1 and c <= limit - 1 then\n"
           "      wait = window * (1 - (limit - 1 - c) / p) - gone\n"
           "    elseif limit >= 1 then\n"
           "      wait = window - gone + window * (1 - (limit - 1) / c)\n"
           "    end\n"
           "    return {i - 1, math.max(1, math.ceil(wait)), 0, i - 1}\n"
           "  end\n"
           "  if not left or room < left then left, least = room, i - 1 end\n"
           "  seen[i] = struct.pack('<dI4I4', number, c + 1, p)\n"
           "end\n"
           "for i, key in ipairs(KEYS) do\n"
           "  redis.call('SET', key, seen[i], 'PX', 2 * ARGV[2 * i])\n"
           "end\n"
           "return {-1, 0, math.floor(left - 1), least}"};

static int run(struct cc_redis *live, const struct cc_gate *gates, int n, redisReply **ret)
{
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &pass, n);
    for (int i = 0; i < n; i++)
        cc_cmd_text(&cmd, gates[i].key);
    for (int i = 0; i < n; i++) {
        cc_cmd_number(&cmd, gates[i].limit);
        cc_cmd_number(&cmd, gates[i].window_ms);
    }
    return cc_script_call(live, &pass, &cmd, ret);
}

int cc_gate_pass(struct cc_redis *live, const struct cc_gate *gates, int n,
                 struct cc_gate_verdict *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;

    assert(n >= 1 && n <= CC_GATES_MAX);
    int rc = run(live, gates, n, &reply);
    if (rc)
        return rc;
    *ret = (struct cc_gate_verdict){
        .shut = (int)cc_reply_number(cc_reply_at(reply, 0)),
        .retry_ms = cc_reply_number(cc_reply_at(reply, 1)),
        .left = cc_reply_number(cc_reply_at(reply, 2)),
        .tightest = (int)cc_reply_number(cc_reply_at(reply, 3)),
    };
    return ret->shut < 0 ? 0
                         : cc_fail(CC_E_RATE, "more than %lld in %d ms",
                                   (long long)gates[ret->shut].limit, gates[ret->shut].window_ms);
}
