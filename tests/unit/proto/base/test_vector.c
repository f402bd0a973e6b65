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
