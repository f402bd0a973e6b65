/*
 * vector.h - arithmetic on vectors of floats, for embeddings that are computed here.  Uses AVX2
 * where the processor has it.
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

#endif
