/*
 * blocks.h - an extract in one line per block, to compare with: "kind level page section | text".
 */
#ifndef CC_TESTS_INGEST_BLOCKS_H
#define CC_TESTS_INGEST_BLOCKS_H

#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/extract.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"

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

/* A parser makes these blocks of a text. */
static inline void blocks_expect(int (*parse)(const char *text, size_t len, struct cc_extract *doc),
                                 const char *text, const char *blocks)
{
    struct cc_arena *mem = cc_arena_new(8 << 20);
    struct cc_extract doc;
    const char *shown;

    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    cr_expect_eq(parse(text, strlen(text), &doc), 0, "%s: %s", text, cc_fail_text());
    shown = blocks_show(&doc, mem);
    cr_expect_str_eq(shown, blocks, "%s\n-> %s", text, shown);
    cc_arena_free(&mem);
}

#endif
