#include <criterion/criterion.h>
#include <string.h>

#include "gateway/pure/form.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/store/source.h"

struct sheet {
    const char *title, *bot, *metadata;
    int64_t depth;
    double weight;
    int enabled;
    struct cc_texts tags;
    json_t *crawl;
    const char *side;
};
static const char *const sides[] = {"left", "right", NULL};
static const struct cc_form_field fields[] = {
    {"title", CC_FIELD_TEXT, offsetof(struct sheet, title), .min = 1, .max = 5},
    {"botId", CC_FIELD_ID, offsetof(struct sheet, bot), .prefix = "bot"},
    {"metadata", CC_FIELD_OBJECT, offsetof(struct sheet, metadata), .max = 20},
    {"depth", CC_FIELD_NUMBER, offsetof(struct sheet, depth), .min = 0, .max = 10},
    {"weight", CC_FIELD_REAL, offsetof(struct sheet, weight), .min = 0, .max = 2},
    {"enabled", CC_FIELD_SWITCH, offsetof(struct sheet, enabled), .max = 1},
    {"tags", CC_FIELD_TEXTS, offsetof(struct sheet, tags), .max = 3, .each = 4},
    {"crawl", CC_FIELD_JSON, offsetof(struct sheet, crawl), .max = 0},
    {"side", CC_FIELD_WORD, offsetof(struct sheet, side), .words = sides},
};
static struct cc_arena *mem;
static json_t *json;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    json_decref(json);
    json = NULL;
    cc_arena_free(&mem);
}

TestSuite(form, .init = begin, .fini = end);

static int read_text(const char *text, struct sheet *ret)
{
    json_decref(json);
    json = NULL;
    cr_assert_eq(cc_json_parse(text, strlen(text), &json), 0, "%s: %s", text, cc_fail_text());
    return CC_FORM_READ(json, fields, mem, ret);
}

Test(form, sets_what_is_there_and_leaves_the_rest)
{
    struct sheet s = {.depth = 7, .enabled = -1, .tags = {NULL, -1}};

    cr_assert_eq(
        read_text(
            "{\"title\": \" \xC3\xA9t\xC3\xA9\\n\", \"weight\": 1.5, \"metadata\": {\"a\": 1}, "
            "\"botId\": \"bot_0123456789abcdef0123456789abcdef\"}",
            &s),
        0, "%s", cc_fail_text());
    cr_expect_str_eq(s.title, "\xC3\xA9t\xC3\xA9");
    cr_expect_str_eq(s.bot, "bot_0123456789abcdef0123456789abcdef");
    cr_expect_str_eq(s.metadata, "{\"a\":1}");
    cr_expect_float_eq(s.weight, 1.5, 1e-9);
    cr_expect_eq(s.depth, 7);
    cr_expect_eq(s.enabled, -1);
    cr_expect_eq(s.tags.n, -1);
    cr_expect_null(s.crawl);
}

Test(form, reads_switches_numbers_lists_and_whatever_else)
{
    struct sheet s = {.enabled = -1};

    cr_assert_eq(read_text("{\"enabled\": false, \"depth\": 0, \"tags\": [\"a\", \" b \", \"a\"], "
                           "\"crawl\": true}",
                           &s),
                 0, "%s", cc_fail_text());
    cr_expect_eq(s.enabled, 0);
    cr_expect_eq(s.depth, 0);
    cr_expect_eq(s.tags.n, 2, "equal ones count once");
    cr_expect_str_eq(s.tags.at[1], "b");
    cr_expect(json_is_true(s.crawl));
}

Test(form, takes_null_for_absent_and_an_empty_list_for_none)
{
    struct sheet s = {.title = "x", .tags = {NULL, -1}};

    cr_assert_eq(read_text("{\"title\": null, \"tags\": []}", &s), 0);
    cr_expect_str_eq(s.title, "x");
    cr_expect_eq(s.tags.n, 0);
}

Test(form, names_the_member_that_is_wrong)
{
    static const char *const table[][2] = {
        {"{\"title\": \"\"}", "title"},
        {"{\"title\": \"  \"}", "title"},
        {"{\"title\": \"123456\"}", "title"},
        {"{\"title\": 5}", "title"},
        {"{\"title\": \"a\\u0001\"}", "title"},
        {"{\"title\": \"a\\u007f\"}", "title"},
        {"{\"botId\": \"bot_1\"}", "botId"},
        {"{\"botId\": \"doc_0123456789abcdef0123456789abcdef\"}", "botId"},
        {"{\"metadata\": []}", "metadata"},
        {"{\"metadata\": {\"a\": \"aaaaaaaaaaaaaaaaaaaa\"}}", "metadata"},
        {"{\"depth\": 1.5}", "depth"},
        {"{\"depth\": -1}", "depth"},
        {"{\"depth\": 11}", "depth"},
        {"{\"depth\": \"1\"}", "depth"},
        {"{\"weight\": 2.1}", "weight"},
        {"{\"weight\": \"2\"}", "weight"},
        {"{\"enabled\": 1}", "enabled"},
        {"{\"tags\": \"a\"}", "tags"},
        {"{\"tags\": [1]}", "tags"},
        {"{\"tags\": [\"\"]}", "tags"},
        {"{\"tags\": [\"12345\"]}", "tags"},
        {"{\"tags\": [\"a\", \"b\", \"c\", \"d\"]}", "tags"},
        {"{\"titel\": \"x\"}", "titel"},
        {"[]", "object"},
        {"5", "object"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sheet s = {0};

        cr_expect_eq(read_text(table[i][0], &s), CC_E_INVALID, "%s", table[i][0]);
        cr_expect_not_null(strstr(cc_fail_text(), table[i][1]), "%s: %s", table[i][0],
                           cc_fail_text());
    }
}

Test(form, names_the_member_that_is_missing)
{
    static const struct cc_form_field wanted[] = {
        {"question", CC_FIELD_TEXT, offsetof(struct sheet, title), .min = 1, .max = 9,
         .wanted = true},
    };
    struct sheet s = {0};

    json = json_object();
    cr_expect_eq(CC_FORM_READ(json, wanted, mem, &s), CC_E_INVALID);
    cr_expect_str_eq(cc_fail_text(), "question: is missing");
    json_object_set_new(json, "question", json_null());
    cr_expect_eq(CC_FORM_READ(json, wanted, mem, &s), CC_E_INVALID);
}

Test(form, takes_a_word_of_its_list_alone)
{
    struct sheet s = {.side = "right"};

    cr_assert_eq(read_text("{\"side\": null}", &s), 0);
    cr_expect_str_eq(s.side, "right");
    cr_assert_eq(read_text("{\"side\": \"left\"}", &s), 0);
    cr_expect_str_eq(s.side, "left");
    cr_expect_eq(read_text("{\"side\": \"lef\"}", &s), CC_E_INVALID);
    cr_expect(strstr(cc_fail_text(), "side"), "%s", cc_fail_text());
    cr_expect_eq(read_text("{\"side\": 1}", &s), CC_E_INVALID);
}
