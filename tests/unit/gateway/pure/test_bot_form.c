#include <criterion/criterion.h>
#include <string.h>

#include "gateway/pure/bot_form.h"
#include "proto/base/error.h"
#include "proto/base/json.h"

static struct cc_arena *mem;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
}

TestSuite(bot_form, .init = begin, .fini = end);

static int read_text(const char *text, struct cc_bot *bot)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;

    cr_assert_eq(cc_json_parse(text, strlen(text), &json), 0, "%s", text);
    return cc_bot_form_read(json, mem, bot);
}

static void lay(const char *text, struct cc_bot *bot)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;

    cr_assert_eq(cc_json_parse(text, strlen(text), &json), 0, "%s", text);
    cc_bot_form_lay(json, mem, bot);
}

#define ALL                                                                                        \
    "{\"name\":\"Help\",\"provider\":\"openai\",\"model\":\"m\",\"prompt\":\"Be kind.\","          \
    "\"temperature\":0.5,\"maxTokens\":800,\"topK\":3,\"threshold\":0.25,\"refusal\":\"No.\","     \
    "\"retrieval\":{\"rerank\":true},\"chunking\":{\"tokens\":200},\"widget\":{\"greeting\":"      \
    "\"Hi\"},\"allowedOrigins\":[\"https://a.example\"],\"serverUse\":true,"                       \
    "\"identity\":\"required\",\"limits\":{\"dailyTokens\":5}}"

static char *printed(const struct cc_bot *bot)
{
    CC_AUTO(json_decref)
    json_t *json = cc_bot_form_json(bot);

    return cc_json_dup(json, mem);
}

Test(bot_form, gives_back_what_it_was_told)
{
    struct cc_bot bot = cc_bot_fresh, again = cc_bot_fresh;

    cr_assert_eq(read_text(ALL, &bot), 0, "%s", cc_fail_text());
    cr_expect_str_eq(printed(&bot), ALL);
    cr_expect(bot.server_use);
    cr_expect_eq(bot.max_tokens, 800);
    cr_expect_str_eq(bot.origins, "[\"https://a.example\"]");

    lay(printed(&bot), &again);
    cr_expect_str_eq(printed(&again), ALL);
}

Test(bot_form, leaves_alone_what_is_absent)
{
    struct cc_bot bot = cc_bot_fresh;

    cr_assert_eq(read_text(ALL, &bot), 0);
    cr_assert_eq(read_text("{\"serverUse\": false, \"model\": null}", &bot), 0);

    cr_expect_not(bot.server_use);
    cr_expect_str_eq(bot.model, "m");
    cr_expect_str_eq(bot.name, "Help");
    cr_expect_eq(bot.temperature, 0.5);
    cr_expect_str_eq(bot.origins, "[\"https://a.example\"]");
}

Test(bot_form, knows_the_models_own_temperature_as_null)
{
    struct cc_bot bot = cc_bot_fresh, again = {.temperature = 1};

    cr_assert_eq(read_text(ALL, &bot), 0);
    cr_assert_eq(read_text("{\"temperature\": null}", &bot), 0);
    cr_expect_lt(bot.temperature, 0);
    cr_expect(strstr(printed(&bot), "\"temperature\":null"));

    lay("{\"temperature\": null}", &again);
    cr_expect_lt(again.temperature, 0);
}

Test(bot_form, writes_origins_in_one_way)
{
    struct cc_bot bot = cc_bot_fresh;

    cr_assert_eq(
        read_text("{\"allowedOrigins\": [\"HTTPS://A.Example:443\", \"http://b.example:80\","
                  " \"https://*.b\xC3\xBC"
                  "cher.example:8443\"]}",
                  &bot),
        0, "%s", cc_fail_text());
    cr_expect_str_eq(bot.origins, "[\"https://a.example\",\"http://b.example\","
                                  "\"https://*.xn--bcher-kva.example:8443\"]");
    cr_assert_eq(read_text("{\"allowedOrigins\": [\"*\"]}", &bot), 0);
    cr_expect_str_eq(bot.origins, "[\"*\"]");
    cr_assert_eq(read_text("{\"allowedOrigins\": []}", &bot), 0);
    cr_expect_str_eq(bot.origins, "[]");
}

Test(bot_form, names_what_is_wrong_and_changes_nothing)
{
    static const struct {
        const char *text, *named;
    } bad[] = {
        {"{\"id\": \"bot_x\"}", "id"},
        {"{\"name\": \"\"}", "name"},
        {"{\"name\": 5}", "name"},
        {"{\"provider\": \"skynet\"}", "provider"},
        {"{\"temperature\": 2.5}", "temperature"},
        {"{\"temperature\": -1}", "temperature"},
        {"{\"maxTokens\": 0}", "maxTokens"},
        {"{\"maxTokens\": 1.5}", "maxTokens"},
        {"{\"topK\": 51}", "topK"},
        {"{\"threshold\": 1.1}", "threshold"},
        {"{\"retrieval\": []}", "retrieval"},
        {"{\"chunking\": \"\"}", "chunking"},
        {"{\"widget\": []}", "widget"},
        {"{\"widget\": {\"color\": \"red\"}}", "color"},
        {"{\"limits\": {\"dailyTokens\": -1}}", "dailyTokens"},
        {"{\"limits\": {\"weekly\": 1}}", "weekly"},
        {"{\"identity\": \"maybe\"}", "identity"},
        {"{\"serverUse\": \"yes\"}", "serverUse"},
        {"{\"allowedOrigins\": \"*\"}", "allowedOrigins"},
        {"{\"allowedOrigins\": [\"*\", \"https://a.example\"]}", "allowedOrigins"},
        {"{\"allowedOrigins\": [\"https://a.example\", \"https://b.example/path\"]}",
         "https://b.example/path"},
        {"{\"allowedOrigins\": [\"null\"]}", "null"},
        {"{\"allowedOrigins\": [\"ftp://a.example\"]}", "ftp://a.example"},
        {"{\"allowedOrigins\": [\"https://*.com\"]}", "https://*.com"},
        {"{\"allowedOrigins\": [\"https://a.*.example\"]}", "https://a.*.example"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cc_bot bot = cc_bot_fresh;

        cr_expect_eq(read_text(bad[i].text, &bot), CC_E_INVALID, "%s", bad[i].text);
        cr_expect(strstr(cc_fail_text(), bad[i].named), "%s: %s", bad[i].text, cc_fail_text());
        cr_expect_eq(memcmp(&bot, &cc_bot_fresh, sizeof bot), 0, "%s", bad[i].text);
    }
}
