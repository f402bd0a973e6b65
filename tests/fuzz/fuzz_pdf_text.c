/* Any text as what pdftotext wrote: blocks are clean, pages count up. */
#include <assert.h>
#include <stdint.h>

#include "ingest/parse/parse.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    struct cc_extract doc;

    if (size <= 8192) {
        cc_extract_init(&doc, CC_FILE_PDF, mem);
        if (!cc_parse_pdf_text((const char *)data, size, &doc)) {
            int page = 1;

            for (size_t i = 0; i < doc.n; i++) {
                const struct cc_block *b = &doc.blocks[i];

                assert(b->len && cc_utf8_valid(b->text, b->len));
                assert(b->page >= page && b->page <= doc.pages);
                page = b->page;
            }
        }
    }
    cc_arena_free(&mem);
    return 0;
}
