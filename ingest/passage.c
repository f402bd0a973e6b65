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

int cc_passage_embed(struct cc_embedder *embedder, const struct cc_part *part, size_t n, size_t dim,
                     float *out)
{
    const char *text[CC_EMBED_TEXTS_MAX];
    int rc = 0;

    for (size_t at = 0, some; at < n && !rc; at += some) {
        some = n - at < CC_EMBED_TEXTS_MAX ? n - at : CC_EMBED_TEXTS_MAX;
        for (size_t i = 0; i < some; i++)
            text[i] = part[at + i].text;
        rc = cc_embed(embedder, text, some, out + at * dim);
    }
    return rc;
}
