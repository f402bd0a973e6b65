/* Any bytes: type, charset, cleaning and the readers of text hold what their headers say. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/parse/frame.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct cc_extract *doc)
{
    for (size_t i = 0; i < doc->n; i++) {
        const struct cc_block *b = &doc->blocks[i];

        assert(b->len && b->len == strlen(b->text) && cc_utf8_valid(b->text, b->len));
        assert(b->kind < CC_BLOCK_COUNT && cc_utf8_valid(b->section, strlen(b->section)));
        assert(strlen(b->section) <= CC_EXTRACT_SECTION);
    }
}

/* What was read must survive the way to the parent unchanged. */
static void travel(const struct cc_extract *doc, struct cc_arena *mem)
{
    struct cc_extract back;
    struct cc_buf bytes;

    cc_buf_init(&bytes, 1 << 20);
    cc_frame_encode(doc, 0, "", &bytes);
    assert(!cc_frame_decode(bytes.bytes, bytes.len, mem, &back) && back.n == doc->n);
    for (size_t i = 0; i < doc->n; i++)
        assert(!strcmp(back.blocks[i].text, doc->blocks[i].text) &&
               !strcmp(back.blocks[i].section, doc->blocks[i].section));
    cc_buf_done(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    struct cc_extract doc;

    if (size <= 8192) {
        cc_extract_init(&doc, CC_FILE_TEXT, mem);
        if (!cc_parse_text_file(NULL, (const char *)data, size, &doc) && doc.n) {
            check(&doc);
            travel(&doc, mem);
        }
        cc_extract_init(&doc, CC_FILE_PDF, mem);
        if (!cc_parse_pdf_text((const char *)data, size, &doc))
            check(&doc);
    }
    cc_arena_free(&mem);
    return 0;
}
