/* Any bytes as a web page: blocks are clean, sections hang together, tables have rows. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    struct cc_extract doc;

    if (size <= 16384) {
        cc_extract_init(&doc, CC_FILE_HTML, mem);
        if (!cc_parse_html((const char *)data, size, &doc)) {
            const char *section = "";

            assert(cc_utf8_valid(doc.title, strlen(doc.title)) && !strchr(doc.title, '\n'));
            for (size_t i = 0; i < doc.n; i++) {
                const struct cc_block *b = &doc.blocks[i];

                assert(b->len && cc_utf8_valid(b->text, b->len));
                assert(b->kind == CC_BLOCK_HEADING || !strcmp(b->section, section));
                assert((b->kind == CC_BLOCK_HEADING) == (b->level > 0));
                assert(b->kind != CC_BLOCK_PAIR || memchr(b->text, '\n', b->len));
                section = b->section;
            }
        }
    }
    cc_arena_free(&mem);
    return 0;
}
