#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/actor.h"

Test(actor, is_nobody_at_first)
{
    cr_assert_str_eq(cc_actor_get(), "");
}

Test(actor, is_told_on_three_lines_without_controls)
{
    cc_actor_set("usr_1\n", "::1\r", "req\x01-2");

    cr_assert_str_eq(cc_actor_get(), "usr_1\n::1\nreq-2");
}

Test(actor, that_is_too_long_is_cut)
{
    char who[1000];

    memset(who, 'x', sizeof who - 1);
    who[sizeof who - 1] = '\0';
    cc_actor_set(who, who, who);

    cr_assert_lt(strlen(cc_actor_get()), CC_ACTOR_TEXT);
    cr_assert_eq(strcspn(cc_actor_get(), "\n"), CC_ACTOR_TEXT - 3, "the other two are empty");
}

Test(actor, is_the_same_in_another_process)
{
    char line[CC_ACTOR_TEXT];

    cc_actor_set("key_1", "192.0.2.7", "req-3");
    memccpy(line, cc_actor_get(), '\0', sizeof line);
    cc_actor_put("");
    cr_assert_str_eq(cc_actor_get(), "");
    cc_actor_put(line);

    cr_assert_str_eq(cc_actor_get(), "key_1\n192.0.2.7\nreq-3");
}
