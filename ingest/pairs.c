#include "ingest/pairs.h"

#include <string.h>
#include <strings.h>

#include "proto/base/text.h"

#define QUESTION_BYTES ((size_t)300)  /* of one that is known by its question mark */
#define ANSWER_BYTES   ((size_t)3000) /* about a page; a longer one is a chapter */
#define PAIRS_LEAST    3
#define PAIRS_PERCENT  60
#define PARTS_MAX      ((size_t)200000)
#define MARK_BYTES     ((size_t)24)

/* What a part of the text can be in a pair; order as in the tables below. */
enum role { TEXT, QUESTION, ANSWER, WALL /* a heading, a record: ends an answer */ };

struct part {
    const struct cc_block *block;
    const char *mark; /* where its mark begins; NULL: it has none */
    const char *text;
    size_t len;
    enum role role;
};

struct parts {
    struct part *part;
    size_t n, room, questions;
    bool full;
    struct cc_arena *mem;
};

/* Finds what begins where; one for texts with marks, one for texts without. */
typedef void split_fn(struct parts *parts, const struct cc_block *block);

static void push(struct parts *parts, struct part part)
{
    struct part *more;

    part.text = cc_text_trim(part.text, part.len, &part.len);
    if (parts->n == PARTS_MAX)
        parts->full = true;
    if (!part.len || parts->full)
        return;
    if (parts->n == parts->room) {
        parts->room = parts->room ? 2 * parts->room : 256;
        more = cc_arena_array(parts->mem, parts->room, sizeof *more);
        if (parts->n)
            memcpy(more, parts->part, parts->n * sizeof *more);
        parts->part = more;
    }
    parts->part[parts->n++] = part;
    parts->questions += part.role == QUESTION;
}

/* ---- texts with marks ---- */
static const struct {
    const char *word;
    enum role role;
} marks[] = {
    {"q", QUESTION},        {"question", QUESTION},
    {"f", QUESTION},        {"frage", QUESTION},
    {"pregunta", QUESTION}, {"a", ANSWER},
    {"answer", ANSWER},     {"antwort", ANSWER},
    {"respuesta", ANSWER},  {"r\xc3\xa9ponse", ANSWER},
    {"r", ANSWER},
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static size_t digits_at(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && s[n] >= '0' && s[n] <= '9')
        n++;
    return n;
}

/* "Q:", "Q 3:", "Q3." and ")": how long the mark is, 0 for none. */
static size_t mark_length(const char *s, size_t len, enum role *ret)
{
    size_t word = 0, at, digits;

    len = len < MARK_BYTES ? len : MARK_BYTES;
    while (word < len && is_letter(s[word]))
        word++;
    at = word + (word < len && s[word] == ' ');
    digits = digits_at(s + at, len - at);
    at = digits ? at + digits : word;
    if (at == len || !(s[at] == ':' || (digits && strchr(".)", s[at]))))
        return 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i].word) == word && !strncasecmp(marks[i].word, s, word)) {
            *ret = marks[i].role;
            return at + 1;
        }
    return 0;
}

static bool has_lines(const struct cc_block *block)
{
    return block->kind == CC_BLOCK_PARAGRAPH || block->kind == CC_BLOCK_LIST ||
           block->kind == CC_BLOCK_HEADING;
}

static bool is_wall(const struct cc_block *block)
{
    return block->kind == CC_BLOCK_HEADING || block->kind == CC_BLOCK_ROW ||
           block->kind == CC_BLOCK_PAIR;
}

static void split_at_marks(struct parts *parts, const struct cc_block *block)
{
    const char *end = block->text + block->len;
    struct part part = {block, NULL, block->text, 0, is_wall(block) ? WALL : TEXT};

    for (const char *line = block->text, *next; line < end; line = next) {
        enum role role;
        size_t mark = has_lines(block) ? mark_length(line, (size_t)(end - line), &role) : 0;

        if (mark) {
            part.len = (size_t)(line - part.text);
            push(parts, part);
            part = (struct part){block, line, line + mark, 0, role};
        }
        next = memchr(line, '\n', (size_t)(end - line));
        next = next ? next + 1 : end;
    }
    part.len = (size_t)(end - part.text);
    push(parts, part);
}

/* ---- texts without ---- */
static bool asks(const char *text, size_t len)
{
    static const char wide[] = "\xef\xbc\x9f"; /* of Chinese and Japanese */

    if (!len || len > QUESTION_BYTES)
        return false;
    return text[len - 1] == '?' || (len >= 3 && !memcmp(text + len - 3, wide, 3));
}

static void split_at_questions(struct parts *parts, const struct cc_block *block)
{
    const char *end = memchr(block->text, '\n', block->len);
    size_t first = end ? (size_t)(end - block->text) : block->len;

    if (!has_lines(block) || block->kind == CC_BLOCK_LIST || !asks(block->text, first)) {
        push(parts,
             (struct part){block, NULL, block->text, block->len, is_wall(block) ? WALL : TEXT});
        return;
    }
    push(parts, (struct part){block, NULL, block->text, first, QUESTION});
    push(parts, (struct part){block, NULL, block->text + first, block->len - first, TEXT});
}

/* ---- pairs ---- */
struct pair {
    size_t question, answer, end; /* parts; the question may go on until the answer */
    size_t bytes;
};

