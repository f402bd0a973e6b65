/* Any bytes as the jailed child's answer: refused, or an extract within its caps. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/parse/frame.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    struct cc_extract doc;

    if (size <= 65536 && !cc_frame_decode((const char *)data, size, mem, &doc)) {
        assert(doc.n && doc.n <= CC_EXTRACT_BLOCKS && doc.pages <= CC_EXTRACT_PAGES);
        for (size_t i = 0; i < doc.n; i++)
            assert(cc_utf8_valid(doc.blocks[i].text, doc.blocks[i].len));
    }
    cc_arena_free(&mem);
    return 0;
}
