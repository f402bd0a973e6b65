#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/target.h"

static struct cc_arena *mem;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
}

TestSuite(target, .init = begin, .fini = end);
TestSuite(query, .init = begin, .fini = end);

Test(target, decodes_escapes_once_and_refuses_what_is_no_text)
{
    static const struct {
        const char *in, *out;
    } table[] = {
        {"", ""},         {"abc", "abc"},         {"a%20b", "a b"}, {"a+b", "a+b"},
        {"%2525", "%25"}, {"%C3%A9", "\xC3\xA9"}, {"%", NULL},      {"%2", NULL},
        {"%zz", NULL},    {"a%00b", NULL},        {"a%0ab", NULL},  {"%7f", NULL},
        {"%C3", NULL},    {"%ff%fe", NULL},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char *out = cc_percent_decode(table[i].in, strlen(table[i].in), mem);

        if (table[i].out)
            cr_expect_str_eq(out, table[i].out, "%s", table[i].in);
        else
            cr_expect_null(out, "%s", table[i].in);
    }
}

Test(query, gives_the_first_value_of_exactly_that_name)
{
    const char *query = "a=1&ab=2&message=h%C3%A9llo+you%0Athere&empty=&flag&a=3&bad=%zz";

    cr_expect_str_eq(cc_query_get(query, "a", mem), "1");
    cr_expect_str_eq(cc_query_get(query, "ab", mem), "2");
    cr_expect_str_eq(cc_query_get(query, "message", mem), "h\xC3\xA9llo you\nthere");
    cr_expect_str_eq(cc_query_get(query, "empty", mem), "");
    cr_expect_str_eq(cc_query_get(query, "flag", mem), "");
    cr_expect_null(cc_query_get(query, "bad", mem));
    cr_expect_null(cc_query_get(query, "fl", mem));
    cr_expect_null(cc_query_get(query, "b", mem));
    cr_expect_null(cc_query_get("", "a", mem));
}

Test(query, names_the_first_parameter_that_is_malformed)
{
    static const struct {
        const char *query, *fault;
    } table[] = {
        {"", NULL},
        {"a", NULL},
        {"a=1&b=%C3%A9&c", NULL},
        {"a=1&b=%00", "b"},
        {"cursor=%zz&b=%00", "cursor"},
        {"%zz=1", NULL},
        {"%zz=%ff", ""},
        {"=%01", ""},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *fault = cc_query_fault(table[i].query, mem);

        if (table[i].fault)
            cr_expect_str_eq(fault, table[i].fault, "%s", table[i].query);
        else
            cr_expect_null(fault, "%s", table[i].query);
    }
}
