#include <criterion/criterion.h>

#include "proto/base/clean.h"

static int cleaned;

static void give_back(int *handle)
{
    cleaned += *handle;
}

static void free_ours(int **handle)
{
    if (*handle)
        cleaned += **handle;
    *handle = NULL;
}

CC_CLEANER(int *, give_back)

Test(handle, cleans_itself_up_at_the_end_of_its_block)
{
    int one = 1, ten = 10;

    {
        CC_AUTO(give_back)
        int *a = &one;
        CC_AUTOP(free_ours) int *b = &ten;

        cr_assert_eq(cleaned, 0);
        (void)a;
        (void)b;
    }
    cr_assert_eq(cleaned, 11);
}

Test(handle, is_left_alone_when_NULL_or_taken)
{
    int one = 1;
    int *kept;

    {
        CC_AUTO(give_back)
        int *none = NULL;
        CC_AUTO(give_back)
        int *taken = &one;

        (void)none;
        kept = CC_TAKE(taken);
        cr_assert_null(taken);
    }
    cr_assert_eq(kept, &one);
    cr_assert_eq(cleaned, 0);
}
