#include <string.h>

#include "ingest/parse/html_write.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"

#define CELL_LETTERS 600 /* a longer cell is a column of a page */
#define SPAN_MOST    64

/* What a table is made of, counted over its own rows. */
struct shape {
    size_t rows, cells, widest, longest;
    bool nested;
};

static void look_at_cell(const struct cc_html_node *cell, struct shape *shape)
{
    shape->cells++;
    if (cell->letters > shape->longest)
        shape->longest = cell->letters;
    if (cell->paragraphs > 3 || cell->items > 12)
        shape->nested = true;
}

static void look(const struct cc_html_node *node, struct shape *shape)
{
    size_t width = 0;

    for (const struct cc_html_node *n = node->first; n; n = n->next) {
        if (n->cut)
            continue;
        if (n->tag->role == CC_HTML_CELL) {
            look_at_cell(n, shape);
            width++;
        }
        if (n->tag->role == CC_HTML_TABLE)
            shape->nested = true;
        else
            look(n, shape);
    }
    if (node->tag->role != CC_HTML_ROW)
        return;
    shape->rows++;
    if (width > shape->widest)
        shape->widest = width;
}

bool cc_html_is_data(const struct cc_html_node *table)
{
    struct shape shape = {0};

    look(table, &shape);
    return shape.rows >= 2 && shape.widest >= 2 && !shape.nested && shape.longest <= CELL_LETTERS;
}

static void write_cell(const struct cc_html_node *cell, bool first, struct cc_arena *mem,
                       struct cc_buf *out)
{
    if (!first)
        cc_buf_text(out, " | ");
    cc_buf_text(out, cc_html_text(cell, mem));
    for (unsigned i = 1; i < cell->span && i < SPAN_MOST; i++)
        cc_buf_text(out, " |"); /* keeps the columns below their headers */
}

static void write_rows(const struct cc_html_node *node, struct cc_arena *mem, struct cc_buf *out)
{
    bool first = true;

    for (const struct cc_html_node *n = node->first; n; n = n->next) {
        if (n->cut)
            continue;
        if (n->tag->role == CC_HTML_CELL && n->letters + n->images) {
            write_cell(n, first, mem, out);
            first = false;
        } else if (n->tag->role == CC_HTML_CELL) {
            cc_buf_text(out, first ? "" : " | ");
            first = false;
        } else {
            write_rows(n, mem, out);
        }
    }
    if (node->tag->role == CC_HTML_ROW)
        cc_buf_char(out, '\n');
}

static int write_captions(const struct cc_html_node *table, struct cc_extract *doc)
{
    int rc = 0;

    for (const struct cc_html_node *n = table->first; n && !rc; n = n->next)
        if (!n->cut && !strcmp(n->tag->name, "caption")) {
            const char *text = cc_html_text(n, doc->mem);

            rc = cc_extract_add(doc, CC_BLOCK_PARAGRAPH, 0, 0, text, strlen(text));
        }
    return rc;
}

int cc_html_write_table(const struct cc_html_node *table, struct cc_extract *doc)
{
    struct cc_buf out;
    int rc = write_captions(table, doc);

    if (rc)
        return rc;
    cc_buf_init(&out, CC_EXTRACT_TEXT);
    write_rows(table, doc->mem, &out);
    rc = cc_buf_over(&out) ? cc_fail(CC_E_LIMIT, "a table of more than %d bytes", CC_EXTRACT_TEXT)
                           : cc_extract_add(doc, CC_BLOCK_TABLE, 0, 0, out.bytes, out.len);
    cc_buf_done(&out);
    return rc;
}
