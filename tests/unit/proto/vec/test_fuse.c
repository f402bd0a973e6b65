#include <criterion/criterion.h>

#include "proto/vec/fuse.h"

static struct cc_arena *mem;

static void open_arena(void)
{
    mem = cc_arena_new(65536);
}

static void close_arena(void)
{
    cc_arena_free(&mem);
}

TestSuite(fusion, .init = open_arena, .fini = close_arena);

Test(fusion, of_nothing_is_nothing)
{
    struct cc_ranked none = {.weight = 1};
    struct cc_fused *fused;

    cr_expect_eq(cc_fuse(&none, &none, mem, &fused), 0);
}

Test(fusion, puts_what_both_found_before_what_one_found)
{
    struct cc_chunk_hit words[] = {{7, 12.5, 0}, {3, 11.0, 0}},
                        meaning[] = {{9, 0.8, 2}, {3, 0.7, 5}};
    struct cc_ranked lexical = {words, 2, 1}, vector = {meaning, 2, 1};
    struct cc_fused *fused;

    cr_assert_eq(cc_fuse(&lexical, &vector, mem, &fused), 3);

    cr_expect_eq(fused[0].chunk, 3);
    cr_expect_eq(fused[0].lexical, 11.0);
    cr_expect_eq(fused[0].vector, 0.7);
    cr_expect_float_eq(fused[0].score, 2.0 / 12, 1e-12);
    cr_expect_eq(fused[1].chunk, 7); /* equal to 9: the lower id */
    cr_expect_eq(fused[1].vector, 0);
    cr_expect_eq(fused[2].chunk, 9);
    cr_expect_eq(fused[2].lexical, 0);
}

Test(fusion, obeys_the_weights)
{
    struct cc_chunk_hit words[] = {{1, 5, 0}}, meaning[] = {{2, 0.9, 1}};
    struct cc_ranked lexical = {words, 1, 1}, vector = {meaning, 1, 1.1};
    struct cc_fused *fused;

    cr_assert_eq(cc_fuse(&lexical, &vector, mem, &fused), 2);
    cr_expect_eq(fused[0].chunk, 2);
}

Test(fusion, lets_the_best_by_meaning_alone_come_near_the_top)
{
    struct cc_chunk_hit words[50], meaning[] = {{1000, 0.9, 1}};
    struct cc_ranked lexical = {words, 50, 1}, vector = {meaning, 1, 0.7};
    struct cc_fused *fused;
    int rank = 0;

    for (int i = 0; i < 50; i++)
        words[i] = (struct cc_chunk_hit){i + 1, 50 - i, 0};
    cr_assert_eq(cc_fuse(&lexical, &vector, mem, &fused), 51);
    while (fused[rank].chunk != 1000)
        rank++;
    cr_expect_lt(rank, 6);
}
