/* Limits that owners write and prices that operators set: what is taken is within its bounds, and
 * written again it is read as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/store/limits.h"
#include "proto/store/prices.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_limits(const char *text, struct cc_arena *mem)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;
    struct cc_limits limits, again;

    if (cc_limits_read(text, &limits) != 0)
        return;
    must(limits.per_minute == -1 ||
         (limits.per_minute >= 1 && limits.per_minute <= CC_LIMITS_RATE));
    must(limits.tokens >= -1 && limits.tokens <= CC_LIMITS_TOKENS);
    must(limits.spend >= -1 && limits.spend <= CC_LIMITS_SPEND * CC_MONEY_MILLIONS);
    json = cc_limits_json(&limits);
    must(cc_limits_read(cc_json_dup(json, mem), &again) == 0);
    must(memcmp(&limits, &again, sizeof limits) == 0);
}

static void check_prices(const char *text)
{
    static struct cc_prices prices;
    const int64_t most = (int64_t)CC_PRICE_MAX * CC_MONEY_MILLIONS;

    if (cc_prices_read(text, &prices) != 0)
        return;
    must(prices.n >= 0 && prices.n <= CC_PRICES_MAX);
    for (int i = 0; i < prices.n; i++) {
        struct cc_price price = prices.row[i].price;

        must(price.input >= 0 && price.cached >= 0 && price.output >= 0);
        must(price.input <= most && price.cached <= most && price.output <= most);
        must(*prices.row[i].model);
        must(cc_price_cost(price, CC_TOKENS_MAX, i, CC_TOKENS_MAX) <=
             cc_price_bound(price, CC_TOKENS_MAX, CC_TOKENS_MAX));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    char *text = cc_arena_dupn(mem, (const char *)data, size < 8192 ? size : 8192);

    check_limits(text, mem);
    check_prices(text);
    cc_arena_free(&mem);
    return 0;
}
