/* proto/vec/question.h */
#include <criterion/criterion.h>

#include "proto/base/error.h"
#include "proto/vec/question.h"

static struct cc_arena *mem;

static void setup(void)
{
    mem = cc_arena_new(1 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(question, .init = setup, .fini = teardown);

Test(question, is_the_same_however_it_is_typed)
{
    static const struct {
        const char *typed, *normal;
    } rows[] = {
        {"What is it?", "what is it"},
        {"  what \t IS\n it ?! ", "what is it"},
        {"\xc2\xbfQu\xc3\xa9 HORA es?", "qu\xc3\xa9 hora es"},
        {"GR\xc3\x96SSE in M\xc3\x9cNCHEN", "gr\xc3\xb6sse in m\xc3\xbcnchen"},
        {"Stra\xc3\x9f"
         "e",
         "strasse"},
        {"\xef\xbc\xb7hat\xef\xbc\x9f", "what"}, /* full width */
        {"Is C# 3.5 out?", "is c# 3.5 out"},
        {"a\xc2\xa0 b", "a b"}, /* no-break space */
        {"?!", ""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = NULL;

        cr_assert_eq(cc_question_normal(rows[i].typed, mem, &got), 0);
        cr_expect_str_eq(got, rows[i].normal, "row %zu: %s", i, got);
    }
}

Test(question, keeps_what_makes_another_one_of_it)
{
    const char *a, *b;

    cr_assert_eq(cc_question_normal("Is it 5?", mem, &a), 0);
    cr_assert_eq(cc_question_normal("Is it -5?", mem, &b), 0);
    cr_expect_str_neq(a, b);
}

Test(question, that_is_no_utf_8_is_refused)
{
    const char *out = "as before";

    cr_expect_eq(cc_question_normal("a\xff", mem, &out), CC_E_INVALID);
    cr_expect_str_eq(out, "as before");
}
