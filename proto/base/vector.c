#include "proto/base/vector.h"

#include <assert.h>
#include <math.h>

#define LANES 8
#define BATCH 64 /* rows of a scan whose scores are looked at together */

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

void cc_vector_offer(struct cc_vector_top *top, float score, size_t row)
{
    size_t at;

    if (top->n == top->cap && (top->cap == 0 || !(score > top->hit[top->n - 1].score)))
        return;
    at = top->n < top->cap ? top->n++ : top->n - 1;
    for (; at > 0 && score > top->hit[at - 1].score; at--)
        top->hit[at] = top->hit[at - 1];
    top->hit[at] = (struct cc_vector_hit){score, row};
}

void cc_vector_scan(const float *rows, size_t n, const float *query, size_t dim, size_t first_row,
                    struct cc_vector_top *top)
{
    float score[BATCH];

    for (size_t done = 0; done < n; done += BATCH) {
        size_t some = n - done < BATCH ? n - done : BATCH;

        RUN(scan, rows + done * dim, some, query, dim, score);
        for (size_t i = 0; i < some; i++)
            cc_vector_offer(top, score[i], first_row + done + i);
    }
}
