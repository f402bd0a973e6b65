/* Any page: its links are URLs, each once. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/web/links.h"
#include "ingest/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cc_links_page page = {(const char *)data, "https://x.example/a/b?c", size,
                                       "ChatConnect"};
    struct cc_arena *mem;
    struct cc_links links;

    if (size > 65536)
        return 0;
    mem = cc_arena_new(64 << 20);
    cc_links_read(&page, mem, &links);
    assert(links.n <= CC_LINKS_MAX && !(links.no_follow && links.n));
    for (size_t i = 0; i < links.n; i++) {
        assert(strlen(links.url[i]) <= CC_URL_MAX && cc_url_target(links.url[i]));
        for (size_t j = 0; j < i && i < 100; j++)
            assert(strcmp(links.url[i], links.url[j]) != 0);
    }
    cc_links_header(cc_arena_dupn(mem, (const char *)data, size), "ChatConnect", &links);
    cc_arena_free(&mem);
    return 0;
}
