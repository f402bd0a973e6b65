/*
 * top.h - the best hits so far, best first; of equals the one with the lower row id.
 *
 * Only for proto/store.
 */
#ifndef CC_STORE_TOP_H
#define CC_STORE_TOP_H

#include "proto/store/chunk.h"

struct cc_top {
    int max, n;
    struct cc_chunk_hit *hit; /* room for max */
};

static inline bool cc_top_before(const struct cc_chunk_hit *a, const struct cc_chunk_hit *b)
{
    return a->score > b->score || (a->score == b->score && a->chunk < b->chunk);
}

static inline void cc_top_add(struct cc_top *top, struct cc_chunk_hit hit)
{
    int at = top->n;

    if (top->n == top->max && (top->max == 0 || !cc_top_before(&hit, &top->hit[top->n - 1])))
        return;
    if (top->n < top->max)
        top->n++;
    else
        at--;
    for (; at > 0 && cc_top_before(&hit, &top->hit[at - 1]); at--)
        top->hit[at] = top->hit[at - 1];
    top->hit[at] = hit;
}

#endif
