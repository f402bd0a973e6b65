#include <criterion/criterion.h>
#include <string.h>

#include "gateway/pure/widget_form.h"
#include "proto/base/error.h"
#include "proto/base/json.h"

static int check(const char *text)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(1 << 20);
    CC_AUTO(json_decref)
    json_t *json = NULL;

    cr_assert_eq(cc_json_parse(text, strlen(text), &json), 0, "%s", text);
    return cc_widget_form_check(json, mem);
}

Test(widget_form, takes_what_the_widget_knows)
{
    static const char *const good[] = {
        "{}",
        "{\"greeting\": \"\"}",
        "{\"title\": \"Help\", \"greeting\": \"Hi!\\nHow are you?\", \"placeholder\": \"Ask\"}",
        "{\"starters\": [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\"]}",
        "{\"color\": \"#0f6b63\", \"colour\": \"#0F6B63\", \"theme\": \"dark\"}",
        "{\"colors\": {\"primary\": \"#000000\"}, \"colours\": {\"accent\": \"#ffffff\"}}",
        "{\"position\": \"bottom-left\", \"locale\": \"pt-BR\", \"launcher\": \"Chat\"}",
        "{\"locale\": \"zh-Hant-TW\"}",
        "{\"locale\": \"\", \"logo\": \"\", \"color\": \"\"}",
        "{\"logo\": \"https://x.example/a.png\", \"privacyUrl\": \"HTTPS://x.example/p?q#r\"}",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect_eq(check(good[i]), 0, "%s: %s", good[i], cc_fail_text());
}

Test(widget_form, names_the_member_that_it_refuses)
{
    static const struct {
        const char *text, *named;
    } bad[] = {
        {"{\"greetings\": \"Hi\"}", "greetings"},
        {"{\"greeting\": 5}", "greeting"},
        {"{\"greeting\": \"a\\u0007\"}", "greeting"},
        {"{\"starters\": [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\"]}", "starters"},
        {"{\"starters\": [\"\"]}", "starters"},
        {"{\"starters\": \"Why?\"}", "starters"},
        {"{\"color\": \"red\"}", "color"},
        {"{\"color\": \"#fff\"}", "color"},
        {"{\"color\": \"#ffffff;\"}", "color"},
        {"{\"colour\": \"#gggggg\"}", "colour"},
        {"{\"colors\": {\"primary\": \"url(x)\"}}", "primary"},
        {"{\"colors\": {\"third\": \"#000000\"}}", "third"},
        {"{\"colours\": []}", "widget"},
        {"{\"theme\": \"black\"}", "theme"},
        {"{\"position\": \"top\"}", "position"},
        {"{\"locale\": \"d3\"}", "locale"},
        {"{\"locale\": \"de_DE\"}", "locale"},
        {"{\"locale\": \"de-\"}", "locale"},
        {"{\"locale\": \"abcdefghi\"}", "locale"},
        {"{\"logo\": \"http://x.example/a.png\"}", "logo"},
        {"{\"logo\": \"javascript:alert(1)\"}", "logo"},
        {"{\"logo\": \"https:///a\"}", "logo"},
        {"{\"avatar\": \"data:image/png;base64,AA\"}", "avatar"},
        {"{\"privacyUrl\": \"https://a@b.example/\"}", "privacyUrl"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(check(bad[i].text), CC_E_INVALID, "%s", bad[i].text);
        cr_expect(strstr(cc_fail_text(), bad[i].named), "%s: %s", bad[i].text, cc_fail_text());
    }
}
