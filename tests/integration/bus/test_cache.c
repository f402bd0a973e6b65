#include "tests/integration/bus/redis_server.h"

#include "proto/base/hash.h"
#include "proto/bus/cache.h"

static struct server server;
static struct cc_redis *redis;
static struct cc_arena *mem;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "no", "");
    redis = server_client(&server);
    mem = cc_arena_new(4 << 20);
}

static void tear_down(void)
{
    cc_arena_free(&mem);
    cc_redis_close(&redis);
    server_end(&server);
    cc_loop_done();
}

TestSuite(cache, .init = set_up, .fini = tear_down, .timeout = 60);

Test(cache, gives_back_any_bytes)
{
    static const char bytes[] = "\0\xff\r\n$5\0";
    struct cc_cache_key key = {"embed", "ten_1", "00"};
    const void *got;
    size_t len;

    cr_assert_eq(cc_cache_put(redis, &key, bytes, sizeof bytes - 1, 60), 0);
    cr_assert_eq(cc_cache_get(redis, &key, mem, &got, &len), 0);
    cr_expect_eq(len, sizeof bytes - 1);
    cr_expect_eq(memcmp(got, bytes, sizeof bytes), 0, "and a NUL behind");
}

Test(cache, has_nothing_of_another_tenant_or_kind)
{
    struct cc_cache_key key = {"embed", "ten_1", "00"}, other = {"embed", "ten_2", "00"},
                        kind = {"answer", "ten_1", "00"};
    const void *got;
    size_t len;

    cr_assert_eq(cc_cache_put(redis, &key, "x", 1, 60), 0);
    cr_expect_eq(cc_cache_get(redis, &other, mem, &got, &len), CC_E_NOTFOUND);
    cr_expect_eq(cc_cache_get(redis, &kind, mem, &got, &len), CC_E_NOTFOUND);
}

Test(cache, keeps_nothing_too_large_or_for_no_time)
{
    struct cc_cache_key key = {"answer", "ten_1", "00"};
    char *big = calloc(1, 512 * 1024 + 1);
    const void *got;
    size_t len;

    cr_expect_eq(cc_cache_put(redis, &key, big, 512 * 1024 + 1, 60), CC_E_TOOBIG);
    cr_expect_eq(cc_cache_put(redis, &key, "x", 1, 0), 0);
    cr_expect_eq(cc_cache_get(redis, &key, mem, &got, &len), CC_E_NOTFOUND);
    cr_assert_eq(cc_cache_put(redis, &key, big, 512 * 1024, 60), 0);
    cr_expect_eq(cc_cache_get(redis, &key, mem, &got, &len), 0);
    cr_expect_eq(len, 512 * 1024);
    free(big);
}

#define MANY 70

Test(cache, gives_many_at_once_each_in_its_place)
{
    static struct cc_cache_key keys[MANY];
    static const void *hits[MANY];
    static size_t lens[MANY];
    static char hash[MANY][CC_SHA256_HEX];

    for (int i = 0; i < MANY; i++) {
        keys[i] = (struct cc_cache_key){"embed", "ten_1", cc_sha256_hex(&i, sizeof i, hash[i])};
        if (i % 3 == 0)
            cr_assert_eq(cc_cache_put(redis, &keys[i], &i, sizeof i, 60), 0);
    }

    cr_assert_eq(cc_cache_get_many(redis, keys, MANY, mem, hits, lens), 0);
    for (int i = 0; i < MANY; i++) {
        cr_expect_eq(hits[i] != NULL, i % 3 == 0);
        if (hits[i])
            cr_expect_eq(memcmp(hits[i], &i, sizeof i), 0);
    }
}

Test(cache, is_down_when_the_server_is)
{
    struct cc_cache_key key = {"answer", "ten_1", "00"};
    const void *got;
    size_t len;

    server_kill(&server);
    cr_expect_eq(cc_cache_get(redis, &key, mem, &got, &len), CC_E_DOWN);
    cr_expect_eq(cc_cache_put(redis, &key, "x", 1, 60), CC_E_DOWN);
}
