#include "proto/base/vector.h"

#include <assert.h>
#include <math.h>

#define LANES 8

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

#define AT(p)     (*(const lanes *)(const void *)(p))
#define AT_OUT(p) (*(lanes *)(void *)(p))

#define NAME(x) x##_any
#define CPU
#include "proto/base/vector_kernel.h"
#undef NAME
#undef CPU

#ifdef __x86_64__
#define NAME(x) x##_avx2
#define CPU     __attribute__((target("avx2,fma")))
#include "proto/base/vector_kernel.h"
#undef NAME
#undef CPU

/* Asked each time (two loads): threads of the pool need no moment at which it was decided. */
static int has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#define RUN(kernel, ...) (has_avx2() ? kernel##_avx2(__VA_ARGS__) : kernel##_any(__VA_ARGS__))
#else
#define RUN(kernel, ...) kernel##_any(__VA_ARGS__)
#endif

float cc_vector_dot(const float *a, const float *b, size_t dim)
{
    return RUN(dot, a, b, dim);
}

void cc_vector_normalize(float *v, size_t dim)
{
    float square = cc_vector_dot(v, v, dim);
    float scale;

    if (!(square > 1e-12f))
        return;
    scale = 1.0f / sqrtf(square);
    for (size_t i = 0; i < dim; i++)
        v[i] *= scale;
}

void cc_vector_multiply(const struct cc_vector_product *g)
{
    assert(g->n % (2 * LANES) == 0);
    RUN(multiply, g);
}
