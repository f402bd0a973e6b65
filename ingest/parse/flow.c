#include "ingest/parse/flow.h"

#include <string.h>

#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define TABLE_BYTES (32 * 1024) /* a longer one is parted, its header repeated */
#define LINE_END    '\v'        /* within a cell, until it is known what its table is for */
#define LIST_LEVELS 8

void cc_flow_init(struct cc_flow *flow, struct cc_extract *doc)
{
    *flow = (struct cc_flow){.doc = doc};
    for (int i = 0; i < CC_FLOW_DEPTH; i++)
        cc_buf_init(&flow->paragraphs[i].text, CC_EXTRACT_TEXT);
    cc_buf_init(&flow->cell, CC_EXTRACT_TEXT);
    cc_buf_init(&flow->table, CC_EXTRACT_TEXT);
    cc_buf_init(&flow->notes, CC_EXTRACT_TEXT);
}

void cc_flow_done(struct cc_flow *flow)
{
    for (int i = 0; i < CC_FLOW_DEPTH; i++)
        cc_buf_done(&flow->paragraphs[i].text);
    cc_buf_done(&flow->cell);
    cc_buf_done(&flow->table);
    cc_buf_done(&flow->notes);
}

static struct cc_flow_paragraph *innermost(struct cc_flow *flow)
{
    int i = flow->open < CC_FLOW_DEPTH ? flow->open : CC_FLOW_DEPTH;

    return i ? &flow->paragraphs[i - 1] : NULL;
}

void cc_flow_open(struct cc_flow *flow)
{
    struct cc_flow_paragraph *p;

    if (++flow->open > CC_FLOW_DEPTH) {
        cc_flow_text(flow, "\n", 1);
        return;
    }
    p = innermost(flow);
    cc_buf_reset(&p->text);
    p->kind = CC_BLOCK_PARAGRAPH;
    p->level = 0;
    p->mark = 0;
}

void cc_flow_mark(struct cc_flow *flow, const char *mark)
{
    struct cc_flow_paragraph *p = innermost(flow);

    if (!p || p->text.len)
        return;
    cc_buf_printf(&p->text, "%s ", mark);
    p->mark = p->text.len;
}

void cc_flow_kind(struct cc_flow *flow, enum cc_block_kind kind, int level)
{
    struct cc_flow_paragraph *p = innermost(flow);

    if (p && flow->open <= CC_FLOW_DEPTH) {
        p->kind = kind;
        p->level = level;
    }
}

void cc_flow_text(struct cc_flow *flow, const char *s, size_t len)
{
    struct cc_flow_paragraph *p = innermost(flow);

    if (p)
        cc_buf_add(&p->text, s, len);
}

void cc_flow_note(struct cc_flow *flow, const char *text)
{
    if (flow->notes.len)
        cc_buf_char(&flow->notes, '\n');
    cc_buf_text(&flow->notes, text);
}

static int add_notes(struct cc_flow *flow)
{
    int rc = cc_parse_paragraph(flow->notes.bytes, flow->notes.len, flow->page, flow->doc);

    cc_buf_reset(&flow->notes);
    return rc;
}

struct cc_flow_later {
    enum cc_block_kind kind;
    int level;
    const char *text;
    size_t len;
};

static int add_item(struct cc_flow *flow, const struct cc_flow_later *p)
{
    int level = p->level < LIST_LEVELS ? p->level : LIST_LEVELS;
    const char *text = cc_arena_printf(flow->doc->mem, "%*s%s", 2 * level, "", p->text);

    return cc_extract_add(flow->doc, CC_BLOCK_LIST, 0, flow->page, text, strlen(text));
}

static int add_block(struct cc_flow *flow, const struct cc_flow_later *p)
{
    switch (p->kind) {
    case CC_BLOCK_LIST: return add_item(flow, p);
    case CC_BLOCK_PARAGRAPH: return cc_parse_paragraph(p->text, p->len, flow->page, flow->doc);
    default: return cc_extract_add(flow->doc, p->kind, p->level, flow->page, p->text, p->len);
    }
}

static void keep_for_later(struct cc_flow *flow, const struct cc_flow_later *p)
{
    struct cc_flow_later *more = flow->later;

    if (flow->n_later == flow->room_later) {
        flow->room_later = flow->room_later ? 2 * flow->room_later : 16;
        more = cc_arena_array(flow->doc->mem, flow->room_later, sizeof *more);
        if (flow->n_later)
            memcpy(more, flow->later, flow->n_later * sizeof *more);
        flow->later = more;
    }
    more[flow->n_later] = *p;
    more[flow->n_later++].text = cc_arena_dupn(flow->doc->mem, p->text, p->len);
}

/* The outermost paragraph is closed: itself, what lies within, its notes. */
static int add_all(struct cc_flow *flow, const struct cc_flow_later *outer)
{
    int rc = add_block(flow, outer);

    for (size_t i = 0; !rc && i < flow->n_later; i++)
        rc = add_block(flow, &flow->later[i]);
    flow->n_later = 0;
    return rc ? rc : add_notes(flow);
}

