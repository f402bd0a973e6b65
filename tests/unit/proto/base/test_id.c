#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"

Test(id, has_its_prefix_and_32_digits)
{
    char id[CC_ID_MAX];

    cr_assert(cc_id_valid(cc_id_random("ses", id), "ses"), "%s", id);
    cr_assert_eq(strlen(id), 36);
    cr_assert(cc_id_valid(cc_id_sorted("doc", id), "doc"), "%s", id);
    cr_assert_eq(strlen(id), 36);
}

Test(id, is_never_the_same_twice)
{
    char a[CC_ID_MAX], b[CC_ID_MAX];

    for (int i = 0; i < 1000; i++) {
        cr_assert_str_neq(cc_id_random("ses", a), cc_id_random("ses", b));
        cr_assert_str_neq(cc_id_sorted("doc", a), cc_id_sorted("doc", b));
    }
}

Test(id, sorts_by_the_time_it_was_made)
{
    char before[CC_ID_MAX], after[CC_ID_MAX];
    int64_t start = cc_unix_ms();

    cc_id_sorted("doc", before);
    while (cc_unix_ms() <= start + 1)
        ;
    cc_id_sorted("doc", after);

    cr_assert_lt(strcmp(before, after), 0);
}

Test(id, that_sorts_is_a_UUID_of_version_7)
{
    char id[CC_ID_MAX], hex[13];

    for (int i = 0; i < 100; i++) {
        int64_t before = cc_unix_ms();
        cc_id_sorted("doc", id);
        int64_t after = cc_unix_ms();

        cr_assert_eq(id[4 + 12], '7');
        cr_assert(strchr("89ab", id[4 + 16]), "%s", id);
        memcpy(hex, id + 4, 12);
        hex[12] = '\0';
        int64_t ms = strtoll(hex, NULL, 16);
        cr_assert(ms >= before && ms <= after);
    }
}

Test(id, is_refused_when_anything_about_it_is_wrong)
{
    static const char *const wrong[] = {
        "",
        "ses",
        "ses_",
        "ses_0123456789abcdef0123456789abcde",
        "ses_0123456789abcdef0123456789abcdef0",
        "ses_0123456789abcdef0123456789abcdeg",
        "ses_0123456789ABCDEF0123456789abcdef",
        "doc_0123456789abcdef0123456789abcdef",
        "sesx0123456789abcdef0123456789abcdef",
        " ses_0123456789abcdef0123456789abcdef",
        "ses_0123456789abcdef0123456789abcdef ",
        "ses_01234567-9abcdef0123456789abcdef",
    };

    cr_assert(cc_id_valid("ses_0123456789abcdef0123456789abcdef", "ses"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_assert_not(cc_id_valid(wrong[i], "ses"), "%s", wrong[i]);
}

Test(random_bytes, fill_all_that_was_asked_for)
{
    uint8_t sum[300] = {0}, bytes[300];

    for (int round = 0; round < 20; round++) {
        cc_random(bytes, sizeof(bytes));
        for (size_t i = 0; i < sizeof(bytes); i++)
            sum[i] |= bytes[i];
    }
    for (size_t i = 0; i < sizeof(sum); i++)
        cr_assert_neq(sum[i], 0); /* chance of a false alarm: 300 / 2^160 */
}
