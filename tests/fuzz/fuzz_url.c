/* Any reference against any base: what comes out has one spelling, and keeps it. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const char *url, struct cc_arena *mem)
{
    const char *again, *target = cc_url_target(url);

    assert(strlen(url) <= CC_URL_MAX && target && *target == '/');
    for (const char *p = url; *p; p++)
        assert(*p > ' ' && *p <= '~' && *p != '#' && *p != '\\');
    assert(cc_url_resolve(NULL, url, strlen(url), mem, &again) == 0);
    assert(strcmp(again, url) == 0);
    assert(cc_url_resolve(url, "", 0, mem, &again) == 0 && strcmp(again, url) == 0);
    assert(cc_url_same_site(url, url) && cc_url_matches(url, "*"));
    assert(*cc_url_filename(url, mem) && strchr(cc_url_place(url, mem), ':'));
    assert(strncmp(url, cc_url_origin(url, mem), (size_t)(target - url)) == 0);
}

/* The first line is the base. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *line, *base = NULL, *url;
    struct cc_arena *mem;

    if (size > 8192)
        return 0;
    mem = cc_arena_new(1 << 20);
    line = size ? memchr(text, '\n', size) : NULL;
    if (line && cc_url_resolve(NULL, text, (size_t)(line - text), mem, &base))
        base = NULL;
    if (base)
        look_at(base, mem);
    if (line) {
        size -= (size_t)(line + 1 - text);
        text = line + 1;
    }
    if (cc_url_resolve(base, text, size, mem, &url) == 0)
        look_at(url, mem);
    cc_arena_free(&mem);
    return 0;
}
