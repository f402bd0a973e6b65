/* Any robots.txt: it is read, and says something of every URL. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/web/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const targets[] = {"/", "/a", "/a/b.html?c=d", "/*$", "/%C3%BC"};
    struct cc_arena *mem;
    struct cc_robots robots;

    if (size > 65536)
        return 0;
    mem = cc_arena_new(16 << 20);
    cc_robots_read((const char *)data, size, "ChatConnect", mem, &robots);
    assert(robots.delay_ms >= 0 && robots.delay_ms <= 3600000);
    assert(robots.maps <= CC_ROBOTS_MAPS);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        bool allows = cc_robots_allows(&robots, targets[i]);
        assert(allows || robots.n > 0);
    }
    assert(cc_robots_allows(&robots, "/robots.txt"));
    cc_arena_free(&mem);
    return 0;
}
