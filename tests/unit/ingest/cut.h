/*
 * cut.h - a document is put together block by block and cut; what holds for all passages is
 * checked.
 */
#ifndef CC_TESTS_INGEST_CUT_H
#define CC_TESTS_INGEST_CUT_H

#include <criterion/criterion.h>
#include <string.h>

#include "ingest/chunker.h"
#include "proto/base/buf.h"
#include "proto/base/text.h"
#include "tests/unit/ingest/models.h"

static struct cc_arena *mem;
static struct cc_tokens *tokens;
static struct cc_extract doc;
static struct cc_slice *slice;
static size_t n;

static inline void cut_setup(void)
{
    mem = cc_arena_new(256 << 20);
    tokens = models_tokens();
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
}

static inline void cut_teardown(void)
{
    cc_tokens_free(&tokens);
    cc_arena_free(&mem);
}

static inline void add(enum cc_block_kind kind, int level, int page, const char *text)
{
    cr_assert_eq(cc_extract_add(&doc, kind, level, page, text, strlen(text)), 0);
}

/* times sentences, each of which can be told from the others */
static inline char *prose(const char *word, int times)
{
    struct cc_buf text;
    char *copy;

    cc_buf_init(&text, 1 << 20);
    for (int i = 0; i < times; i++)
        cc_buf_printf(&text, "%sThe %s number %d stands on a shelf.", i ? " " : "", word, i);
    copy = cc_arena_dupn(mem, text.bytes, text.len);
    cc_buf_done(&text);
    return copy;
}

static inline void cut(size_t max_tokens, size_t overlap)
{
    struct cc_shape shape = {max_tokens, overlap, CC_SHAPE_AUTO};

    cr_assert_eq(cc_chunker_cut(&doc, tokens, shape, mem, &slice, &n), 0);
    for (size_t i = 0; i < n; i++) {
        cr_assert_leq(slice[i].tokens, max_tokens, "passage %zu", i);
        cr_assert_eq(slice[i].tokens, cc_tokens_count(tokens, slice[i].text, slice[i].len));
        cr_assert_eq(strlen(slice[i].text), slice[i].len);
        cr_assert(cc_utf8_valid(slice[i].text, slice[i].len));
        cr_assert(slice[i].len);
    }
}

#endif
