#include "proto/bus/cache.h"

#include <assert.h>

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

#define VALUE_MAX (512 * 1024)     /* bytes */
#define ROUND     (CC_CMD_MAX - 1) /* keys of one MGET */

static const char *name_of(const struct cc_cache_key *key, char *out)
{
    assert(key->tenant[0]); /* one tenant's results are nobody else's */
    return cc_name_cache(key->kind, key->tenant, key->sha256_hex, out);
}

int cc_cache_get(struct cc_redis *live, const struct cc_cache_key *key, struct cc_arena *mem,
                 const void **ret, size_t *ret_len)
{
    const void *hit = NULL;
    size_t len;
    int rc = cc_cache_get_many(live, key, 1, mem, &hit, &len);

    if (rc)
        return rc;
    if (!hit)
        return cc_fail(CC_E_NOTFOUND, "not in the cache");
    *ret = hit;
    *ret_len = len;
    return 0;
}

int cc_cache_put(struct cc_redis *live, const struct cc_cache_key *key, const void *bytes,
                 size_t len, int keep_s)
{
    char name[CC_NAME_MAX];
    struct cc_cmd cmd;

    if (len > VALUE_MAX)
        return cc_fail(CC_E_TOOBIG, "cache: %zu bytes", len);
    if (keep_s <= 0)
        return 0;
    cc_cmd_init(&cmd, "SET");
    cc_cmd_text(&cmd, name_of(key, name));
    cc_cmd_bytes(&cmd, bytes, len);
    cc_cmd_text(&cmd, "EX");
    cc_cmd_number(&cmd, keep_s);
    return cc_redis_call(live, &cmd, NULL, CC_REDIS_MS);
}

static int get_round(struct cc_redis *live, const struct cc_cache_key *keys, int n,
                     struct cc_arena *mem, redisReply **ret)
{
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "MGET");
    for (int i = 0; i < n; i++)
        cc_cmd_text(&cmd, name_of(&keys[i], cc_arena_get(mem, CC_NAME_MAX)));
    return cc_redis_call(live, &cmd, ret, CC_REDIS_MS);
}

static void read_round(const redisReply *reply, int n, struct cc_arena *mem, const void **hits,
                       size_t *lens)
{
    for (int i = 0; i < n; i++) {
        const redisReply *value = cc_reply_at(reply, (size_t)i);
        bool hit = cc_reply_has_text(value);
        hits[i] = hit ? cc_arena_dupn(mem, value->str, value->len) : NULL;
        lens[i] = hit ? value->len : 0;
    }
}

int cc_cache_get_many(struct cc_redis *live, const struct cc_cache_key *keys, int n,
                      struct cc_arena *mem, const void **hits, size_t *lens)
{
    for (int i = 0; i < n; i += ROUND) {
        CC_AUTO(freeReplyObject)
        redisReply *reply = NULL;
        int round = n - i < ROUND ? n - i : ROUND;
        int rc = get_round(live, keys + i, round, mem, &reply);
        if (rc)
            return rc;
        read_round(reply, round, mem, hits + i, lens + i);
    }
    return 0;
}
