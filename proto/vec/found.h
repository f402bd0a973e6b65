/*
 * found.h - from row ids to what a reader is shown: the passages, their order by a reranker, the
 * words around the match.  The last steps of cc_search, in this order; only for proto/vec.
 */
#ifndef CC_VEC_FOUND_H
#define CC_VEC_FOUND_H

#include "proto/vec/fuse.h"
#include "proto/vec/search.h"

struct cc_finding {
    const struct cc_search *search;
    const struct cc_search_query *query;
    const char *text;             /* of the question, trimmed */
    struct cc_embedder *embedder; /* of the vectors that were searched; may be NULL */
    struct cc_arena *mem;
    const struct cc_fused *fused; /* the best n are wanted */
    int n;
    struct cc_search_result *result;
};
int cc_find_passages(struct cc_finding *finding); /* Waits. */
/* Waits.  A service that fails leaves the order as it was. */
int cc_find_rerank(struct cc_finding *finding);
int cc_find_words(struct cc_finding *finding); /* snippet and best sentence of each */

#endif
