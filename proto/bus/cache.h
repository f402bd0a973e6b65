/*
 * cache.h - results that may be forgotten, per tenant.
 *
 * The key is the SHA-256 of what the result depends on; there is no cache without a tenant.
 */
#ifndef CC_BUS_CACHE_H
#define CC_BUS_CACHE_H

#include "proto/base/arena.h"
#include "proto/bus/redis.h"

struct cc_cache_key {
    const char *kind; /* "answer", "embed" */
    const char *tenant;
    const char *sha256_hex;
};
/* Waits.  NOTFOUND.  Bytes in mem, NUL-terminated. */
int cc_cache_get(struct cc_redis *live, const struct cc_cache_key *key, struct cc_arena *mem,
                 const void **ret, size_t *ret_len);
int cc_cache_put(struct cc_redis *live, const struct cc_cache_key *key, const void *bytes,
                 size_t len, int keep_s); /* Waits. */

/* Many at once: hits[i] is NULL where there was none.  Waits. */
int cc_cache_get_many(struct cc_redis *live, const struct cc_cache_key *keys, int n,
                      struct cc_arena *mem, const void **hits, size_t *lens);

#endif
