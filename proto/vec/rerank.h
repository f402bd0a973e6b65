/*
 * rerank.h - the scores in the answer of a reranking service.
 */
#ifndef CC_VEC_RERANK_H
#define CC_VEC_RERANK_H

#include <stddef.h>

#include "proto/base/arena.h"

/* out has room for n; NAN for texts that the answer says nothing of.  UPSTREAM when it makes no
 * sense; out is untouched then. */
int cc_rerank_read(const char *body, size_t len, int n, struct cc_arena *mem, double *out);

#endif
