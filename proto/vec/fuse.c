#include "proto/vec/fuse.h"

#include <stdlib.h>

#define RANK_CONSTANT 10.0

static int by_chunk(const void *a, const void *b)
{
    const struct cc_fused *x = a, *y = b;

    return (x->chunk > y->chunk) - (x->chunk < y->chunk);
}

static int by_score(const void *a, const void *b)
{
    const struct cc_fused *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return by_chunk(a, b);
}

static double share(const struct cc_ranked *list, int at)
{
    return list->weight / (RANK_CONSTANT + at + 1);
}

/* The two entries of a chunk that both lists have become one. */
static int merge(struct cc_fused *fused, int n)
{
    int out = 0;

    for (int i = 0; i < n; i++) {
        if (out > 0 && fused[out - 1].chunk == fused[i].chunk) {
            fused[out - 1].lexical += fused[i].lexical;
            fused[out - 1].vector += fused[i].vector;
            fused[out - 1].score += fused[i].score;
            fused[out - 1].part += fused[i].part;
        } else {
            fused[out++] = fused[i];
        }
    }
    return out;
}

int cc_fuse(const struct cc_ranked *lexical, const struct cc_ranked *vector, struct cc_arena *mem,
            struct cc_fused **ret)
{
    size_t all = (size_t)lexical->n + (size_t)vector->n;
    struct cc_fused *fused = cc_arena_array(mem, all + 1, sizeof *fused);
    int n = 0;

    for (int i = 0; i < lexical->n; i++)
        fused[n++] = (struct cc_fused){.chunk = lexical->hit[i].chunk,
                                       .lexical = lexical->hit[i].score,
                                       .score = share(lexical, i)};
    for (int i = 0; i < vector->n; i++)
        fused[n++] = (struct cc_fused){.chunk = vector->hit[i].chunk,
                                       .vector = vector->hit[i].score,
                                       .part = vector->hit[i].part,
                                       .score = share(vector, i)};
    qsort(fused, (size_t)n, sizeof *fused, by_chunk);
    n = merge(fused, n);
    qsort(fused, (size_t)n, sizeof *fused, by_score);
    *ret = fused;
    return n;
}
