#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/store/prices.h"

static struct cc_prices prices;

Test(prices, are_exact_to_the_sixth_place)
{
    static const struct {
        const char *amount;
        int64_t micros;
    } table[] = {
        {"0", 0},
        {"1", 1000000},
        {"0.14", 140000},
        {"2.80", 2800000},
        {".5", 500000},
        {"0.000001", 1},
        {"10000", 10000000000},
        {"0.07", 70000},
        {"4.35", 4350000},
        {"9999.999999", 9999999999},
        {"00012", 12000000},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[64];

        snprintf(text, sizeof text, "m=%s/0/1", table[i].amount);
        cr_assert_eq(cc_prices_read(text, &prices), 0, "%s: %s", text, cc_fail_text());
        cr_assert_eq(cc_prices_find(&prices, "m").input, table[i].micros, "%s", text);
    }
}

Test(prices, that_are_malformed_are_refused_with_words)
{
    static const char *const bad[] = {
        "m",
        "m=",
        "m=1",
        "m=1/2",
        "m=1/2/3/4",
        "=1/2/3",
        "m=1/2/",
        "m=1//3",
        "m=/2/3",
        "m=-1/2/3",
        "m=1/2/3,",
        ",m=1/2/3",
        "m=1,5/2/3",
        "m=1/2/3x",
        "m=1e3/2/3",
        "m=0x1/2/3",
        "m=1./2/3",
        "m=./2/3",
        "m=1.0000001/2/3",
        "m=10000.000001/2/3",
        "m=100000/2/3",
        "m=1/2/3;n=1/2/3",
        "m=1/2/3,m=1/2/3",
        "a b=1/2/3",
        "m= 1/2/3",
        " ",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(cc_prices_read(bad[i], &prices), CC_E_INVALID, "\"%s\"", bad[i]);
        cr_assert(strstr(cc_fail_text(), "CC_PRICES"), "\"%s\": %s", bad[i], cc_fail_text());
    }
}

Test(prices, of_a_model_are_its_own_or_those_of_the_star)
{
    cr_assert_eq(cc_prices_read("a:8b=1/2/3,*=4/5/6,org/b=7/8/9", &prices), 0);

    cr_expect_eq(cc_prices_find(&prices, "a:8b").output, 3000000);
    cr_expect_eq(cc_prices_find(&prices, "org/b").cached, 8000000);
    cr_expect_eq(cc_prices_find(&prices, "a").input, 4000000);
    cr_expect_eq(cc_prices_find(&prices, "").input, 4000000);

    cr_assert_eq(cc_prices_read("a=1/2/3", &prices), 0);
    cr_expect_eq(cc_prices_find(&prices, "b").output, 0, "without a star it costs nothing");
    cr_assert_eq(cc_prices_read("", &prices), 0);
    cr_expect_eq(cc_prices_find(&prices, "a").output, 0);
}

Test(prices, make_costs_that_are_rounded_up)
{
    static const struct {
        int64_t input, cached, output, cost;
    } table[] = {
        {0, 0, 0, 0},
        {1, 0, 0, 1},  /* 0.14 of a millionth */
        {7, 0, 0, 1},  /* 0.98 */
        {8, 0, 0, 2},  /* 1.12 */
        {50, 0, 0, 7}, /* exactly */
        {1000000, 0, 0, 140000},
        {1000000, 1000000, 0, 70000},
        {1000000, 500000, 1000000, 105000 + 560000},
        {10, 20, 0, 1}, /* no more cached ones than there are: 0.7 */
        {-5, -5, -5, 0},
        {INT64_MAX, 0, 0, 14000000}, /* no count */
    };
    struct cc_price price = {140000, 70000, 560000};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_assert_eq(
            cc_price_cost(price, table[i].input, table[i].cached, table[i].output), table[i].cost,
            "row %zu: %lld", i,
            (long long)cc_price_cost(price, table[i].input, table[i].cached, table[i].output));
}

Test(prices, never_make_more_tokens_cheaper)
{
    struct cc_price price = {(int64_t)CC_PRICE_MAX * 1000000, 333333, 77};
    int64_t before = 0;

    for (int64_t n = 0; n < CC_TOKENS_MAX; n = n * 3 + 1) {
        int64_t cost = cc_price_cost(price, n, n / 2, n);

        cr_assert_geq(cost, before);
        cr_assert_leq(cost, cc_price_bound(price, n, n), "the bound of what was cached");
        before = cost;
    }
    cr_assert_eq(cc_price_cost(price, CC_TOKENS_MAX, 0, 0), INT64_C(1000000000000));
    price = (struct cc_price){10, 30, 0};
    cr_assert_eq(cc_price_bound(price, 1000000, 0), 30, "where cached ones are dearer");
}
