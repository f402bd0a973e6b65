/* Any text as CSV: rows are clean lines that count on, pairs have two lines. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/parse/csv.h"
#include "ingest/parse/parse.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(256 << 20);
    struct cc_extract doc;
    char delimiter;
    size_t from;

    cc_extract_init(&doc, CC_FILE_CSV, mem);
    if (size <= 8192 && cc_utf8_valid((const char *)data, size)) {
        if (cc_csv_sniff((const char *)data, size, &delimiter, &from))
            assert(strchr(",;\t|", delimiter) && from <= size);
        if (!cc_parse_csv((const char *)data, size, &doc))
            for (size_t i = 0; i < doc.n; i++) {
                const struct cc_block *b = &doc.blocks[i];

                assert(b->len && b->row > 0 && cc_utf8_valid(b->text, b->len));
                assert(b->kind == CC_BLOCK_ROW || b->kind == CC_BLOCK_PAIR);
                assert(b->kind == CC_BLOCK_PAIR || !memchr(b->text, '\n', b->len));
            }
    }
    cc_arena_free(&mem);
    return 0;
}
