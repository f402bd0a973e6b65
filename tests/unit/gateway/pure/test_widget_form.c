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

#define PRECHAT(fields) "{\"prechat\": {\"fields\": [" fields "]}}"
#define FIELD(more)     "{\"name\": \"a\", \"label\": \"A\"" more "}"
#define TEXT            ", \"type\": \"text\""

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
        "{\"font\": \"'Open Sans', Georgia, sans-serif\", \"size\": \"large\"}",
        "{\"font\": \"\", \"subtitle\": \"We answer at once\", \"upload\": false}",
        "{\"font\": \"Times New Roman,serif\", \"handoff\": true, \"size\": \"small\"}",
        PRECHAT("{\"name\": \"a\", \"label\": \"A\", \"type\": \"text\"}"),
        PRECHAT(
            "{\"name\": \"mail_2\", \"label\": \"E-mail\", \"type\": \"email\","
            " \"required\": true}, {\"name\": \"phone\", \"label\": \"Phone\", \"type\": \"tel\"}"),
        PRECHAT(
            "{\"name\": \"topic\", \"label\": \"Topic\", \"type\": \"select\","
            " \"options\": [\"Sales\", \"Support\"]}, {\"name\": \"terms\", \"label\": \"I agree\","
            " \"type\": \"checkbox\", \"required\": true}"),
        ("{\"prechat\": {\"title\": \"Hello\", \"text\": \"Who are you?\", \"fields\": ["
         "{\"name\": \"a\", \"label\": \"A\", \"type\": \"text\"}]}}"),
        "{\"prechat\": null}",
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
        {"{\"font\": \"Arial; color: red\"}", "font"},
        {"{\"font\": \"Arial}\"}", "font"},
        {"{\"font\": \"url(x)\"}", "font"},
        {"{\"font\": \"'Open Sans\"}", "font"},
        {"{\"font\": \"Arial,,serif\"}", "font"},
        {"{\"font\": \"Arial,\"}", "font"},
        {"{\"font\": \",\"}", "font"},
        {"{\"font\": \"''\"}", "font"},
        {"{\"font\": \"\\\"Arial\\\"\"}", "font"},
        {"{\"font\": \"/**/Arial\"}", "font"},
        {"{\"size\": \"huge\"}", "size"},
        {"{\"size\": 12}", "size"},
        {"{\"upload\": \"yes\"}", "upload"},
        {"{\"handoff\": 1}", "handoff"},
        {"{\"prechat\": true}", "prechat"},
        {"{\"prechat\": {}}", "prechat: fields"},
        {"{\"prechat\": {\"fields\": {}}}", "prechat: fields"},
        {"{\"prechat\": {\"fields\": [], \"title\": \"Hi\"}}", "prechat: fields"},
        {"{\"prechat\": {\"steps\": []}}", "prechat"},
        {PRECHAT("5"), "prechat: fields[0]"},
        {PRECHAT("{\"label\": \"A\"" TEXT "}"), "prechat: fields[0]: name"},
        {PRECHAT("{\"name\": \"a\"" TEXT "}"), "prechat: fields[0]: label"},
        {PRECHAT(FIELD("")), "prechat: fields[0]: type"},
        {PRECHAT(FIELD(", \"type\": \"file\"")), "prechat: fields[0]: type"},
        {PRECHAT(FIELD(TEXT ", \"required\": 1")), "prechat: fields[0]: required"},
        {PRECHAT(FIELD(TEXT ", \"pattern\": \".*\"")), "prechat: fields[0]: pattern"},
        {PRECHAT(FIELD(TEXT ", \"options\": [\"x\"]")), "prechat: fields[0]: options"},
        {PRECHAT(FIELD(", \"type\": \"select\"")), "prechat: fields[0]: options"},
        {PRECHAT(FIELD(", \"type\": \"select\", \"options\": []")), "prechat: fields[0]: options"},
        {PRECHAT("{\"name\": \"A\", \"label\": \"A\"" TEXT "}"), "prechat: fields[0]: name"},
        {PRECHAT("{\"name\": \"__proto__\", \"label\": \"A\"" TEXT "}"),
         "prechat: fields[0]: name"},
        {PRECHAT(FIELD(TEXT) ", " FIELD(TEXT)), "prechat: fields[1]: name"},
        {PRECHAT("1, 2, 3, 4, 5, 6, 7"), "prechat: fields"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(check(bad[i].text), CC_E_INVALID, "%s", bad[i].text);
        cr_expect(strstr(cc_fail_text(), bad[i].named), "%s: %s", bad[i].text, cc_fail_text());
    }
}
