#include <criterion/criterion.h>
#include <string.h>

#include "gateway/pure/prechat.h"
#include "proto/base/error.h"
#include "proto/base/json.h"

#define WIDGET(fields) "{\"prechat\": {\"fields\": [" fields "]}}"
#define NAME           "{\"name\": \"name\", \"label\": \"N\", \"type\": \"text\", \"required\": true}"
#define MAIL           "{\"name\": \"mail\", \"label\": \"M\", \"type\": \"email\"}"
#define TOPIC                                                                                      \
    "{\"name\": \"topic\", \"label\": \"T\", \"type\": \"select\", \"options\": [\"A\", \"B\"]}"
#define TERMS "{\"name\": \"terms\", \"label\": \"OK\", \"type\": \"checkbox\", \"required\": true}"
#define ALL   WIDGET(NAME ", " MAIL ", " TOPIC ", " TERMS)

static struct cc_arena *mem;

static void setup(void)
{
    mem = cc_arena_new(1 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(prechat, .init = setup, .fini = teardown);

static int read(const char *widget, const char *values, const char **ret)
{
    CC_AUTO(json_decref)
    json_t *w = NULL, *v = NULL;

    cr_assert_eq(cc_json_parse(widget, strlen(widget), &w), 0, "%s", widget);
    cr_assert_eq(cc_json_parse(values, strlen(values), &v), 0, "%s", values);
    *ret = "";
    return cc_prechat_read(w, v, mem, ret);
}

Test(prechat, keeps_what_was_said_in_the_order_of_the_fields)
{
    static const struct {
        const char *values, *kept;
    } all[] = {
        {"{\"terms\": true, \"name\": \" Ada \"}", "{\"name\":\"Ada\",\"terms\":true}"},
        {"{\"topic\": \"B\", \"terms\": true, \"mail\": \"a@b.cd\", \"name\": \"Ada\"}",
         "{\"name\":\"Ada\",\"mail\":\"a@b.cd\",\"topic\":\"B\",\"terms\":true}"},
        {"{\"terms\": true, \"name\": \"Ada\", \"mail\": \"\", \"topic\": null}",
         "{\"name\":\"Ada\",\"terms\":true}"},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *kept;

        cr_expect_eq(read(ALL, all[i].values, &kept), 0, "%s: %s", all[i].values, cc_fail_text());
        cr_expect_str_eq(kept, all[i].kept);
    }
}

Test(prechat, names_the_value_that_it_refuses)
{
    static const struct {
        const char *values, *named;
    } bad[] = {
        {"{\"terms\": true}", "values.name: is missing"},
        {"{\"terms\": true, \"name\": null}", "values.name: is missing"},
        {"{\"terms\": true, \"name\": \"\\u00a0 \"}", "values.name: is missing"},
        {"{\"terms\": true, \"name\": 5}", "values.name: wants a text"},
        {"{\"terms\": true, \"name\": \"a\\nb\"}", "values.name: holds a control"},
        {"{\"terms\": true, \"name\": \"a\\u0001b\"}", "values.name: holds a control"},
        {"{\"terms\": true, \"name\": \"a\", \"mail\": \"a\"}", "values.mail: wants an address"},
        {"{\"terms\": true, \"name\": \"a\", \"topic\": \"C\"}", "values.topic: wants one of"},
        {"{\"terms\": true, \"name\": \"a\", \"topic\": true}", "values.topic: wants a text"},
        {"{\"terms\": \"true\", \"name\": \"a\"}", "values.terms: wants true or false"},
        {"{\"terms\": false, \"name\": \"a\"}", "values.terms: is wanted"},
        {"{\"name\": \"a\"}", "values.terms: is missing"},
        {"{\"terms\": true, \"name\": \"a\", \"x\": 1}", "values.x: there is no such field"},
        {"[]", "values: wants an object"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *kept;

        cr_expect_eq(read(ALL, bad[i].values, &kept), CC_E_INVALID, "%s", bad[i].values);
        cr_expect(strncmp(cc_fail_text(), bad[i].named, strlen(bad[i].named)) == 0, "%s: %s",
                  bad[i].values, cc_fail_text());
        cr_expect_str_empty(kept);
    }
}

Test(prechat, takes_three_hundred_characters_and_no_more)
{
    struct cc_buf text;
    const char *kept;

    cc_buf_init(&text, 4096);
    cc_buf_text(&text, "{\"terms\": true, \"name\": \"");
    for (int i = 0; i < CC_PRECHAT_MAX; i++)
        cc_buf_text(&text, "\xc3\xbc");
    size_t full = text.len;
    cc_buf_text(&text, "\"}");
    cr_expect_eq(read(ALL, text.bytes, &kept), 0, "%s", cc_fail_text());
    text.len = full;
    cc_buf_text(&text, "x\"}");
    cr_expect_eq(read(ALL, text.bytes, &kept), CC_E_INVALID);
    cc_buf_done(&text);
}

Test(prechat, of_a_bot_that_asks_for_nothing_is_refused)
{
    static const char *const none[] = {
        "{}",
        "[]",
        "{\"prechat\": null}",
        "{\"prechat\": {\"fields\": {}}}",
        "{\"prechat\": {\"fields\": [5, {}, {\"name\": \"\"}, {\"name\": 7}]}}",
    };

    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const char *kept;

        cr_expect_eq(read(none[i], "{}", &kept), CC_E_CONFLICT, "%s", none[i]);
    }
}

Test(prechat, takes_odd_fields_for_texts_and_the_first_of_two)
{
    const char *kept;

    cr_expect_eq(read(WIDGET("{\"name\": \"a\", \"type\": \"colour\"}, {\"name\": \"a\", \"type\":"
                             " \"checkbox\", \"required\": true}"),
                      "{\"a\": \"red\"}", &kept),
                 0, "%s", cc_fail_text());
    cr_expect_str_eq(kept, "{\"a\":\"red\"}");
    cr_expect_eq(read(WIDGET("{\"name\": \"a\", \"type\": \"select\"}"), "{\"a\": \"x\"}", &kept),
                 CC_E_INVALID, "no options, none of them");
}
