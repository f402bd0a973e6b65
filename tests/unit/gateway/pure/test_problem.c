#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/problem.h"
#include "proto/base/error.h"

Test(problem, says_everything_a_client_decides_by)
{
    json_t *problem = cc_problem(CC_E_RATE, "more than 30 a minute", "req_1");

    cr_expect_str_eq(cc_json_str(problem, "type", ""), "urn:chatconnect:error:rate_limited");
    cr_expect_str_eq(cc_json_str(problem, "title", ""), "Too many requests");
    cr_expect_eq(cc_json_int(problem, "status", 0), 429);
    cr_expect_str_eq(cc_json_str(problem, "detail", ""), "more than 30 a minute");
    cr_expect_str_eq(cc_json_str(problem, "code", ""), "rate_limited");
    cr_expect(cc_json_bool(problem, "retryable", false));
    cr_expect_str_eq(cc_json_str(problem, "traceId", ""), "req_1");
    json_decref(problem);
}

Test(problem, has_a_detail_for_every_code)
{
    for (int i = 1; i < CC_EI_COUNT; i++) {
        json_t *problem = cc_problem(-i, NULL, "req_1");

        cr_expect_gt(strlen(cc_json_str(problem, "detail", "")), 0, "%d", i);
        cr_expect_geq(cc_json_int(problem, "status", 0), 400, "%d", i);
        json_decref(problem);
    }
}

Test(problem, keeps_words_about_our_own_insides)
{
    cr_expect(cc_problem_tells(CC_E_INVALID));
    cr_expect(cc_problem_tells(CC_E_MESSAGE));
    cr_expect_not(cc_problem_tells(CC_E_DOWN));
    cr_expect_not(cc_problem_tells(CC_E_REPLY));
    cr_expect_not(cc_problem_tells(CC_E_INTERNAL));
    cr_expect_not(cc_problem_tells(CC_E_NOTFOUND));
}
