#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/store/limits.h"

#define NONE (-1)

Test(limits, are_read_at_the_edges_and_refused_beyond_them)
{
    static const struct {
        const char *text, *words; /* words NULL: valid */
        struct cc_limits want;
    } table[] = {
        {NULL, NULL, {NONE, NONE, NONE}},
        {"", NULL, {NONE, NONE, NONE}},
        {"{}", NULL, {NONE, NONE, NONE}},
        {" {} ", NULL, {NONE, NONE, NONE}},
        {"{\"dailySpend\":null,\"dailyTokens\":null,\"requestsPerMinute\":null}",
         NULL,
         {NONE, NONE, NONE}},
        {"{\"requestsPerMinute\":1}", NULL, {1, NONE, NONE}},
        {"{\"requestsPerMinute\":1000000}", NULL, {1000000, NONE, NONE}},
        {"{\"requestsPerMinute\":0}", "requestsPerMinute: 1 to 1000000", {0}},
        {"{\"requestsPerMinute\":1000001}", "requestsPerMinute: 1 to 1000000", {0}},
        {"{\"requestsPerMinute\":1.0}", "requestsPerMinute: 1 to 1000000", {0}},
        {"{\"requestsPerMinute\":\"5\"}", "requestsPerMinute: 1 to 1000000", {0}},
        {"{\"dailyTokens\":0}", NULL, {NONE, 0, NONE}},
        {"{\"dailyTokens\":1000000000000}", NULL, {NONE, 1000000000000, NONE}},
        {"{\"dailyTokens\":-1}", "dailyTokens: 0 to 1000000000000", {0}},
        {"{\"dailyTokens\":1000000000001}", "dailyTokens: 0 to 1000000000000", {0}},
        {"{\"dailyTokens\":true}", "dailyTokens: 0 to 1000000000000", {0}},
        {"{\"dailySpend\":0}", NULL, {NONE, NONE, 0}},
        {"{\"dailySpend\":0.1}", NULL, {NONE, NONE, 100000}},
        {"{\"dailySpend\":0.000001}", NULL, {NONE, NONE, 1}},
        {"{\"dailySpend\":1.5}", NULL, {NONE, NONE, 1500000}},
        {"{\"dailySpend\":4.35}", NULL, {NONE, NONE, 4350000}},
        {"{\"dailySpend\":999999999.999999}", NULL, {NONE, NONE, 999999999999999}},
        {"{\"dailySpend\":1000000000}", NULL, {NONE, NONE, 1000000000000000}},
        {"{\"dailySpend\":0.0000001}",
         "dailySpend: 0 to 1000000000, at most 6 decimal places",
         {0}},
        {"{\"dailySpend\":1000000000.5}",
         "dailySpend: 0 to 1000000000, at most 6 decimal places",
         {0}},
        {"{\"dailySpend\":-0.01}", "dailySpend: 0 to 1000000000, at most 6 decimal places", {0}},
        {"{\"dailySpend\":1e300}", "dailySpend: 0 to 1000000000, at most 6 decimal places", {0}},
        {"{\"dailySpend\":\"1\"}", "dailySpend: 0 to 1000000000, at most 6 decimal places", {0}},
        {"{\"dailyMoney\":1}", "dailyMoney: there is no such limit", {0}},
        {"[]", "limits: an object is wanted", {0}},
        {"7", "limits: an object is wanted", {0}},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct cc_limits got = {-7, -7, -7};
        int rc = cc_limits_read(table[i].text, &got);

        cr_assert_eq(rc, table[i].words ? CC_E_INVALID : 0, "row %zu", i);
        if (table[i].words) {
            cr_assert_str_eq(cc_fail_text(), table[i].words, "row %zu", i);
            cr_assert_eq(got.spend, -7, "row %zu changed something", i);
        } else {
            cr_assert_eq(memcmp(&got, &table[i].want, sizeof got), 0, "row %zu", i);
        }
    }
    cr_assert_eq(cc_limits_read("{", &(struct cc_limits){0}), CC_E_INVALID);
}

Test(limits, that_count_are_the_smallest_of_all)
{
    static const char *const texts[] = {
        "{\"requestsPerMinute\":50,\"dailySpend\":2}",
        "{\"dailySpend\":1.25,\"dailyTokens\":0}",
        "{\"requestsPerMinute\":60,\"dailyTokens\":10}",
        NULL,
    };
    struct cc_limits got;

    cr_assert_eq(cc_limits_least(texts, 4, &got), 0);

    cr_assert_eq(got.per_minute, 50);
    cr_assert_eq(got.tokens, 0);
    cr_assert_eq(got.spend, 1250000);
    cr_assert_eq(cc_limits_least(texts, 0, &got), 0);
    cr_assert_not(cc_limits_capped(&got));
    cr_assert_eq(cc_limits_least((const char *[]){"{\"x\":1}"}, 1, &got), CC_E_REPLY);
}

Test(limits, and_amounts_survive_being_written_as_json)
{
    static const int64_t amounts[] = {0,       1,       999999,          1000000,
                                      1000001, 4350000, 999999999999999, 1000000000000000};

    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        CC_AUTO(json_decref)
        json_t *object = NULL;
        struct cc_limits in = {NONE, NONE, amounts[i]}, out;
        struct cc_arena *mem = cc_arena_new(4096);

        object = cc_limits_json(&in);
        cr_assert_eq(cc_limits_read(cc_json_dup(object, mem), &out), 0);
        cr_assert_eq(out.spend, amounts[i]);
        cr_assert_eq(out.tokens, NONE);
        cc_arena_free(&mem);
    }
}
