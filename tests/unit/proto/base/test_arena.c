#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "proto/base/arena.h"

#define CAP (1 << 20)

static bool all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

Test(arena, gives_zeroed_memory_aligned_to_16)
{
    struct cc_arena *arena = cc_arena_new(CAP);

    for (size_t n = 0; n < 100; n++) {
        char *p = cc_arena_get(arena, n);

        cr_assert_eq((uintptr_t)p % 16, 0);
        cr_assert(all_zero(p, n));
        memset(p, 0xff, n);
    }
    cc_arena_free(&arena);
    cr_assert_null(arena);
}

Test(arena, gives_zeroed_memory_again_after_a_reset)
{
    struct cc_arena *arena = cc_arena_new(CAP);

    memset(cc_arena_get(arena, 5000), 0xff, 5000);
    memset(cc_arena_get(arena, 50000), 0xff, 50000); /* a second block */
    cc_arena_reset(arena);

    cr_assert_eq(cc_arena_used(arena), 0);
    cr_assert(all_zero(cc_arena_get(arena, 6000), 6000));
    cr_assert(all_zero(cc_arena_get(arena, 60000), 60000));
    cc_arena_free(&arena);
}

Test(arena, keeps_pieces_of_all_sizes_apart)
{
    struct cc_arena *arena = cc_arena_new(CAP);
    char *p[60];

    for (int i = 0; i < 60; i++) {
        p[i] = cc_arena_get(arena, (size_t)i * 100 + 1);
        memset(p[i], i, (size_t)i * 100 + 1);
    }

    for (int i = 0; i < 60; i++)
        for (int k = 0; k <= i * 100; k++)
            cr_assert_eq(p[i][k], i);
    cc_arena_free(&arena);
}

Test(arena, fills_its_cap_to_the_last_byte)
{
    struct cc_arena *arena = cc_arena_new(1000);

    cc_arena_get(arena, 999);
    cc_arena_get(arena, 1);

    cr_assert_eq(cc_arena_used(arena), 1000);
    cc_arena_free(&arena);
}

Test(arena, ends_the_process_beyond_its_cap, .signal = SIGABRT)
{
    struct cc_arena *arena = cc_arena_new(1000);

    cc_arena_get(arena, 1000);
    cc_arena_get(arena, 1);
}

Test(arena, ends_the_process_when_an_array_overflows, .signal = SIGABRT)
{
    struct cc_arena *arena = cc_arena_new(SIZE_MAX);

    cc_arena_array(arena, SIZE_MAX / 2, 3);
}

Test(arena, copies_text)
{
    struct cc_arena *arena = cc_arena_new(CAP);

    cr_assert_str_eq(cc_arena_dup(arena, "abc"), "abc");
    cr_assert_null(cc_arena_dup(arena, NULL));
    cr_assert_str_eq(cc_arena_dupn(arena, "abcdef", 3), "abc");
    cr_assert_str_eq(cc_arena_dupn(arena, NULL, 0), "");
    cr_assert_str_eq(cc_arena_printf(arena, "%s-%05d", "x", 42), "x-00042");
    cc_arena_free(&arena);
}

static char order[8];

static void note(void *p)
{
    order[strlen(order)] = *(const char *)p;
}

Test(arena, runs_what_was_deferred_last_first)
{
    struct cc_arena *arena = cc_arena_new(CAP);

    cc_arena_defer(arena, note, "a");
    cc_arena_defer(arena, note, "b");
    cc_arena_reset(arena);
    cr_assert_str_eq(order, "ba");

    cc_arena_defer(arena, note, "c");
    cc_arena_free(&arena);
    cr_assert_str_eq(order, "bac");
    cc_arena_free(&arena); /* NULL is fine */
}
