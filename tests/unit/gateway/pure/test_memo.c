#include <criterion/criterion.h>

#include "gateway/pure/memo.h"

static void put(struct cc_memo *memo, const char *key, const char *value, int64_t until)
{
    struct cc_arena *mem = cc_arena_new(10000);

    cc_memo_put(memo, key, cc_arena_dup(mem, value), mem, until);
}

Test(memo, gives_back_what_was_put_until_its_time)
{
    struct cc_memo *memo = cc_memo_new(16);

    put(memo, "a", "one", 100);

    cr_expect_str_eq(cc_memo_get(memo, "a", 99), "one");
    cr_expect_null(cc_memo_get(memo, "a", 100));
    cr_expect_null(cc_memo_get(memo, "b", 0));
    cc_memo_free(&memo);
    cr_expect_null(memo);
}

Test(memo, keeps_the_newest_of_a_place)
{
    struct cc_memo *memo = cc_memo_new(1);

    put(memo, "a", "one", 100);
    put(memo, "b", "two", 100);

    cr_expect_null(cc_memo_get(memo, "a", 0));
    cr_expect_str_eq(cc_memo_get(memo, "b", 0), "two");
    cc_memo_free(&memo);
}

Test(memo, drops_only_the_key_it_is_told)
{
    struct cc_memo *memo = cc_memo_new(1);

    put(memo, "a", "one", 100);
    cc_memo_drop(memo, "b");
    cr_expect_str_eq(cc_memo_get(memo, "a", 0), "one");
    cc_memo_drop(memo, "a");
    cr_expect_null(cc_memo_get(memo, "a", 0));
    put(memo, "a", "two", 100);
    cc_memo_clear(memo);
    cr_expect_null(cc_memo_get(memo, "a", 0));
    cc_memo_free(&memo);
}
