#include "ingest/chunker.h"

#include <assert.h>
#include <string.h>

#include "ingest/pairs.h"
#include "ingest/units.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"

#define PASSAGE_BYTES (16u << 10)  /* what an embedder takes is twice that */
#define LEAD_BYTES    (4u << 10)   /* left for the overlap and what stands between units */
#define AROUND        ((size_t)64) /* bytes on each side of an edge that choose among equal ones */

/* Units from `first` to before `end`, led in by `lead` bytes at the end of what came before. */
struct plan {
    size_t first, end;
    size_t back;      /* whole units before first that are repeated */
    const char *lead; /* or the tail of the last one; or the line above a cut block */
    size_t lead_len, lead_tokens;
    bool is_line;
};

struct work {
    struct cc_counter *counter;
    struct cc_shape shape;
    struct cc_unit *unit;
    size_t n;
    struct cc_arena *mem;
    struct cc_buf text;
    struct cc_slice *slice;
    size_t slices, room;
};

static bool is_heading(const struct cc_unit *unit)
{
    return unit->block->kind == CC_BLOCK_HEADING;
}

/* Text that reads on: what is repeated of it leads in what follows. */
static bool is_prose(const struct cc_unit *unit)
{
    enum cc_block_kind kind = unit->block->kind;

    return kind == CC_BLOCK_PARAGRAPH || kind == CC_BLOCK_LIST || kind == CC_BLOCK_CODE;
}

/* Items of one list, records of one sheet. */
static bool are_lines(const struct cc_block *a, const struct cc_block *b)
{
    return a->kind == b->kind && (a->kind == CC_BLOCK_LIST || a->kind == CC_BLOCK_ROW);
}

/* What stands between two units: the blanks of the file inside a block, lines between blocks. */
static void add_joint(struct cc_buf *out, const struct cc_unit *before, const struct cc_unit *unit)
{
    const char *end = before->text + before->len;

    if (before->block == unit->block)
        cc_buf_add(out, end, (size_t)(unit->text - end));
    else if (are_lines(before->block, unit->block))
        cc_buf_text(out, "\n");
    else
        cc_buf_text(out, "\n\n");
}

static size_t write_plan(struct work *w, const struct plan *plan)
{
    size_t begin = plan->first - plan->back;

    cc_buf_reset(&w->text);
    cc_buf_add(&w->text, plan->lead, plan->lead_len);
    if (plan->is_line)
        cc_buf_text(&w->text, "\n");
    for (size_t i = begin; i < plan->end; i++) {
        if (w->text.len && !(plan->is_line && i == begin))
            add_joint(&w->text, &w->unit[i - 1], &w->unit[i]);
        cc_buf_add(&w->text, w->unit[i].text, w->unit[i].len);
    }
    return cc_counter_count(w->counter, w->text.bytes, w->text.len);
}

/* The first unit at or after i that is no heading; n for none. */
static size_t behind_headings(const struct work *w, size_t i)
{
    while (i < w->n && is_heading(&w->unit[i]))
        i++;
    return i;
}

/* A pair stands alone, but for the headings right above it. */
static bool parts_pairs(const struct work *w, size_t i)
{
    const struct cc_block *before = w->unit[i - 1].block;
    size_t text;

    if (before == w->unit[i].block || is_heading(&w->unit[i - 1]))
        return false;
    text = behind_headings(w, i);
    return before->kind == CC_BLOCK_PAIR ||
           (text < w->n && w->unit[text].block->kind == CC_BLOCK_PAIR);
}

/* Is the passage over before unit i, however much room there is? */
static bool must_end(const struct work *w, size_t i, size_t used)
{
    if (is_heading(&w->unit[i]) && !is_heading(&w->unit[i - 1]) && used >= w->shape.tokens / 3)
        return true;
    return parts_pairs(w, i);
}

/* As many units as fit; ends before a heading when a third is full. */
static size_t fill(const struct work *w, size_t first, size_t used, bool *ret_forced)
{
    size_t end = first, bytes = LEAD_BYTES;

    *ret_forced = false;
    while (end < w->n && used + w->unit[end].tokens <= w->shape.tokens &&
           bytes + w->unit[end].len < PASSAGE_BYTES) {
        *ret_forced = end > first && must_end(w, end, used);
        if (*ret_forced)
            break;
        used += w->unit[end].tokens + 1;
        bytes += w->unit[end].len + 2;
        end++;
    }
    return end > first ? end : first + 1;
}

static uint32_t mix(uint32_t hash, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)s[i]) * 0x01000193u; /* FNV-1a */
    return hash;
}

/* Of the text on both sides, whatever stands further away. */
static uint32_t hash_around(const struct work *w, size_t i)
{
    const struct cc_unit *before = &w->unit[i - 1], *unit = &w->unit[i];
    size_t left = before->len < AROUND ? before->len : AROUND;
    uint32_t hash = mix(0x811c9dc5u, before->text + before->len - left, left);

    hash = mix(hash, unit->text, unit->len < AROUND ? unit->len : AROUND);
    hash = (hash ^ hash >> 16) * 0x7feb352du;
    return hash ^ hash >> 15;
}

/*
 * Moves the end back to the strongest edge within the last third.  Which of equal ones is chosen by
 * their text, so that two cuttings that differ before soon meet at the same edge, and are the same
 * from there.
 */
