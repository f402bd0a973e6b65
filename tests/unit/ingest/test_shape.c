#include <criterion/criterion.h>

#include "ingest/chunker.h"
#include "proto/base/error.h"

Test(shape, of_no_words_is_as_it_was)
{
    struct cc_shape shape = {300, 20, CC_SHAPE_PAIRS};

    cr_assert_eq(cc_shape_read("", &shape), 0);
    cr_assert_eq(cc_shape_read("{}", &shape), 0);

    cr_expect_eq(shape.tokens, 300);
    cr_expect_eq(shape.overlap, 20);
    cr_expect_eq(shape.mode, CC_SHAPE_PAIRS);
}

Test(shape, takes_what_is_there)
{
    struct cc_shape shape = CC_SHAPE;

    cr_assert_eq(cc_shape_read("{\"tokens\": 800, \"mode\": \"text\"}", &shape), 0);

    cr_expect_eq(shape.tokens, 800);
    cr_expect_eq(shape.overlap, 50);
    cr_expect_eq(shape.mode, CC_SHAPE_TEXT);
}

Test(shape, with_few_tokens_alone_gets_less_overlap)
{
    struct cc_shape shape = CC_SHAPE;

    cr_assert_eq(cc_shape_read("{\"tokens\": 60}", &shape), 0);

    cr_expect_eq(shape.tokens, 60);
    cr_expect_lt(shape.overlap, 30);
}

static const struct {
    const char *json, *member;
} bad[] = {
    {"[]", "object"},
    {"{\"tokens\": 31}", "tokens"},
    {"{\"tokens\": 2001}", "tokens"},
    {"{\"tokens\": \"500\"}", "tokens"},
    {"{\"tokens\": 500.5}", "tokens"},
    {"{\"overlap\": -1}", "overlap"},
    {"{\"tokens\": 100, \"overlap\": 50}", "overlap"},
    {"{\"overlap\": 250}", "overlap"},
    {"{\"mode\": \"lines\"}", "mode"},
    {"{\"mode\": 1}", "mode"},
    {"{\"size\": 100}", "size"},
    {"{\"tokens\": 100", ""},
};

Test(shape, that_cannot_be_is_refused_by_name_and_changes_nothing)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cc_shape shape = CC_SHAPE;

        cr_expect_eq(cc_shape_read(bad[i].json, &shape), CC_E_INVALID, "%s", bad[i].json);
        cr_expect(strstr(cc_fail_text(), bad[i].member), "%s: %s", bad[i].json, cc_fail_text());
        cr_expect_eq(shape.tokens, 500);
        cr_expect_eq(shape.overlap, 50);
    }
}
