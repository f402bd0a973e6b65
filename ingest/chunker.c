#include "ingest/chunker.h"

#include <assert.h>
#include <string.h>

#include "ingest/units.h"
#include "proto/base/buf.h"

/* A unit is at most a quarter of a passage, so that a cut wastes little. */
#define UNITS_PER_PASSAGE 4
#define PASSAGE_BYTES     (16u << 10) /* what an embedder takes is twice that */
#define LEAD_BYTES        (4u << 10)  /* left for the overlap and what stands between units */

/* Units from `first` to before `end`, led in by `lead` bytes at the end of what came before. */
struct plan {
    size_t first, end;
    size_t back;      /* whole units before first that are repeated */
    const char *lead; /* or the tail of the last one */
    size_t lead_len;
};

struct work {
    const struct cc_tokens *tokens;
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

/* What stands between two units: the blanks of the file inside a block, lines between blocks. */
static void add_joint(struct cc_buf *out, const struct cc_unit *before, const struct cc_unit *unit)
{
    const char *end = before->text + before->len;

    if (before->block == unit->block)
        cc_buf_add(out, end, (size_t)(unit->text - end));
    else if (before->block->kind == CC_BLOCK_LIST && unit->block->kind == CC_BLOCK_LIST)
        cc_buf_text(out, "\n");
    else
        cc_buf_text(out, "\n\n");
}

static size_t write_plan(struct work *w, const struct plan *plan)
{
    cc_buf_reset(&w->text);
    cc_buf_add(&w->text, plan->lead, plan->lead_len);
    for (size_t i = plan->first - plan->back; i < plan->end; i++) {
        if (w->text.len)
            add_joint(&w->text, &w->unit[i - 1], &w->unit[i]);
        cc_buf_add(&w->text, w->unit[i].text, w->unit[i].len);
    }
    return cc_tokens_count(w->tokens, w->text.bytes, w->text.len);
}

/* As many units as fit; ends before a heading when a third is full. */
static size_t fill(const struct work *w, size_t first, size_t used)
{
    size_t end = first, bytes = LEAD_BYTES;

    while (end < w->n && used + w->unit[end].tokens <= w->shape.tokens &&
           bytes + w->unit[end].len < PASSAGE_BYTES) {
        if (end > first && is_heading(&w->unit[end]) && !is_heading(&w->unit[end - 1]) &&
            used >= w->shape.tokens / 3)
            break;
        used += w->unit[end].tokens + 1;
        bytes += w->unit[end].len + 2;
        end++;
    }
    return end > first ? end : first + 1;
}

/* Moves the end back to the strongest edge within the last third; never to before a third. */
static size_t best_end(const struct work *w, size_t first, size_t end)
{
    size_t best = end, cut_off = 0;

    if (end == w->n || is_heading(&w->unit[end]))
        return end;
    for (size_t i = end; i > first + 1 && cut_off <= w->shape.tokens / 3; i--) {
        if (w->unit[i].edge > w->unit[best].edge)
            best = i;
        cut_off += w->unit[i - 1].tokens;
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

static void lead_in(const struct work *w, size_t previous_first, struct plan *plan)
{
    const struct cc_unit *first = &w->unit[plan->first], *last = first - 1;
    size_t sum = 0, at;

    if (is_heading(first) || strcmp(first->block->section, last->block->section) != 0)
        return;
    while (plan->first - plan->back > previous_first + 1) {
        const struct cc_unit *unit = first - plan->back - 1;

        if (is_heading(unit) || sum + unit->tokens > w->shape.overlap)
            break;
        sum += unit->tokens + 1;
        plan->back++;
    }
    if (plan->back || is_heading(last))
        return;
    at = cc_units_tail(last, w->tokens, w->shape.overlap);
    plan->lead = last->text + at;
    plan->lead_len = last->len - at;
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
                          .page = w->unit[plan->first].block->page};
}

static void cut_all(struct work *w)
{
    size_t previous = 0;

    for (struct plan plan = {0}; plan.first < w->n; plan = (struct plan){.first = plan.end}) {
        size_t tokens;

        if (plan.first)
            lead_in(w, previous, &plan);
        plan.end = fill(w, plan.first, plan.back || plan.lead_len ? w->shape.overlap : 0);
        plan.end = best_end(w, plan.first, plan.end);
        plan.end = without_headings(w, plan.first, plan.end);
        tokens = fit(w, &plan);
        emit(w, &plan, tokens);
        previous = plan.first;
    }
}

int cc_chunker_cut(const struct cc_extract *doc, const struct cc_tokens *tokens,
                   struct cc_shape shape, struct cc_arena *mem, struct cc_slice **ret,
                   size_t *ret_n)
{
    struct work w = {.tokens = tokens, .shape = shape, .mem = mem};
    int rc;

    assert(shape.tokens >= 16 && shape.overlap < shape.tokens / 2);
    rc = cc_units_split(doc, tokens, shape.tokens / UNITS_PER_PASSAGE, mem, &w.unit, &w.n);
    if (rc)
        return rc;
    cc_buf_init(&w.text, PASSAGE_BYTES);
    cut_all(&w);
    cc_buf_done(&w.text);
    *ret = w.slice;
    *ret_n = w.slices;
    return 0;
}