static void add_to_cell(struct cc_flow *flow, const struct cc_buf *text)
{
    size_t len;
    const char *s = cc_text_trim(text->bytes, text->len, &len);

    if (!len)
        return;
    if (flow->cell.len)
        cc_buf_char(&flow->cell, LINE_END);
    for (size_t i = 0; i < len; i++)
        cc_buf_char(&flow->cell, s[i] == '\n' ? LINE_END : s[i]);
}

int cc_flow_close(struct cc_flow *flow)
{
    struct cc_flow_paragraph *p = innermost(flow);
    struct cc_flow_later closed;

    if (!p || flow->open-- > CC_FLOW_DEPTH)
        return 0;
    if (cc_buf_over(&p->text))
        return cc_fail(CC_E_LIMIT, "a paragraph of more than %d bytes", CC_EXTRACT_TEXT);
    if (p->text.len == p->mark)
        cc_buf_reset(&p->text);
    closed = (struct cc_flow_later){p->kind, p->level, p->text.bytes, p->text.len};
    if (flow->tables)
        add_to_cell(flow, &p->text);
    else if (flow->open)
        keep_for_later(flow, &closed);
    else
        return add_all(flow, &closed);
    return 0;
}

void cc_flow_table(struct cc_flow *flow)
{
    if (flow->tables++)
        return;
    cc_buf_reset(&flow->table);
    cc_buf_reset(&flow->cell);
    flow->cells = flow->widest = 0;
}

void cc_flow_cell_end(struct cc_flow *flow)
{
    if (flow->tables != 1)
        return;
    if (flow->cells++)
        cc_buf_text(&flow->table, " | ");
    cc_buf_add(&flow->table, flow->cell.bytes, flow->cell.len);
    cc_buf_reset(&flow->cell);
    if (flow->cells > flow->widest)
        flow->widest = flow->cells;
}

void cc_flow_row_end(struct cc_flow *flow)
{
    if (flow->tables != 1)
        return;
    cc_buf_char(&flow->table, '\n');
    flow->cells = 0;
}

/* Has a row (without its line end) nothing but the bars between its cells? */
static bool is_empty(const char *row, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!strchr(" |\t\v", row[i]))
            return false;
    return true;
}

static void replace(char *s, size_t len, char from, char to)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] == from)
            s[i] = to;
}

static int add_layout(struct cc_flow *flow)
{
    char *text = flow->table.bytes;
    int rc = 0;

    for (size_t at = 0; !rc && at < flow->table.len;) {
        const char *end = memchr(text + at, '\n', flow->table.len - at);
        size_t len = end ? (size_t)(end - text) - at : flow->table.len - at;

        replace(text + at, len, LINE_END, '\n');
        rc = cc_parse_paragraph(text + at, len, flow->page, flow->doc);
        at += len + 1;
    }
    return rc;
}

static int add_rows_block(struct cc_flow *flow, const struct cc_buf *rows)
{
    return cc_extract_add(flow->doc, CC_BLOCK_TABLE, 0, flow->page, rows->bytes, rows->len);
}

/* Row by row; what is longer than a block may be goes on below the header once more. */
static int add_rows(struct cc_flow *flow, struct cc_buf *rows)
{
    const char *text = flow->table.bytes;
    size_t head = 0;
    int rc = 0;

    for (size_t at = 0, len; !rc && at < flow->table.len; at += len) {
        const char *end = memchr(text + at, '\n', flow->table.len - at);

        len = end ? (size_t)(end - text) - at + 1 : flow->table.len - at;
        if (is_empty(text + at, len - (end != NULL)))
            continue;
        if (rows->len > head && rows->len + len > TABLE_BYTES) {
            rc = add_rows_block(flow, rows);
            rows->len = head;
        }
        cc_buf_add(rows, text + at, len);
        if (!head && rows->len < TABLE_BYTES / 8)
            head = rows->len;
    }
    return rc ? rc : add_rows_block(flow, rows);
}

static int add_table(struct cc_flow *flow)
{
    struct cc_buf rows;
    int rc;

    if (flow->widest < 2)
        return add_layout(flow);
    replace(flow->table.bytes, flow->table.len, LINE_END, ' ');
    cc_buf_init(&rows, CC_EXTRACT_TEXT);
    rc = add_rows(flow, &rows);
    cc_buf_done(&rows);
    return rc;
}

int cc_flow_table_end(struct cc_flow *flow)
{
    int rc;

    if (!flow->tables || --flow->tables)
        return 0;
    if (cc_buf_over(&flow->table) || cc_buf_over(&flow->cell))
        return cc_fail(CC_E_LIMIT, "a table of more than %d bytes", CC_EXTRACT_TEXT);
    rc = flow->table.len ? add_table(flow) : 0;
    return rc || flow->open ? rc : add_notes(flow);
}
