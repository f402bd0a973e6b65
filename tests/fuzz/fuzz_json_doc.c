/* Any text as a JSON document: refused, or clean blocks. */
#include <assert.h>
#include <stdint.h>

#include "ingest/parse/json_doc.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(256 << 20);
    struct cc_extract doc;
    int rc;

    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    if (size <= 8192 && cc_utf8_valid((const char *)data, size)) {
        rc = cc_parse_json((const char *)data, size, &doc);
        assert(rc != CC_E_TYPE || !doc.n);
        for (size_t i = 0; i < doc.n; i++)
            assert(doc.blocks[i].len && cc_utf8_valid(doc.blocks[i].text, doc.blocks[i].len));
    }
    cc_arena_free(&mem);
    return 0;
}
