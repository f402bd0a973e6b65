#include "proto/wire/tag.h"

#include <stdio.h>

char *cc_tag_version(const void *loader, size_t len, char out[CC_TAG_VERSION])
{
    char sum[CC_SHA256_HEX];

    snprintf(out, CC_TAG_VERSION, "%.8s", cc_sha256_hex(loader, len, sum));
    return out;
}

char *cc_tag_integrity(const void *loader, size_t len, char out[CC_TAG_INTEGRITY])
{
    char sum[CC_SHA384_B64];

    snprintf(out, CC_TAG_INTEGRITY, "sha384-%s", cc_sha384_base64(loader, len, sum));
    return out;
}

const char *cc_tag_print(const struct cc_tag *of, struct cc_arena *mem)
{
    return cc_arena_printf(mem,
                           "<script async src=\"%s/widget.js?v=%s\" integrity=\"%s\""
                           " crossorigin=\"anonymous\" data-bot-id=\"%s\"></script>",
                           of->origin, of->version, of->integrity, of->bot);
}
