#include "ingest/units.h"

#include <string.h>

#include "proto/base/text.h"
#include "proto/vec/sentence.h"

#define SENTENCES_AT_ONCE ((size_t)32 << 10) /* bytes; cc_sentences has a cap */
#define UNIT_LEAST        ((size_t)48)       /* bytes; "a. b. c." is one unit */
#define BYTES_PER_TOKEN   12                 /* hardly any text has more */
#define SHORT_BYTES       ((size_t)64)
#define SCRATCH_BYTES     ((size_t)8 << 20)
#define UNIT_BYTES        ((size_t)4 << 10) /* rulers of dashes have few tokens */

/* A unit is at most a quarter of a passage, so that a cut wastes little. */
#define UNITS_PER_PASSAGE 4
#define LEADS_PER_PASSAGE 3 /* a repeated line takes at most a third */

struct list {
    struct cc_unit *unit;
    size_t n, room, passage, max_tokens;
    struct cc_counter *counter;
    struct cc_arena *mem, *scratch; /* scratch: of one call of cc_sentences */
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

/* At most max bytes: up to the last blank of the second half (of all, when it is short), else whole
 * characters. */
static size_t cut_back(const char *s, size_t len, size_t max)
{
    size_t cut = cc_utf8_cut(s, len, max);

    if (cut == len)
        return len;
    for (size_t i = cut; i > (cut < SHORT_BYTES ? 0 : cut / 2); i--)
        if (is_blank(s[i]))
            return i;
    return cut ? cut : cc_utf8_cut(s, len, 4);
}

/* The beginning of what is left, as much as one unit holds.  Only that much is ever counted. */
static size_t head_length(const struct list *list, const struct cc_unit *rest, size_t *ret_tokens)
{
    size_t window = BYTES_PER_TOKEN * list->max_tokens;
    size_t len = cut_back(rest->text, rest->len, window < UNIT_BYTES ? window : UNIT_BYTES);

    while ((*ret_tokens = cc_counter_count(list->counter, rest->text, len)) > list->max_tokens) {
        size_t less = len * list->max_tokens / *ret_tokens;

        len = cut_back(rest->text, len, less < len - 1 ? less : len - 1);
    }
    return len;
}

static void add(struct list *list, struct cc_unit rest)
{
    while ((rest.text = cc_text_trim(rest.text, rest.len, &rest.len)), rest.len) {
        struct cc_unit head = rest;

        head.len = head_length(list, &rest, &head.tokens);
        push(list, &head);
        rest.text += head.len;
        rest.len -= head.len;
        rest.edge = CC_EDGE_WORD;
    }
}

/* What must not be cut if there is room for it; false when there is none. */
static bool add_whole(struct list *list, struct cc_unit unit, size_t max_tokens)
{
    unit.text = cc_text_trim(unit.text, unit.len, &unit.len);
    if (!unit.len)
        return true;
    if (unit.len > CC_UNIT_WHOLE)
        return false;
    unit.tokens = cc_counter_count(list->counter, unit.text, unit.len);
    if (unit.tokens > max_tokens)
        return false;
    push(list, &unit);
    return true;
}

static size_t line_length(const struct cc_block *block, size_t at, size_t least)
{
    size_t left = block->len - at, skip = left < least ? left : least;
    const char *end = memchr(block->text + at + skip, '\n', left - skip);

    return end ? (size_t)(end - block->text) + 1 - at : left;
}

static void add_lines(struct list *list, const struct cc_block *block)
{
    enum cc_unit_edge edge = CC_EDGE_BLOCK;

    for (size_t at = 0, len; at < block->len; at += len, edge = CC_EDGE_SENTENCE) {
        len = line_length(block, at, UNIT_LEAST);
        add(list, (struct cc_unit){block, block->text + at, len, 0, edge});
    }
}

/* The header is no unit of its own if it fits above the first row. */
static void add_table(struct list *list, const struct cc_block *block)
{
    size_t lead, at = line_length(block, 0, 0), len = line_length(block, 0, at + 1);

    cc_units_lead(block, list->counter, list->passage, &lead);
    if (add_whole(list, (struct cc_unit){block, block->text, len, 0, CC_EDGE_BLOCK}, list->passage))
        at = len;
    else
        add(list, (struct cc_unit){block, block->text, at, 0, CC_EDGE_BLOCK});
    for (; at < block->len; at += len) {
        struct cc_unit line = {block, block->text + at, 0, 0, CC_EDGE_SENTENCE};

        line.len = len = line_length(block, at, UNIT_LEAST);
        if (!add_whole(list, line, list->passage - lead))
            add(list, line);
    }
}

/* One that is too long is cut between cells. */
static void add_row(struct list *list, const struct cc_block *block)
{
    struct cc_unit row = {block, block->text, block->len, 0, CC_EDGE_BLOCK};

    if (add_whole(list, row, list->passage))
        return;
    for (size_t at = 0; at < block->len; at += row.len, row.edge = CC_EDGE_SENTENCE) {
        size_t least = block->len - at < UNIT_LEAST ? block->len - at : UNIT_LEAST;
        const char *end = memmem(block->text + at + least, block->len - at - least, " | ", 3);

        row.text = block->text + at;
        row.len = end ? (size_t)(end - row.text) + 3 : block->len - at;
        add(list, row);
    }
}

/* "a != b" ends no sentence; "。" does, and no blank follows. */
static bool is_inside_word(const char *text, const struct cc_span *span)
{
    size_t end = span[0].from + span[0].len;

    return end == span[1].from && (unsigned char)text[end - 1] < 0x80;
}

/* Small sentences join the next one. */
static void add_spans(struct list *list, const struct cc_block *block, size_t at,
                      const struct cc_span *span, size_t n)
{
    const char *text = block->text + at;

    for (size_t i = 0, first = 0; i < n; i++) {
        size_t len = span[i].from + span[i].len - span[first].from;
        enum cc_unit_edge edge = text > block->text || first ? CC_EDGE_SENTENCE : CC_EDGE_BLOCK;

        if (i + 1 < n && (len < UNIT_LEAST || is_inside_word(text, &span[i])))
            continue;
        add(list, (struct cc_unit){block, text + span[first].from, len, 0, edge});
        first = i + 1;
    }
}

static int add_sentences(struct list *list, const struct cc_block *block, size_t from)
{
    struct cc_span *span;
    size_t n, len;
    int rc = 0;

    for (size_t at = from; at < block->len && !rc; at += len) {
        len = cc_utf8_cut(block->text + at, block->len - at, SENTENCES_AT_ONCE);
        rc = cc_sentences(block->text + at, len, UNIT_BYTES, list->scratch, &span, &n);
        if (!rc)
            add_spans(list, block, at, span, n);
        cc_arena_reset(list->scratch);
    }
    return rc;
}

/* One that is too long: the question, then its answer's sentences. */
static int add_pair(struct list *list, const struct cc_block *block)
{
    struct cc_unit pair = {block, block->text, block->len, 0, CC_EDGE_BLOCK};

    if (add_whole(list, pair, list->passage))
        return 0;
    pair.len = line_length(block, 0, 0);
    add(list, pair);
    return add_sentences(list, block, pair.len);
}

static int add_prose(struct list *list, const struct cc_block *block)
{
    return add_sentences(list, block, 0);
}

static void add_heading(struct list *list, const struct cc_block *block)
{
    add(list, (struct cc_unit){block, block->text, block->len, 0, CC_EDGE_BLOCK});
}

static int add_block(struct list *list, const struct cc_block *block)
{
    switch (block->kind) {
    case CC_BLOCK_HEADING: add_heading(list, block); break;
    case CC_BLOCK_CODE: add_lines(list, block); break;
    case CC_BLOCK_TABLE: add_table(list, block); break;
    case CC_BLOCK_ROW: add_row(list, block); break;
    case CC_BLOCK_PAIR: return add_pair(list, block);
    default: return add_prose(list, block);
    }
    return 0;
}

int cc_units_split(const struct cc_extract *doc, struct cc_counter *counter, size_t passage,
                   struct cc_arena *mem, struct cc_unit **ret, size_t *ret_n)
{
    struct list list = {.passage = passage,
                        .max_tokens = passage / UNITS_PER_PASSAGE,
                        .counter = counter,
                        .mem = mem,
                        .scratch = cc_arena_new(SCRATCH_BYTES)};
    int rc = 0;

