/* Any bytes as a sitemap, packed or not: refused, or URLs. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/web/sitemap.h"
#include "ingest/web/url.h"
#include "proto/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem;
    struct cc_sitemap map;

    if (size > 65536)
        return 0;
    mem = cc_arena_new(64 << 20);
    int rc = cc_sitemap_read((const char *)data, size, "https://x.example/s.xml", mem, &map);
    assert(rc == 0 || rc == CC_E_INVALID || rc == CC_E_TOOBIG);
    for (size_t i = 0; rc == 0 && i < map.n; i++)
        assert(strlen(map.url[i]) <= CC_URL_MAX && cc_url_target(map.url[i]));
    cc_arena_free(&mem);
    return 0;
}
