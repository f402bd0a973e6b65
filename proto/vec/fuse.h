/*
 * fuse.h - two ranked lists of chunks become one: reciprocal rank fusion.
 *
 * Cormack, Clarke, Büttcher: Reciprocal Rank Fusion outperforms Condorcet (SIGIR 2009).  Their
 * constant is 60; with 10 what only one list found can still come out near the top.
 */
#ifndef CC_VEC_FUSE_H
#define CC_VEC_FUSE_H

#include "proto/store/chunk.h"

struct cc_ranked {
    const struct cc_chunk_hit *hit;
    int n;
    double weight;
};
struct cc_fused {
    int64_t chunk;
    double lexical, vector, score;
    int part; /* whose vector it was, from 1; 0: not said */
};

/* All chunks of both lists, best first; of equals the one with the lower row id. */
int cc_fuse(const struct cc_ranked *lexical, const struct cc_ranked *vector, struct cc_arena *mem,
            struct cc_fused **ret);

#endif
