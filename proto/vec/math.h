/*
 * math.h - arithmetic on vectors in memory, written so that the compiler vectorises it.
 */
#ifndef CC_VEC_MATH_H
#define CC_VEC_MATH_H

#include <stddef.h>
#include <stdint.h>

float cc_vec_dot(const float *a, const float *b, size_t dim);

/* To length 1; a vector of length 0 stays. */
void cc_vec_normalize(float *v, size_t dim);

/* out (m x n) = a (m x k) * b (k x n), each row plus bias (n). n is a multiple of 16. */
struct cc_gemm {
    const float *a, *b, *bias;
    float *out;
    size_t m, k, n;
};
void cc_vec_gemm(const struct cc_gemm *g);

/* The best of many scores: filled row by row, kept sorted, best first. */
struct cc_hit {
    float score;
    size_t row;
};
struct cc_top {
    struct cc_hit *hit; /* room for cap */
    size_t n, cap;
};
void cc_top_offer(struct cc_top *top, float score, size_t row);

/*
 * Exact search: rows x dim numbers against one query; offers row first_row + i.
 * parts of one owner: use cc_top_offer yourself with the owner's best.
 */
void cc_vec_scan(const float *rows, size_t n, const float *query, size_t dim, size_t first_row,
                 struct cc_top *top);

#endif
