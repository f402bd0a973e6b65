#include <criterion/criterion.h>
#include <string.h>

#include "proto/bus/redis_run.h"

Test(cmd, holds_texts_bytes_and_numbers_in_order)
{
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "XADD");
    CC_CMD_TEXTS(&cmd, "key", "*");
    cc_cmd_bytes(&cmd, "a\0b", 3);
    cc_cmd_number(&cmd, INT64_MIN);
    cc_cmd_number(&cmd, 7);

    cr_assert_eq(cmd.argc, 6);
    cr_expect_str_eq(cmd.argv[0], "XADD");
    cr_expect_str_eq(cmd.argv[2], "*");
    cr_expect_eq(cmd.len[3], 3);
    cr_expect_str_eq(cmd.argv[4], "-9223372036854775808");
    cr_expect_str_eq(cmd.argv[5], "7");
    cr_expect_eq(cmd.len[5], 1);
}

Test(cmd, of_a_script_names_it_by_its_sha1)
{
    static struct cc_script script = {.lua = "return 1"};
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &script, 2);

    cr_expect_str_eq(cmd.argv[0], "EVALSHA");
    cr_expect_str_eq(cmd.argv[1], "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"); /* as Redis says */
    cr_expect_str_eq(cmd.argv[2], "2");
}

/* ---- replies ---- */
static redisReply error(char *text)
{
    return (redisReply){.type = REDIS_REPLY_ERROR, .str = text, .len = strlen(text)};
}

static const struct {
    char *text;
    int code;
} errors[] = {
    {"LOADING Redis is loading the dataset in memory", CC_E_DOWN},
    {"MISCONF Errors writing to the AOF file: No space left on device", CC_E_DOWN},
    {"READONLY You can't write against a read only replica.", CC_E_DOWN},
    {"OOM command not allowed when used memory > 'maxmemory'.", CC_E_BUSY},
    {"BUSY Redis is busy running a script.", CC_E_DOWN},
    {"BUSYGROUP Consumer Group name already exists", CC_E_REPLY},
    {"ERR syntax error", CC_E_REPLY},
};

Test(reply, of_a_server_that_cannot_serve_now_is_worth_another_try)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        redisReply r = error(errors[i].text);
        cr_expect_eq(cc_reply_check(&r), errors[i].code, "%s", errors[i].text);
        cr_expect(strstr(cc_fail_text(), errors[i].text));
    }
}

Test(reply, that_is_not_there_is_nil)
{
    redisReply one = {.type = REDIS_REPLY_INTEGER, .integer = 5}, *elements[] = {&one};
    redisReply array = {.type = REDIS_REPLY_ARRAY, .elements = 1, .element = elements};

    cr_expect_eq(cc_reply_number(cc_reply_at(&array, 0)), 5);
    cr_expect_eq(cc_reply_at(&array, 1)->type, REDIS_REPLY_NIL);
    cr_expect_eq(cc_reply_at(cc_reply_at(&array, 0), 0)->type, REDIS_REPLY_NIL, "no array");
    cr_expect_eq(cc_reply_number(cc_reply_at(&array, 1)), 0);
}

Test(reply, may_hold_a_number_as_text)
{
    redisReply digits = {.type = REDIS_REPLY_STRING, .str = "-12", .len = 3};
    redisReply words = {.type = REDIS_REPLY_STRING, .str = "12 apples", .len = 9};

    cr_expect_eq(cc_reply_number(&digits), -12);
    cr_expect_eq(cc_reply_number(&words), 0);
}
