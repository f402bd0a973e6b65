/* Array parameters, vectors on the wire, connection strings, the list of migrations. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/store/chunk_inside.h"
#include "proto/store/migrate.h"
#include "proto/store/pg_inside.h"
#include "proto/store/schema_files.h"

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

Test(vector, is_read_as_it_was_written_and_has_length_one)
{
    static const struct cc_vector_store stores[] = {{"exact", false, 17}, {"pgvector", true, 99}};
    static const float v[] = {3, 0, -4};
    char bytes[16];
    float got[3];

    for (int i = 0; i < 2; i++) {
        size_t len = cc_vector_bytes(&stores[i], 3);
        cc_vector_write(&stores[i], v, 3, bytes);
        cr_assert(cc_vector_read(&stores[i], bytes, len, 3, got));
        cr_assert_float_eq(got[0], 0.6f, 1e-6);
        cr_assert_float_eq(got[2], -0.8f, 1e-6);
        cr_assert_not(cc_vector_read(&stores[i], bytes, len - 4, 3, got), "cut");
    }
}

Test(vector, array_has_the_head_that_postgresql_wants)
{
    static const struct cc_vector_store store = {"pgvector", true, 0x01020304};
    static const float v[] = {1, 0};
    struct cc_arena *mem = cc_arena_new(1 << 16);
    struct cc_vector_array array;
    uint32_t head[6];

    cc_vector_array_begin(&array, &store, 1, 2, mem);
    cc_vector_array_add(&array, &store, v);
    memcpy(head, array.bytes, sizeof head);

    cr_assert_eq(array.len, array.room);
    cr_assert_eq(ntohl(head[0]), 1, "one dimension");
    cr_assert_eq(ntohl(head[1]), 0, "no NULL");
    cr_assert_eq(ntohl(head[2]), 0x01020304, "the type");
    cr_assert_eq(ntohl(head[3]), 1, "elements");
    cr_assert_eq(ntohl(head[4]), 1, "first index");
    cr_assert_eq(ntohl(head[5]), 4 + 2 * 4, "bytes of the first");
    cr_assert_arr_eq(array.bytes + 24, "\0\2\0\0\x3f\x80\0\0\0\0\0\0", 12);
    cc_arena_free(&mem);
}

Test(conninfo, keeps_socket_folders_and_gives_numbers_for_the_rest)
{
    static const struct {
        const char *from, *has, *has_not;
    } table[] = {
        {"host=/run/x user=u", "host='/run/x'", "hostaddr"},
        {"host=127.0.0.1 user=u", "hostaddr='127.0.0.1'", "hostaddr='/"},
        {"host=::1", "hostaddr='::1'", "hostaddr='/"},
        {"postgresql://u:p%20w@127.0.0.1:5433/d", "port='5433'", "port='5432'"},
        {"host=/x password='a\\'b'", "password='a\\'b'", "hostaddr"},
        {"host=x hostaddr=10.0.0.1", "hostaddr='10.0.0.1'", "hostaddr='x"},
        {"host=/x options='-c jit=off'", "options='-c jit=off'", "statement_timeout"},
    };
    char *got;

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cr_assert_eq(cc_pg_resolve(table[i].from, &got), 0, "%s: %s", table[i].from,
                     cc_fail_text());
        cr_assert(strstr(got, table[i].has), "%s gives %s", table[i].from, got);
        cr_assert_not(strstr(got, table[i].has_not), "%s gives %s", table[i].from, got);
        free(got);
    }
    cr_assert_eq(cc_pg_resolve("host=localhost user=u", &got), 0);
    cr_assert(strstr(got, "hostaddr='127.0.0.1'") || strstr(got, "hostaddr='::1'"), "%s", got);
    free(got);
}

Test(conninfo, that_is_too_long_is_refused)
{
    static char text[8000] = "host=/x password=";
    char *got;

    memset(text + strlen(text), 'x', sizeof text - strlen(text) - 1);
    cr_assert_eq(cc_pg_resolve(text, &got), CC_E_TOOBIG);
}

Test(migrations, are_numbered_without_a_gap)
{
    int n = 0;

    for (const struct cc_schema_file *f = cc_schema_files; f->sql; f++) {
        cr_assert_eq(f->number, ++n, "%s", f->name);
        cr_assert_gt(strlen(f->sql), 100);
    }
    cr_assert_eq(cc_schema_newest(), n);
}
