/*
 * vector.h - arithmetic on vectors of floats, for searching without an extension of the database
 * and for embeddings that are computed here.  Uses AVX2 where the processor has it.
 */
#ifndef CC_BASE_VECTOR_H
#define CC_BASE_VECTOR_H

#include <stddef.h>

float cc_vector_dot(const float *a, const float *b, size_t dim);

/* To length 1; one of length 0 stays. */
void cc_vector_normalize(float *v, size_t dim);

/* out (m x n) = a (m x k) * b (k x n), each row plus bias (n).  n is a multiple of 16. */
struct cc_vector_product {
    const float *a, *b, *bias;
    float *out;
    size_t m, k, n;
};
void cc_vector_multiply(const struct cc_vector_product *product);

/* The best of many: kept sorted, best first; of equals the first that came. */
struct cc_vector_hit {
    float score;
    size_t row;
};
struct cc_vector_top {
    struct cc_vector_hit *hit; /* room for cap */
    size_t n, cap;
};
void cc_vector_offer(struct cc_vector_top *top, float score, size_t row);

/*
 * Exact search: n rows of dim numbers against one query; row i is offered as first_row + i.
 * Where several rows belong to one thing, take cc_vector_dot and offer the thing's best.
 */
void cc_vector_scan(const float *rows, size_t n, const float *query, size_t dim, size_t first_row,
                    struct cc_vector_top *top);

#endif