static size_t best_end(const struct work *w, size_t first, size_t end)
{
    size_t best = end, cut_off = 0;
    uint32_t least;

    if (end == w->n || is_heading(&w->unit[end]))
        return end;
    least = hash_around(w, end);
    for (size_t i = end; i > first + 1; i--) {
        uint32_t hash;

        cut_off += w->unit[i - 1].tokens;
        if (cut_off > w->shape.tokens / 3)
            break;
        if (w->unit[i - 1].edge < w->unit[best].edge)
            continue;
        hash = hash_around(w, i - 1);
        if (w->unit[i - 1].edge > w->unit[best].edge || hash < least) {
            best = i - 1;
            least = hash;
        }
    }
    return best;
}

/* Headings at the end belong to what follows, unless there is nothing else. */
static size_t without_headings(const struct work *w, size_t first, size_t end)
{
    size_t i = end;

    if (end == w->n)
        return end;
    while (i > first && is_heading(&w->unit[i - 1]))
        i--;
    return i > first ? i : end;
}

/* A part of a table begins with its header, a part of an answer with its question. */
static void lead_in_line(const struct work *w, const struct cc_unit *first, struct plan *plan)
{
    plan->lead_len = cc_units_lead(first->block, w->counter, w->shape.tokens, &plan->lead_tokens);
    plan->lead = first->block->text;
    plan->is_line = plan->lead_len > 0;
}

static void lead_in_prose(const struct work *w, size_t previous_first, struct plan *plan)
{
    const struct cc_unit *first = &w->unit[plan->first], *last = first - 1;
    size_t sum = 0, at;

    while (plan->first - plan->back > previous_first + 1) {
        const struct cc_unit *unit = first - plan->back - 1;

        if (!is_prose(unit) || sum + unit->tokens > w->shape.overlap)
            break;
        sum += unit->tokens + 1;
        plan->back++;
    }
    if (!plan->back) {
        at = cc_units_tail(last, w->counter, w->shape.overlap);
        plan->lead = last->text + at;
        plan->lead_len = last->len - at;
    }
    plan->lead_tokens = plan->back || plan->lead_len ? w->shape.overlap : 0;
}

static void lead_in(const struct work *w, size_t previous_first, struct plan *plan)
{
    const struct cc_unit *first = &w->unit[plan->first], *last = first - 1;

    if (!is_prose(first) && first->block == last->block)
        lead_in_line(w, first, plan);
    else if (is_prose(first) && is_prose(last) &&
             !strcmp(first->block->section, last->block->section))
        lead_in_prose(w, previous_first, plan);
}

/* Sums of parts may be a little too small: the text as a whole decides. */
static size_t fit(struct work *w, struct plan *plan)
{
    size_t tokens;

    while ((tokens = write_plan(w, plan)) > w->shape.tokens || cc_buf_over(&w->text)) {
        if (plan->end > plan->first + 1) {
            plan->end = without_headings(w, plan->first, plan->end - 1);
        } else {
            assert(plan->back || plan->lead_len);
            plan->back = plan->lead_len = 0;
            plan->is_line = false;
        }
    }
    return tokens;
}

static void emit(struct work *w, const struct plan *plan, size_t tokens)
{
    const struct cc_unit *unit = &w->unit[plan->first];
    struct cc_slice *more;

    if (w->slices == w->room) {
        w->room = w->room ? 2 * w->room : 32;
        more = cc_arena_array(w->mem, w->room, sizeof *more);
        if (w->slices)
            memcpy(more, w->slice, w->slices * sizeof *more);
        w->slice = more;
    }
    for (size_t i = plan->first; i + 1 < plan->end && is_heading(unit); i++)
        unit++;
    w->slice[w->slices++] =
        (struct cc_slice){.text = cc_arena_dupn(w->mem, w->text.bytes, w->text.len),
                          .len = w->text.len,
                          .tokens = tokens,
                          .section = unit->block->section,
                          .page = w->unit[plan->first].block->page,
                          .row = unit->block->row,
                          .kind = unit->block->kind,
                          .text_sha256 = ""};
}

static int cut_all(struct work *w)
{
    size_t previous = 0;

    for (struct plan plan = {0}; plan.first < w->n; plan = (struct plan){.first = plan.end}) {
        bool forced;
        size_t tokens;

        if (w->slices == CC_SLICES_MAX)
            return cc_fail(CC_E_LIMIT, "more than %d passages: longer ones are fewer",
                           CC_SLICES_MAX);
        if (plan.first)
            lead_in(w, previous, &plan);
        plan.end = fill(w, plan.first, plan.lead_tokens, &forced);
        if (!forced)
            plan.end = best_end(w, plan.first, plan.end);
        plan.end = without_headings(w, plan.first, plan.end);
        tokens = fit(w, &plan);
        emit(w, &plan, tokens);
        previous = plan.first;
    }
    return 0;
}

int cc_chunker_cut(const struct cc_extract *doc, const struct cc_tokens *tokens,
                   struct cc_shape shape, struct cc_arena *mem, struct cc_slice **ret,
                   size_t *ret_n)
{
    struct work w = {.counter = cc_counter_new(tokens), .shape = shape, .mem = mem};
    struct cc_extract paired;
    int rc;

    assert(shape.tokens >= 16 && shape.overlap < shape.tokens / 2);
    cc_pairs_join(doc, shape.mode, mem, &paired);
    rc = cc_units_split(&paired, w.counter, shape.tokens, mem, &w.unit, &w.n);
    if (!rc) {
        cc_buf_init(&w.text, PASSAGE_BYTES);
        rc = cut_all(&w);
        cc_buf_done(&w.text);
    }
    cc_counter_free(&w.counter);
    if (rc)
        return rc;
    *ret = w.slice;
    *ret_n = w.slices;
    return 0;
}
