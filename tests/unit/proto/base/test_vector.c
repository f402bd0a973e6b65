#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "proto/base/vector.h"

/* Small whole numbers: every order of adding them gives the same float. */
static float number(size_t i)
{
    return (float)((i * 7919) % 17) - 8;
}

static void fill(float *v, size_t n, size_t seed)
{
    for (size_t i = 0; i < n; i++)
        v[i] = number(i + seed);
}

Test(vector, dot_is_the_sum_of_products_for_every_length)
{
    float a[100], b[100];

    fill(a, 100, 1);
    fill(b, 100, 50);
    for (size_t n = 0; n <= 100; n++) {
        float want = 0;

        for (size_t i = 0; i < n; i++)
            want += a[i] * b[i];
        cr_expect_eq(cc_vector_dot(a, b, n), want, "length %zu", n);
    }
}

Test(vector, normalized_has_length_one)
{
    float v[] = {3, 0, 4}, zero[] = {0, 0};

    cc_vector_normalize(v, 3);
    cc_vector_normalize(zero, 2);

    cr_expect_float_eq(v[0], 0.6f, 1e-6f);
    cr_expect_float_eq(v[2], 0.8f, 1e-6f);
    cr_expect_eq(zero[0], 0);
}

static void expect_product(size_t m, size_t k, size_t n)
{
    float *a = malloc(m * k * sizeof *a), *b = malloc(k * n * sizeof *b);
    float *bias = malloc(n * sizeof *bias), *out = malloc(m * n * sizeof *out);

    fill(a, m * k, 3);
    fill(b, k * n, 5);
    fill(bias, n, 7);
    cc_vector_multiply(&(struct cc_vector_product){a, b, bias, out, m, k, n});
    for (size_t i = 0; i < m * n; i++) {
        float want = bias[i % n];

        for (size_t j = 0; j < k; j++)
            want += a[i / n * k + j] * b[j * n + i % n];
        cr_expect_eq(out[i], want, "%zu x %zu x %zu at %zu", m, k, n, i);
    }
    free(a), free(b), free(bias), free(out);
}

Test(vector, product_is_right_for_rows_that_fill_no_tile)
{
    for (size_t m = 1; m <= 9; m++)
        expect_product(m, 33, 48);
}

Test(vector, top_keeps_the_best_and_of_equals_the_first)
{
    struct cc_vector_hit hit[3];
    struct cc_vector_top top = {.hit = hit, .cap = 3};
    static const float score[] = {1, 5, 3, 5, 2, 4, -1};
    static const size_t want[] = {1, 3, 5};

    for (size_t i = 0; i < sizeof score / sizeof *score; i++)
        cc_vector_offer(&top, score[i], i);

    cr_assert_eq(top.n, 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(hit[i].row, want[i]);
}

Test(vector, top_never_keeps_what_is_no_number)
{
    struct cc_vector_hit hit[1];
    struct cc_vector_top top = {.hit = hit, .cap = 1};

    cc_vector_offer(&top, 1, 0);
    cc_vector_offer(&top, NAN, 1);

    cr_expect_eq(hit[0].row, 0);
}

Test(vector, scan_finds_what_a_plain_loop_finds)
{
    enum { ROWS = 1000, DIM = 40 };
    float *rows = malloc(ROWS * DIM * sizeof *rows), query[DIM];
    struct cc_vector_hit hit[5], plain_hit[5];
    struct cc_vector_top top = {.hit = hit, .cap = 5}, plain = {.hit = plain_hit, .cap = 5};

    for (size_t i = 0; i < ROWS * DIM; i++)
        rows[i] = sinf((float)i);
    fill(query, DIM, 2);
    cc_vector_scan(rows, ROWS, query, DIM, 100, &top);
    for (size_t row = 0; row < ROWS; row++)
        cc_vector_offer(&plain, cc_vector_dot(rows + row * DIM, query, DIM), 100 + row);

    cr_assert_eq(top.n, 5);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(hit[i].row, plain_hit[i].row);
    free(rows);
}
