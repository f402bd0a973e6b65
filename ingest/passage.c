#include "ingest/passage.h"

#include <string.h>

#include "proto/base/hash.h"

const char *cc_passage_text(const char *section, const char *text, struct cc_arena *mem)
{
    return *section ? cc_arena_printf(mem, "%s\n\n%s", section, text) : text;
}

const char *cc_passage_hash(const char *model, const char *text, struct cc_arena *mem)
{
    const char *all = cc_arena_printf(mem, "%s\n%s", model, text);

    return cc_sha256_hex(all, strlen(all), cc_arena_get(mem, CC_SHA256_HEX));
}
