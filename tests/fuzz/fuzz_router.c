/* Any path, query and origin: matches stay within the path, decoded text is text. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "gateway/pure/origin.h"
#include "gateway/pure/route.h"
#include "gateway/pure/target.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int handler(struct cc_rq *rq)
{
    return rq == NULL;
}

static const struct cc_route rows[] = {
    {CC_GET, "/a/b", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, handler, "literal"},
    {CC_GET, "/a/{one}", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, handler, "one"},
    {CC_GET, "/a/{one}/c/{two}", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, handler, "two"},
};

static void check_route(const char *path, struct cc_arena *mem)
{
    size_t len = strlen(path);
    struct cc_match match;

    if (!cc_route_find(rows, 3, CC_GET, path, &match))
        return;
    for (int i = 0; i < match.params.n; i++) {
        const char *text = cc_percent_decode(match.params.at[i].value, match.params.at[i].len, mem);

        assert(match.params.at[i].value >= path && match.params.at[i].len > 0);
        assert(match.params.at[i].value + match.params.at[i].len <= path + len);
        assert(!text || cc_utf8_valid(text, strlen(text)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    const char *text = cc_arena_dupn(mem, (const char *)data, size);
    const char *value = cc_query_get(text, "a", mem);

    check_route(text, mem);
    assert(!value || cc_utf8_valid(value, strlen(value)));
    if (cc_origin_allowed("[\"https://good.com\"]", text)) {
        assert(strncasecmp(text, "https://", 8) == 0);
        assert(cc_origin_same(text, "https://good.com"));
    }
    cc_arena_free(&mem);
    return 0;
}
