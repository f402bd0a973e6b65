/* Array parameters: proto/store/pg_rows.c. */
#include <criterion/criterion.h>

#include "proto/store/pg_run.h"

Test(array, of_texts_is_quoted_as_postgresql_reads_it)
{
    static const char *const texts[] = {"plain", "", "a\"b", "back\\slash", "NULL", "{x,y}"};
    struct cc_arena *mem = cc_arena_new(1 << 16);

    cr_assert_str_eq(cc_array_texts(mem, texts, 6),
                     "{\"plain\",\"\",\"a\\\"b\",\"back\\\\slash\",\"NULL\",\"{x,y}\"}");
    cr_assert_str_eq(cc_array_texts(mem, texts, 0), "{}");
    cc_arena_free(&mem);
}

Test(array, of_numbers_takes_all_of_them)
{
    static const int64_t ints[] = {INT64_MIN, 0, INT64_MAX};
    struct cc_arena *mem = cc_arena_new(1 << 16);

    cr_assert_str_eq(cc_array_ints(mem, ints, 3), "{-9223372036854775808,0,9223372036854775807}");
    cr_assert_str_eq(cc_array_ints(mem, ints, 0), "{}");
    cc_arena_free(&mem);
}
