/* Whatever a service answers: all numbers are finite and as many as are said, or it is refused. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/vec/embed.h"
#include "proto/vec/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)64 << 20);
    struct cc_embed_reply reply;
    size_t n = size > 0 ? 1 + data[0] % 4 : 1;
    char *body = cc_arena_dupn(mem, (const char *)data + (size > 0), size - (size > 0));
    int rc = cc_embed_reply_read(body, size - (size > 0), n, mem, &reply);

    if (rc != 0 && rc != CC_E_UPSTREAM)
        abort();
    if (rc == 0 && (reply.dim < 1 || reply.dim > CC_EMBED_DIM_MAX))
        abort();
    for (size_t i = 0; rc == 0 && i < n * reply.dim; i++)
        if (!isfinite(reply.v[i]))
            abort();
    cc_arena_free(&mem);
    return 0;
}
