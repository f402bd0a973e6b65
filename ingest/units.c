#include "ingest/units.h"

#include <string.h>

#include "proto/base/text.h"
#include "proto/vec/sentence.h"

#define SENTENCES_AT_ONCE ((size_t)32 << 10) /* bytes; cc_sentences has a cap */
#define UNIT_BYTES        ((size_t)4 << 10)  /* rulers of dashes have few tokens */

struct list {
    struct cc_unit *unit;
    size_t n, room, max_tokens;
    const struct cc_tokens *tokens;
    struct cc_arena *mem;
};

static void push(struct list *list, const struct cc_unit *unit)
{
    struct cc_unit *more;

    if (list->n == list->room) {
        list->room = list->room ? 2 * list->room : 256;
        more = cc_arena_array(list->mem, list->room, sizeof *more);
        if (list->n)
            memcpy(more, list->unit, list->n * sizeof *more);
        list->unit = more;
    }
    list->unit[list->n++] = *unit;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

/* Where to halve a text: the blank nearest before the middle, or after it, or a character's end. */
static size_t middle(const char *s, size_t len)
{
    size_t cut;

    for (size_t i = len / 2; i > 0; i--)
        if (is_blank(s[i]))
            return i;
    for (size_t i = len / 2; i < len; i++)
        if (is_blank(s[i]))
            return i;
    cut = cc_utf8_cut(s, len, len / 2);
    return cut ? cut : cc_utf8_cut(s, len, len / 2 + 4);
}

/* Halves what is too long; depth is the logarithm of the length. */
static void add(struct list *list, struct cc_unit unit)
{
    struct cc_unit left = unit, right = unit;
    size_t cut;

    unit.text = cc_text_trim(unit.text, unit.len, &unit.len);
    if (!unit.len)
        return;
    unit.tokens = cc_tokens_count(list->tokens, unit.text, unit.len);
    cut = unit.tokens > list->max_tokens || unit.len > UNIT_BYTES ? middle(unit.text, unit.len) : 0;
    if (!cut || cut == unit.len) {
        push(list, &unit);
        return;
    }
    left.text = unit.text;
    left.len = cut;
    right.text = unit.text + cut;
    right.len = unit.len - cut;
    right.edge = CC_EDGE_WORD;
    add(list, left);
    add(list, right);
}

static void add_lines(struct list *list, const struct cc_block *block)
{
    enum cc_unit_edge edge = CC_EDGE_BLOCK;

    for (size_t at = 0; at < block->len; edge = CC_EDGE_SENTENCE) {
        const char *end = memchr(block->text + at, '\n', block->len - at);
        size_t len = end ? (size_t)(end - block->text) - at : block->len - at;

        add(list, (struct cc_unit){block, block->text + at, len, 0, edge});
        at += len + 1;
    }
}

static int add_sentences(struct list *list, const struct cc_block *block)
{
    enum cc_unit_edge edge = CC_EDGE_BLOCK;
    struct cc_span *span;
    size_t n, len;
    int rc;

    for (size_t at = 0; at < block->len; at += len) {
        len = cc_utf8_cut(block->text + at, block->len - at, SENTENCES_AT_ONCE);
        rc = cc_sentences(block->text + at, len, UNIT_BYTES, list->mem, &span, &n);
        if (rc)
            return rc;
        for (size_t i = 0; i < n; i++, edge = CC_EDGE_SENTENCE)
            add(list,
                (struct cc_unit){block, block->text + at + span[i].from, span[i].len, 0, edge});
    }
    return 0;
}

int cc_units_split(const struct cc_extract *doc, const struct cc_tokens *tokens, size_t max_tokens,
                   struct cc_arena *mem, struct cc_unit **ret, size_t *ret_n)
{
    struct list list = {.max_tokens = max_tokens, .tokens = tokens, .mem = mem};

    for (size_t i = 0; i < doc->n; i++) {
        const struct cc_block *block = &doc->blocks[i];
        int rc = 0;

        if (block->kind == CC_BLOCK_HEADING)
            add(&list, (struct cc_unit){block, block->text, block->len, 0, CC_EDGE_BLOCK});
        else if (block->kind == CC_BLOCK_CODE || block->kind == CC_BLOCK_TABLE)
            add_lines(&list, block);
        else
            rc = add_sentences(&list, block);
        if (rc)
            return rc;
    }
    *ret = list.unit;
    *ret_n = list.n;
    return 0;
}

size_t cc_units_tail(const struct cc_unit *unit, const struct cc_tokens *tokens, size_t max_tokens)
{
    size_t at = unit->tokens > max_tokens ? unit->len - unit->len * max_tokens / unit->tokens : 0;

    while (at < unit->len) {
        while (at && at < unit->len && !is_blank(unit->text[at - 1]))
            at++;
        if (cc_tokens_count(tokens, unit->text + at, unit->len - at) <= max_tokens)
            return at;
        at += (unit->len - at) / 4 + 1;
    }
    return unit->len;
}
