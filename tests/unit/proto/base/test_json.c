#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"

static json_t *parsed(const char *text)
{
    json_t *value = NULL;

    cr_assert_eq(cc_json_parse(text, strlen(text), &value), 0, "%s: %s", text, cc_fail_text());
    return value;
}

Test(json, gives_its_members_by_type)
{
    CC_AUTO(json_decref)
    json_t *o = parsed("{\"s\":\"x\",\"i\":7,\"r\":1.5,\"b\":true,\"n\":null}");

    cr_assert_str_eq(cc_json_str(o, "s", "-"), "x");
    cr_assert_eq(cc_json_int(o, "i", -1), 7);
    cr_assert(cc_json_bool(o, "b", false));
}

Test(json, gives_the_fallback_for_what_is_absent_or_of_another_type)
{
    CC_AUTO(json_decref)
    json_t *o = parsed("{\"s\":\"7\",\"i\":7,\"n\":null,\"r\":1.5}");

    cr_assert_str_eq(cc_json_str(o, "i", "-"), "-");
    cr_assert_null(cc_json_str(o, "none", NULL));
    cr_assert_eq(cc_json_int(o, "s", -1), -1);
    cr_assert_eq(cc_json_int(o, "r", -1), -1);
    cr_assert(cc_json_bool(o, "i", true));
    cr_assert_eq(cc_json_int(NULL, "s", -1), -1);
}

static void nest(char *to, int depth)
{
    memset(to, '[', (size_t)depth);
    memset(to + depth, ']', (size_t)depth);
    to[2 * depth] = '\0';
}

Test(json, is_refused_when_nested_too_deep)
{
    char text[2 * 2000 + 1];
    json_t *value = NULL;

    nest(text, CC_JSON_DEPTH);
    json_decref(parsed(text));

    for (int depth = CC_JSON_DEPTH + 1; depth <= 2000; depth += 656) {
        nest(text, depth);
        cr_assert_eq(cc_json_parse(text, strlen(text), &value), CC_E_INVALID);
        cr_assert_null(value);
    }
}

Test(json, may_have_any_number_of_brackets_in_a_string)
{
    json_decref(
        parsed("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[\"]"));
}

Test(json, is_refused_with_the_line_where_it_breaks)
{
    static const char *const wrong[] = {
        "",    "{",           "{\"a\":1,}", "{\"a\":1,\"a\":2}", "[1]x",
        "'a'", "\"\\u0000\"", "\"\xff\"",   "\"\xc0\xaf\"",      "nul",
        "01",
    };
    json_t *value = NULL;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cr_assert_eq(cc_json_parse(wrong[i], strlen(wrong[i]), &value), CC_E_INVALID, "%s",
                     wrong[i]);
        cr_assert_null(value);
    }
    cr_assert_eq(cc_json_parse("{\n\n\"a\" 1}", 10, &value), CC_E_INVALID);
    cr_assert_not_null(strstr(cc_fail_text(), "line 3"));
}

Test(json, comes_back_as_it_was_written)
{
    static const char text[] = "{\"a\":[1,-2.5,true,null,\"\xc3\xbc\\n\"],\"z\":{},\"b\":0.1}";
    struct cc_arena *mem = cc_arena_new(10000);
    struct cc_buf buf;
    CC_AUTO(json_decref)
    json_t *value = parsed(text);

    cc_buf_init(&buf, 1000);
    cc_json_print(value, &buf);

    cr_assert_str_eq(buf.bytes, text);
    cr_assert_str_eq(cc_json_dup(value, mem), text);
    cc_buf_done(&buf);
    cc_arena_free(&mem);
}

Test(json, marks_a_buffer_that_is_too_small)
{
    CC_AUTO(json_decref)
    json_t *value = parsed("[1,2,3,4,5,6,7,8,9]");
    struct cc_buf buf;

    cc_buf_init(&buf, 10);
    cc_json_print(value, &buf);

    cr_assert(cc_buf_over(&buf));
    cc_buf_done(&buf);
}
