#include <criterion/criterion.h>
#include <string.h>

#include "proto/seal/password.h"

Test(password, is_right_for_its_hash_alone)
{
    char one[CC_PASSWORD_HASH], two[CC_PASSWORD_HASH];

    cr_assert_eq(cc_password_hash("correct horse battery", one), 0);
    cr_assert_eq(cc_password_hash("correct horse battery", two), 0);

    cr_assert_neq(strcmp(one, two), 0, "salted");
    cr_assert(cc_password_right(one, "correct horse battery"));
    cr_assert_not(cc_password_right(one, "correct horse batterY"));
    cr_assert_not(cc_password_right(one, ""));
    cr_assert_not(cc_password_right("", "correct horse battery"));
    cr_assert_not(cc_password_right("$argon2id$v=19$m=19456,t=2,p=1$", "correct horse battery"));
}

Test(password, is_hashed_as_we_say_we_do)
{
    char hash[CC_PASSWORD_HASH];

    cr_assert_eq(cc_password_hash("correct horse battery", hash), 0);

    cr_assert_eq(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0, "%s", hash);
}

Test(password, mark_changes_with_the_password)
{
    char one[CC_PASSWORD_HASH], two[CC_PASSWORD_HASH], mark[17], other[17];

    cc_password_hash("correct horse battery", one);
    cc_password_hash("correct horse battery", two);

    cr_assert_eq(strlen(cc_password_mark(one, mark)), 16);
    cr_assert_neq(strcmp(mark, cc_password_mark(two, other)), 0);
    cr_assert_str_eq(mark, cc_password_mark(one, other));
}
