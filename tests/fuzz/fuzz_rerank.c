/* Whatever a reranking service answers: a finite score or none for each text, or it is refused. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "proto/base/error.h"
#include "proto/vec/rerank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)16 << 20);
    int n = size > 0 ? 1 + data[0] % 8 : 1, some = 0;
    size_t skip = size > 0;
    char *body = cc_arena_dupn(mem, (const char *)data + skip, size - skip);
    double score[8];
    int rc = cc_rerank_read(body, size - skip, n, mem, score);

    if (rc != 0 && rc != CC_E_UPSTREAM)
        abort();
    for (int i = 0; rc == 0 && i < n; i++) {
        if (isinf(score[i]))
            abort();
        some += !isnan(score[i]);
    }
    if (rc == 0 && some == 0)
        abort();
    cc_arena_free(&mem);
    return 0;
}
