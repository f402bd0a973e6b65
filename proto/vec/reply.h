/*
 * reply.h - the numbers in an embedding service's answer, OpenAI's
 *
 *     {"data": [{"index": 0, "embedding": "base64 of little-endian floats" or [numbers]}, ...]}
 *
 * or Ollama's {"embeddings": [[numbers], ...]}.  Scanned without building a tree (a tree
 * costs more time than reading the PDF did); what the scan does not follow goes through jansson.
 */
#ifndef CC_VEC_REPLY_H
#define CC_VEC_REPLY_H

#include <stddef.h>

#include "proto/base/arena.h"

struct cc_embed_reply {
    float *v; /* n x dim, as they came: not normalised */
    size_t dim;
};

/*
 * body is NUL-terminated.  UPSTREAM when it does not hold exactly n vectors of one dimension
 * (1 to CC_EMBED_DIM_MAX) of finite numbers.
 */
int cc_embed_reply_read(const char *body, size_t len, size_t n, struct cc_arena *mem,
                        struct cc_embed_reply *ret);

#endif
