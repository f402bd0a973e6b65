/*
 * blocks.h - an extract in one line per block, to compare with: "kind level page section | text".
 */
#ifndef CC_TESTS_INGEST_BLOCKS_H
#define CC_TESTS_INGEST_BLOCKS_H

#include "ingest/parse/extract.h"
#include "proto/base/buf.h"

static inline const char *blocks_show(const struct cc_extract *doc, struct cc_arena *mem)
{
    static const char kinds[] = "HPLTCRQ"; /* R: a row, Q: a pair */
    const char *copy;
    struct cc_buf out;

    cc_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < doc->n; i++) {
        const struct cc_block *b = &doc->blocks[i];

        cc_buf_printf(&out, "%c%d p%d [%s] ", kinds[b->kind], b->level, b->page, b->section);
        for (size_t k = 0; k < b->len; k++)
            cc_buf_char(&out, b->text[k] == '\n' ? '/' : b->text[k]);
        cc_buf_char(&out, '\n');
    }
    copy = cc_arena_dupn(mem, out.bytes, out.len);
    cc_buf_done(&out);
    return copy;
}

#endif