/* Does one begin at i?  With marks an answer has its own; without, it is the text that follows. */
static bool find_pair(const struct parts *parts, size_t i, bool marked, struct pair *ret)
{
    struct pair pair = {.question = i, .answer = i + 1};

    if (parts->part[i].role != QUESTION)
        return false;
    while (marked && pair.answer < parts->n && parts->part[pair.answer].role == TEXT)
        pair.answer++;
    if (pair.answer == parts->n || parts->part[pair.answer].role != (marked ? ANSWER : TEXT))
        return false;
    pair.end = pair.answer + 1;
    while (pair.end < parts->n && parts->part[pair.end].role == TEXT)
        pair.end++;
    for (size_t k = i; k < pair.end; k++)
        pair.bytes += parts->part[k].len;
    *ret = pair;
    return true;
}

static bool is_short(const struct pair *pair)
{
    return pair->bytes <= QUESTION_BYTES + ANSWER_BYTES;
}

/* Asked for: one is enough.  Else: are they most of the text, its own headings left out? */
static bool are_enough(const struct parts *parts, bool marked, enum cc_shape_mode mode)
{
    size_t all = 0, in_pairs = 0, n = 0;
    struct pair pair;

    for (size_t i = 0; i < parts->n; i++) {
        const struct part *part = &parts->part[i];

        if (part->block->kind != CC_BLOCK_HEADING || part->role == QUESTION)
            all += part->len;
        if (find_pair(parts, i, marked, &pair) && (mode == CC_SHAPE_PAIRS || is_short(&pair))) {
            in_pairs += pair.bytes;
            n++;
        }
    }
    if (mode == CC_SHAPE_PAIRS)
        return n > 0;
    return n >= PAIRS_LEAST && in_pairs * 100 >= all * PAIRS_PERCENT;
}

/* The section of a question that is a heading itself is what stands above it. */
static const char *section_of(const struct part *part, struct cc_arena *mem)
{
    static const char arrow[] = " \xe2\x80\xba ";
    const char *section = part->block->section, *last = NULL;

    if (part->block->kind != CC_BLOCK_HEADING)
        return section;
    for (const char *at = section; (at = strstr(at, arrow)); at += sizeof arrow - 1)
        last = at;
    return last ? cc_arena_dupn(mem, section, (size_t)(last - section)) : "";
}

static char *append(char *at, const struct part *part)
{
    memcpy(at, part->text, part->len);
    at[part->len] = '\n';
    return at + part->len + 1;
}

/* A question is one line: the first line end is where its answer begins. */
static struct cc_block join(const struct parts *parts, const struct pair *pair,
                            struct cc_arena *mem)
{
    const struct part *first = &parts->part[pair->question];
    size_t room = pair->bytes + (pair->end - pair->question);
    char *text = cc_arena_get(mem, room + 1), *at = text;
    size_t question;

    for (size_t i = pair->question; i < pair->answer; i++)
        at = append(at, &parts->part[i]);
    question = (size_t)(at - text) - 1;
    for (size_t i = 0; i < question; i++)
        if (text[i] == '\n')
            text[i] = ' ';
    for (size_t i = pair->answer; i < pair->end; i++)
        at = append(at, &parts->part[i]);
    at[-1] = '\0';
    return (struct cc_block){.kind = CC_BLOCK_PAIR,
                             .page = first->block->page,
                             .row = first->block->row,
                             .section = section_of(first, mem),
                             .text = text,
                             .len = (size_t)(at - text) - 1};
}

/* What is left of a block that was split; the mark of one that found no partner stays. */
static struct cc_block rest_of(const struct part *part)
{
    struct cc_block block = *part->block;
    const char *text = part->mark ? part->mark : part->text;
    size_t len = (size_t)(part->text + part->len - text);

    if (len < block.len && block.kind == CC_BLOCK_HEADING)
        block.kind = CC_BLOCK_PARAGRAPH;
    block.text = text;
    block.len = len;
    return block;
}

static void join_all(const struct parts *parts, bool marked, bool all, struct cc_extract *ret)
{
    struct cc_block *blocks = cc_arena_array(parts->mem, parts->n, sizeof *blocks);
    struct pair pair;

    ret->n = 0;
    ret->blocks = blocks;
    for (size_t i = 0; i < parts->n;) {
        bool found = find_pair(parts, i, marked, &pair) && (all || is_short(&pair));

        blocks[ret->n++] = found ? join(parts, &pair, parts->mem) : rest_of(&parts->part[i]);
        i = found ? pair.end : i + 1;
    }
}

static bool try(const struct cc_extract *doc, bool marked, enum cc_shape_mode mode,
                struct cc_arena *mem, struct cc_extract *ret)
{
    split_fn *split = marked ? split_at_marks : split_at_questions;
    struct parts parts = {.mem = mem};

    for (size_t i = 0; i < doc->n && !parts.full; i++)
        split(&parts, &doc->blocks[i]);
    if (parts.full || !parts.questions || !are_enough(&parts, marked, mode))
        return false;
    join_all(&parts, marked, mode == CC_SHAPE_PAIRS, ret);
    return true;
}

void cc_pairs_join(const struct cc_extract *doc, enum cc_shape_mode mode, struct cc_arena *mem,
                   struct cc_extract *ret)
{
    *ret = *doc;
    if (mode == CC_SHAPE_TEXT || try(doc, true, mode, mem, ret))
        return;
    try(doc, false, mode, mem, ret);
}
