/* What a key is called is an agreement between processes of different versions. */
#include <criterion/criterion.h>

#include "proto/wire/names.h"

#define ANSWER "ans_0123456789abcdef0123456789abcdef"

Test(names, stay_what_they_were)
{
    char out[CC_NAME_MAX];

    cr_assert_str_eq(cc_name_dead(CC_STREAM_CHAT, out), "cc:work:chat:dead");
    cr_assert_str_eq(cc_name_idem("ten_1", "ses_2", "m-3", out), "cc:idem:ten_1:ses_2:m-3");
    cr_assert_str_eq(cc_name_asked("ten_1", ANSWER, out), "cc:asked:ten_1:" ANSWER);
    cr_assert_str_eq(cc_name_session("ten_1", "ses_2", out), "cc:session:ten_1:ses_2");
    cr_assert_str_eq(cc_name_answer(ANSWER, out), "cc:ans:" ANSWER);
    cr_assert_str_eq(cc_name_viewers(ANSWER, out), "cc:ans:" ANSWER ":viewers");
    cr_assert_str_eq(cc_name_cancel(ANSWER, out), "cc:ans:" ANSWER ":cancel");
    cr_assert_str_eq(cc_name_reply("host-17-99", 2, out), "cc:gw:host-17-99:2");
    cr_assert_str_eq(cc_name_gate("chat", "ten_1", "ses_2", out), "cc:gate:chat:ten_1:ses_2");
    cr_assert_str_eq(cc_name_cache("embed", "ten_1", "00ff", out), "cc:cache:embed:ten_1:00ff");
}

Test(names, write_into_the_callers_memory_and_return_it)
{
    char out[CC_NAME_MAX];

    cr_assert_eq(cc_name_answer(ANSWER, out), out);
}
