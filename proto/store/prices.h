/*
 * prices.h - what tokens of a model cost, by the setting CC_PRICES.
 *
 *     gpt-4o-mini=0.14/0.07/0.56,*=1/0.5/2     a million tokens: input, cached input, output
 *
 * The name is the model's as the service is asked for it; "*" stands for all that have no row of
 * their own, which cost nothing without it.  Amounts are millionths of the currency (limits.h),
 * rounded up, so that no answer costs less than it says.
 */
#ifndef CC_STORE_PRICES_H
#define CC_STORE_PRICES_H

#include <stdint.h>

#define CC_PRICES_MAX 64                 /* rows */
#define CC_PRICE_MAX  10000              /* units of the currency for a million tokens */
#define CC_TOKENS_MAX INT64_C(100000000) /* of one answer: more is no count */
#define CC_MODEL_NAME 128                /* bytes with the NUL */

struct cc_price { /* of a million tokens, in millionths of a unit */
    int64_t input, cached, output;
};
struct cc_prices {
    struct {
        char model[CC_MODEL_NAME];
        struct cc_price price;
    } row[CC_PRICES_MAX];
    int n;
};
/* INVALID names the row. */
int cc_prices_read(const char *text, struct cc_prices *ret);
struct cc_price cc_prices_find(const struct cc_prices *prices, const char *model);

/* Once at the start of a process: reads the setting.  INVALID */
int cc_prices_open(void);
struct cc_price cc_price_of(const char *model);

/* input counts the cached ones, too. */
int64_t cc_price_cost(struct cc_price price, int64_t input, int64_t cached, int64_t output);
/* The most that so many tokens can cost, whichever of them are cached. */
int64_t cc_price_bound(struct cc_price price, int64_t input, int64_t output);

#endif
