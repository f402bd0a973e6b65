#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"

static char *printed(void (*print)(FILE *out))
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    print(out);
    fclose(out);
    return text;
}

Test(setting, has_its_default_before_anything_is_read)
{
    cr_assert_str_eq(cc_cfg(CC_CFG_LOG_LEVEL), "info");
    cr_assert_eq(cc_cfg_int(CC_CFG_GATEWAY_PORT), 8080);
    cr_assert(cc_cfg_bool(CC_CFG_METRICS_CLIENT_ID));
    cr_assert_str_eq(cc_cfg(CC_CFG_OPENAI_KEY), "");
}

Test(setting, comes_from_the_environment)
{
    setenv("CC_GATEWAY_PORT", "9000", 1);
    setenv("CC_TRUST_PROXY", "yes", 1);
    setenv("CC_LOG_LEVEL", "debug", 1);

    cr_assert_eq(cc_config_load(), 0);

    cr_assert_eq(cc_cfg_int(CC_CFG_GATEWAY_PORT), 9000);
    cr_assert(cc_cfg_bool(CC_CFG_TRUST_PROXY));
    cr_assert_str_eq(cc_cfg(CC_CFG_LOG_LEVEL), "debug");
}

Test(setting, may_be_set_to_nothing)
{
    setenv("CC_PG", "", 1);

    cr_assert_eq(cc_config_load(), 0);

    cr_assert_str_eq(cc_cfg(CC_CFG_PG), "");
}

Test(setting, is_refused_by_its_name_and_without_its_value)
{
    static const char *const cases[][2] = {
        {"CC_GATEWAY_PORT", "80a"},  {"CC_GATEWAY_PORT", ""},
        {"CC_GATEWAY_PORT", "-80"},  {"CC_WORKER_SLOTS", "4294967552"},
        {"CC_GATEWAY_PORT", "1.5"},  {"CC_GATEWAY_PORT", "99999999999999999999"},
        {"CC_TRUST_PROXY", "maybe"}, {"CC_PG", "host=a\nuser=b"},
        {"CC_OPENAI_KEY", "a\x7f"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setenv(cases[i][0], cases[i][1], 1);

        cr_assert_eq(cc_config_load(), CC_E_INVALID, "%s=%s", cases[i][0], cases[i][1]);

        cr_assert_not_null(strstr(cc_fail_text(), cases[i][0]));
        if (strlen(cases[i][1]) > 2)
            cr_assert_null(strstr(cc_fail_text(), cases[i][1]));
        unsetenv(cases[i][0]);
    }
}

Test(setting, takes_all_ways_to_say_yes_and_no)
{
    static const char *const yes[] = {"1", "true", "yes"}, *const no[] = {"0", "false", "no"};

    for (int i = 0; i < 3; i++) {
        cr_assert_eq(cc_config_set(CC_CFG_TRUST_PROXY, yes[i]), 0);
        cr_assert(cc_cfg_bool(CC_CFG_TRUST_PROXY));
        cr_assert_eq(cc_config_set(CC_CFG_TRUST_PROXY, no[i]), 0);
        cr_assert_not(cc_cfg_bool(CC_CFG_TRUST_PROXY));
    }
}

Test(setting, keeps_its_value_when_another_is_refused)
{
    cr_assert_eq(cc_config_set(CC_CFG_GATEWAY_PORT, "81"), 0);
    cr_assert_eq(cc_config_set(CC_CFG_GATEWAY_PORT, "x"), CC_E_INVALID);

    cr_assert_eq(cc_cfg_int(CC_CFG_GATEWAY_PORT), 81);
}

Test(settings, print_without_their_secrets)
{
    cc_config_set(CC_CFG_OPENAI_KEY, "sk-very-secret");
    cc_config_set(CC_CFG_GATEWAY_PORT, "8088");

    char *text = printed(cc_config_print);

    cr_assert_null(strstr(text, "very-secret"));
    cr_assert_not_null(strstr(text, "\nCC_OPENAI_KEY=*** # "));
    cr_assert_not_null(strstr(text, "\nCC_ANTHROPIC_KEY= # ")); /* one that is not set shows so */
    cr_assert_not_null(strstr(text, "\nCC_GATEWAY_PORT=8088 # "));
    free(text);
}

Test(settings, make_a_page_with_a_line_each)
{
    char *text = printed(cc_config_markdown);
    int rows = 0;

    for (const char *p = text; (p = strstr(p, "\n| `CC_")); p++)
        rows++;

    cr_assert_eq(rows, CC_CFG_COUNT);
    cr_assert_not_null(strstr(text, "| `CC_GATEWAY_PORT` | number | `8080` | "));
    free(text);
}
