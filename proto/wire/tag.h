/*
 * tag.h - the line that a page embeds a bot with.  Pure functions on bytes.
 *
 *     <script async src="https://HOST/widget.js?v=1a2b3c4d" integrity="sha384-..."
 *         crossorigin="anonymous" data-bot-id="bot_..."></script>
 *
 * A page keeps it for years.  So gateways serve those very bytes under that version for ever,
 * whatever is installed since (docs/decisions/0018).
 */
#ifndef CC_WIRE_TAG_H
#define CC_WIRE_TAG_H

#include "proto/base/arena.h"
#include "proto/base/hash.h"

#define CC_TAG_VERSION   9 /* 8 digits and a NUL */
#define CC_TAG_INTEGRITY (sizeof "sha384-" + CC_SHA384_B64)

char *cc_tag_version(const void *loader, size_t len, char out[CC_TAG_VERSION]);
char *cc_tag_integrity(const void *loader, size_t len, char out[CC_TAG_INTEGRITY]);

struct cc_tag {
    const char *origin; /* scheme, host and port at which visitors call us: no markup in it */
    const char *bot;    /* its id */
    const char *version, *integrity;
};
const char *cc_tag_print(const struct cc_tag *of, struct cc_arena *mem); /* one line */

#endif
