/* Whatever Qdrant answers: hits have numbers, names have letters, or it is refused. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "proto/base/error.h"
#include "proto/vec/points_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)64 << 20);
    struct cc_chunk_hit *hit;
    const char *const *name;
    int n, rc = cc_points_read_groups((const char *)data, size, mem, &hit, &n);

    if (rc != 0 && rc != CC_E_UPSTREAM)
        abort();
    for (int i = 0; !rc && i < n; i++)
        if (!isfinite(hit[i].score))
            abort();
    rc = cc_points_read_names((const char *)data, size, mem, &name, &n);
    if (rc != 0 && rc != CC_E_UPSTREAM)
        abort();
    for (int i = 0; !rc && i < n; i++)
        if (!*name[i])
            abort();
    struct cc_points_page page;

    rc = cc_points_read_page((const char *)data, size, 2, mem, &page);
    if (rc != 0 && rc != CC_E_UPSTREAM)
        abort();
    for (int i = 0; !rc && i < page.n; i++)
        if (page.part[i].part < 0 || page.part[i].part >= CC_POINTS_PARTS)
            abort();
    cc_arena_free(&mem);
    return 0;
}
