/*
 * Blocks of any text: every passage is within its caps, counted right, and no word is lost (but the
 * marks of pairs).
 * Needs the rank files: CC_TOKENS_DIR, else var/models/tokens of the sources.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/chunker.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define SOURCE "tests/fuzz/fuzz_chunk.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct cc_tokens *tokens;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char path[4096] = __FILE__;
    const char *set = getenv("CC_TOKENS_DIR");

    (void)argc, (void)argv;
    snprintf(path + strlen(path) - strlen(SOURCE), sizeof path - strlen(path), "var/models/tokens");
    if (cc_tokens_open(set ? set : path, CC_TOKENS_ENCODING, &tokens)) {
        fprintf(stderr, "%s\n", cc_fail_text());
        abort();
    }
    return 0;
}

/* "\xff" and a byte begin a block of that kind. */
static void build(const char *s, size_t size, struct cc_extract *doc)
{
    unsigned char how = 1;

    for (size_t at = 0; at < size;) {
        const char *end = memchr(s + at, 0xff, size - at);
        size_t len = end ? (size_t)(end - s) - at : size - at;

        doc->row = how / 16;
        cc_extract_add(doc, how % CC_BLOCK_COUNT, how % 7, doc->pages + how / 128, s + at, len);
        at += len + 1;
        how = at < size ? (unsigned char)s[at++] : 1;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

/* Word by word: each is in this passage behind the last one, or in a later passage. */
static void nothing_lost(const struct cc_extract *doc, const struct cc_slice *slice, size_t n,
                         size_t max_word)
{
    size_t k = 0;
    const char *at = n ? slice[0].text : NULL;

    for (size_t i = 0; i < doc->n; i++) {
        const char *s = doc->blocks[i].text, *end = s + doc->blocks[i].len;

        while (s < end) {
            size_t len = 0;

            while (s < end && is_blank(*s))
                s++;
            while (s + len < end && !is_blank(s[len]))
                len++;
            if (len && len <= max_word) {
                const char *hit;

                while (!(hit = memmem(at, strlen(at), s, len))) {
                    assert(++k < n);
                    at = slice[k].text;
                }
                at = hit;
            }
            s += len;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem;
    struct cc_extract doc;
    struct cc_slice *slice;
    struct cc_shape shape;
    size_t n;

    if (size < 3 || size > 4096)
        return 0;
    shape.tokens = 16 + data[0];
    shape.overlap = data[1] % (shape.tokens / 2);
    shape.mode = data[2] % 3;
    mem = cc_arena_new(64 << 20);
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    build((const char *)data + 3, size - 3, &doc);
    assert(!cc_chunker_cut(&doc, tokens, shape, mem, &slice, &n));
    assert(!n == !doc.n);
    for (size_t i = 0; i < n; i++) {
        assert(slice[i].len && slice[i].tokens <= shape.tokens);
        assert(cc_utf8_valid(slice[i].text, slice[i].len));
        assert(slice[i].tokens == cc_tokens_count(tokens, slice[i].text, slice[i].len));
    }
    if (shape.mode == CC_SHAPE_TEXT) /* pairs leave their marks out */
        nothing_lost(&doc, slice, n, 3);
    cc_arena_free(&mem);
    return 0;
}
