/* Vectors as the database takes and gives them: proto/store/chunk_vector.c. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include "proto/store/chunk_inside.h"

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