    for (size_t i = 0; i < doc->n && !rc; i++)
        rc = add_block(&list, &doc->blocks[i]);
    cc_arena_free(&list.scratch);
    if (rc)
        return rc;
    *ret = list.unit;
    *ret_n = list.n;
    return 0;
}

size_t cc_units_lead(const struct cc_block *block, struct cc_counter *counter, size_t passage,
                     size_t *ret_tokens)
{
    size_t len = 0;

    *ret_tokens = 0;
    if (block->kind != CC_BLOCK_TABLE && block->kind != CC_BLOCK_PAIR)
        return 0;
    len = line_length(block, 0, 0);
    len -= len && block->text[len - 1] == '\n';
    if (len > CC_UNIT_LEAD || len == block->len)
        return 0;
    *ret_tokens = cc_counter_count(counter, block->text, len) + 1; /* and the line's end */
    if (*ret_tokens <= passage / LEADS_PER_PASSAGE)
        return len;
    *ret_tokens = 0;
    return 0;
}

size_t cc_units_tail(const struct cc_unit *unit, struct cc_counter *counter, size_t max_tokens)
{
    size_t at = unit->tokens > max_tokens ? unit->len - unit->len * max_tokens / unit->tokens : 0;

    while (at < unit->len) {
        while (at && at < unit->len && !is_blank(unit->text[at - 1]))
            at++;
        if (cc_counter_count(counter, unit->text + at, unit->len - at) <= max_tokens)
            return at;
        at += (unit->len - at) / 4 + 1;
    }
    return unit->len;
}
