#include <string.h>

#include "ingest/parse/odf.h"
#include "ingest/parse/opc.h"
#include "ingest/parse/sheet.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define COLUMNS   16384
#define REPEATED  256  /* cells with text that one element may stand for */
#define SAME_ROWS 1000 /* rows with text likewise */
#define ROWS      16777216

struct reading {
    struct cc_extract *doc;
    struct cc_sheet sheet;
    int tables, skip, paragraphs, rows, columns, lines;
    int gap; /* cells without text behind the last one with */
    struct cc_sheet_row row;
    struct cc_buf value;
};

/* Remarks, pictures and what stands in headers of printed pages. */
static bool is_left_out(const char *name)
{
    return !strcmp(name, "annotation") || !strcmp(name, "shapes") || !strcmp(name, "frame") ||
           !strcmp(name, "tracked-changes");
}

static void begin_table(struct reading *r, const char *const *attributes)
{
    const char *name = cc_xml_attribute(attributes, "name");
    int page = r->sheet.page;

    if (r->tables++)
        return;
    page += page < CC_EXTRACT_PAGES;
    cc_extract_page(r->doc, page);
    cc_sheet_init(&r->sheet, r->doc, page);
    r->sheet.title = name ? cc_arena_dup(r->doc->mem, name) : NULL;
    r->row.number = 0;
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;

    if (r->skip || is_left_out(name)) {
        r->skip++;
    } else if (!strcmp(name, "table")) {
        begin_table(r, attributes);
    } else if (r->tables != 1) {
        return 0;
    } else if (!strcmp(name, "table-row")) {
        r->row.n = 0;
        r->gap = 0;
        r->rows = cc_xml_number(attributes, "number-rows-repeated", 1);
    } else if (!strcmp(name, "table-cell") || !strcmp(name, "covered-table-cell")) {
        r->columns = cc_xml_number(attributes, "number-columns-repeated", 1);
        r->lines = 0;
        cc_buf_reset(&r->value);
    } else if (!strcmp(name, "p")) {
        r->paragraphs++;
        if (r->lines++)
            cc_buf_char(&r->value, '\n');
    } else if (!strcmp(name, "s") && r->paragraphs) {
        cc_buf_char(&r->value, ' ');
    }
    return 0;
}

/* Sheets end each row with thousands of empty cells: those are left out. */
static void add_cell(struct reading *r)
{
    struct cc_cell cell;
    int columns = r->columns < COLUMNS ? r->columns : COLUMNS;

    cell.s = cc_text_trim(r->value.bytes, r->value.len, &cell.len);
    if (!cell.len) {
        r->gap += r->gap < COLUMNS ? columns : 0;
        return;
    }
    cell.s = cc_arena_dupn(r->doc->mem, cell.s, cell.len);
    for (; r->gap && r->row.n < COLUMNS; r->gap--)
        r->row.cells[r->row.n++] = (struct cc_cell){"", 0};
    for (int i = 0; i < columns && i < REPEATED && r->row.n < COLUMNS; i++)
        r->row.cells[r->row.n++] = cell;
}

static int end_row(struct reading *r)
{
    int n = r->rows < 1 ? 1 : r->rows < ROWS ? r->rows : ROWS, rc = 0;
    int said = n < SAME_ROWS ? n : SAME_ROWS;

    if (cc_buf_over(&r->value))
        return cc_fail(CC_E_LIMIT, "a cell of more than %d bytes", CC_EXTRACT_TEXT);
    if (!cc_sheet_filled(&r->row))
        said = 0;
    for (int i = 0; !rc && i < said; i++) {
        r->row.number++;
        rc = cc_sheet_add(&r->sheet, &r->row);
    }
    r->row.number = r->row.number < ROWS ? r->row.number + n - said : ROWS;
    return rc;
}

static int end_table(struct reading *r)
{
    int rc;

    if (--r->tables)
        return 0;
    rc = cc_sheet_end(&r->sheet);
    cc_sheet_done(&r->sheet);
    return rc;
}

static int end(void *arg, const char *name)
{
    struct reading *r = arg;

    if (r->skip) {
        r->skip--;
        return 0;
    }
    if (!strcmp(name, "table"))
        return end_table(r);
    if (r->tables != 1)
        return 0;
    if (!strcmp(name, "table-row"))
        return end_row(r);
    if (!strcmp(name, "table-cell") || !strcmp(name, "covered-table-cell"))
        add_cell(r);
    else if (!strcmp(name, "p"))
        r->paragraphs--;
    return 0;
}

static int text(void *arg, const char *s, size_t len)
{
    struct reading *r = arg;

    if (r->paragraphs && !r->skip)
        cc_buf_add(&r->value, s, len);
    return 0;
}

int cc_odf_sheets(const struct cc_archive *archive, const char *part, struct cc_extract *doc)
{
    static const struct cc_xml_events events = {begin, end, text};
    struct reading r = {.doc = doc};
    int rc;

    cc_sheet_init(&r.sheet, doc, 0);
    r.row.cells = cc_arena_array(doc->mem, COLUMNS, sizeof *r.row.cells);
    cc_buf_init(&r.value, CC_EXTRACT_TEXT);
    rc = cc_opc_read(archive, part, &events, &r);
    cc_buf_done(&r.value);
    cc_sheet_done(&r.sheet);
    return rc;
}
