/* proto/vec/tuning.h */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/vec/tuning.h"

static struct cc_arena *mem;

static void setup(void)
{
    mem = cc_arena_new(1 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(tuning, .init = setup, .fini = teardown);

Test(tuning, of_nothing_is_the_default)
{
    static const char *const empty[] = {"", "{}", " { } ", NULL};

    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        struct cc_tuning t;

        memset(&t, 0xee, sizeof t);
        cr_assert_eq(cc_tuning_read(empty[i], mem, &t), 0);
        cr_expect_lt(t.by_words, 0);
        cr_expect_lt(t.by_meaning, 0);
        cr_expect_not(t.rerank);
        cr_expect_eq(t.filter.tags_n + t.filter.documents_n, 0);
        cr_expect_null(t.filter.metadata);
        cr_expect_eq(t.pin_threshold, CC_PIN_THRESHOLD);
    }
}

Test(tuning, takes_every_member)
{
    struct cc_tuning t;

    cr_assert_eq(cc_tuning_read("{\"weightWords\":2,\"weightMeaning\":0.5,\"rerank\":true,"
                                "\"tags\":[\"faq\",\"a b\"],\"documentIds\":[\"doc_1\"],"
                                "\"metadata\":{\"lang\":\"en\",\"n\":[1]},\"pinThreshold\":1.5}",
                                mem, &t),
                 0, "%s", cc_fail_text());

    cr_expect_eq(t.by_words, 2);
    cr_expect_eq(t.by_meaning, 0.5);
    cr_expect(t.rerank);
    cr_assert_eq(t.filter.tags_n, 2);
    cr_expect_str_eq(t.filter.tags[0], "faq");
    cr_expect_str_eq(t.filter.tags[1], "a b");
    cr_assert_eq(t.filter.documents_n, 1);
    cr_expect_str_eq(t.filter.documents[0], "doc_1");
    cr_expect_str_eq(t.filter.metadata, "{\"lang\":\"en\",\"n\":[1]}");
    cr_expect_eq(t.pin_threshold, 1.5);
}

Test(tuning, leaves_out_an_empty_filter)
{
    struct cc_tuning t;

    cr_assert_eq(cc_tuning_read("{\"tags\":[],\"metadata\":{}}", mem, &t), 0);
    cr_expect_eq(t.filter.tags_n, 0);
    cr_expect_str_eq(t.filter.metadata, "");
}

Test(tuning, names_the_member_that_is_wrong_and_changes_nothing)
{
    static const struct {
        const char *json, *names;
    } rows[] = {
        {"{\"weightWords\":-1}", "weightWords"},
        {"{\"weightWords\":\"1\"}", "weightWords"},
        {"{\"weightMeaning\":101}", "weightMeaning"},
        {"{\"rerank\":1}", "rerank"},
        {"{\"tags\":\"faq\"}", "tags"},
        {"{\"tags\":[1]}", "tags"},
        {"{\"tags\":[\"\"]}", "tags"},
        {"{\"documentIds\":{}}", "documentIds"},
        {"{\"metadata\":[]}", "metadata"},
        {"{\"metadata\":{\"a\":\"\\u0000\"}}", ""},
        {"{\"pinThreshold\":3}", "pinThreshold"},
        {"{\"colour\":3}", "colour"},
        {"[]", ""},
        {"{", ""},
        {"1", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cc_tuning t = {.by_words = 42};

        cr_expect_eq(cc_tuning_read(rows[i].json, mem, &t), CC_E_INVALID, "row %zu", i);
        cr_expect_not_null(strstr(cc_fail_text(), rows[i].names), "row %zu: %s", i, cc_fail_text());
        cr_expect_eq(t.by_words, 42);
    }
}

Test(tuning, has_caps)
{
    struct cc_tuning t;
    char *tags = cc_arena_printf(mem, "{\"tags\":[\"0\"");

    for (int i = 1; i < 51; i++)
        tags = cc_arena_printf(mem, "%s,\"%d\"", tags, i);
    cr_expect_eq(cc_tuning_read(cc_arena_printf(mem, "%s]}", tags), mem, &t), CC_E_INVALID);
    cr_expect_eq(cc_tuning_read(cc_arena_printf(mem, "{\"tags\":[\"%0201d\"]}", 0), mem, &t),
                 CC_E_INVALID);
    cr_expect_eq(
        cc_tuning_read(cc_arena_printf(mem, "{\"metadata\":{\"a\":\"%05000d\"}}", 0), mem, &t),
        CC_E_INVALID);
}

Test(chunking, is_laid_over_what_was_there)
{
    struct cc_chunking c = CC_CHUNKING;

    cr_assert_eq(cc_chunking_read("", &c), 0);
    cr_assert_eq(cc_chunking_read("{\"overlap\":20}", &c), 0);
    cr_assert_eq(cc_chunking_read("{\"tokens\":200,\"mode\":\"pairs\"}", &c), 0);

    cr_expect_eq(c.tokens, 200);
    cr_expect_eq(c.overlap, 20);
    cr_expect_eq(c.mode, CC_CHUNKING_PAIRS);
}

Test(chunking, of_small_passages_overlaps_less)
{
    struct cc_chunking c = CC_CHUNKING;

    cr_assert_eq(cc_chunking_read("{\"tokens\":64}", &c), 0, "%s", cc_fail_text());
    cr_expect_lt(2 * c.overlap, 64);
}

Test(chunking, names_the_member_that_is_wrong)
{
    static const struct {
        const char *json, *names;
    } rows[] = {
        {"{\"tokens\":31}", "tokens"},
        {"{\"tokens\":2001}", "tokens"},
        {"{\"tokens\":64.5}", "tokens"},
        {"{\"overlap\":-1}", "overlap"},
        {"{\"overlap\":250}", "overlap"},
        {"{\"tokens\":100,\"overlap\":50}", "overlap"},
        {"{\"tokens\":101,\"overlap\":50}", "overlap"},
        {"{\"mode\":\"rows\"}", "mode"},
        {"{\"mode\":1}", "mode"},
        {"{\"size\":1}", "size"},
        {"[]", ""},
        {"{\"tokens\":100,\"tokens\":50}", ""},
        {"x", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_eq(cc_chunking_check(rows[i].json), CC_E_INVALID, "row %zu", i);
        cr_expect_not_null(strstr(cc_fail_text(), rows[i].names), "row %zu: %s", i, cc_fail_text());
    }
    cr_expect_eq(cc_chunking_check("{\"tokens\":2000,\"overlap\":999,\"mode\":\"text\"}"), 0);
}
