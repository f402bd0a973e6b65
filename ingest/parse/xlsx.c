#include "ingest/parse/xlsx.h"

#include <string.h>

#include "ingest/parse/opc.h"
#include "ingest/parse/sheet.h"
#include "ingest/parse/xlsx_book.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define COLUMNS     16384
#define ROWS        1048576
#define MERGES      2000 /* that span rows; what is beyond stays as it is */
#define MERGE_BYTES 400  /* a longer text is not said again in each row */

/* A cell that spans rows says its text in each of them. */
struct merge {
    int top, bottom, column;
    struct cc_cell value;
};

struct reading {
    const struct cc_xlsx_book *book;
    struct cc_arena *mem;
    struct cc_sheet sheet;
    struct cc_sheet_row row;
    size_t room;
    struct cc_buf values; /* of the row; cells hold offsets into it until the row ends */
    bool *own;            /* is a cell's text in values? */
    /* the cell that is being read */
    int column, style;
    char type; /* first letter of its type: shared, boolean, inline, ... or number */
    bool in_value;
    struct cc_buf value;
    struct merge *merges;
    size_t n_merges;
};

/* "BC12": column from 0, row from 1; 0 for what is missing. */
static bool read_place(const char *s, int *ret_column, int *ret_row)
{
    int column = 0, row = 0;

    for (; *s >= 'A' && *s <= 'Z' && column <= COLUMNS; s++)
        column = 26 * column + *s - 'A' + 1;
    for (; *s >= '0' && *s <= '9' && row <= ROWS; s++)
        row = 10 * row + *s - '0';
    if (column < 1 || column > COLUMNS || row < 1 || row > ROWS)
        return false;
    *ret_column = column - 1;
    *ret_row = row;
    return true;
}

static int begin_merge(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;
    const char *place = cc_xml_attribute(attributes, "ref"), *colon;
    struct merge m = {0};
    int right;

    if (strcmp(name, "mergeCell") || !place || !(colon = strchr(place, ':')) ||
        r->n_merges >= MERGES || !read_place(place, &m.column, &m.top) ||
        !read_place(colon + 1, &right, &m.bottom) || m.bottom == m.top)
        return 0;
    r->merges[r->n_merges++] = m;
    return 0;
}

static void make_room(struct reading *r, size_t n)
{
    struct cc_cell *cells;
    bool *own;

    if (n <= r->room)
        return;
    while (r->room < n)
        r->room = r->room ? 2 * r->room : 32;
    cells = cc_arena_array(r->mem, r->room, sizeof *cells);
    own = cc_arena_array(r->mem, r->room, sizeof *own);
    if (r->row.n) {
        memcpy(cells, r->row.cells, r->row.n * sizeof *cells);
        memcpy(own, r->own, r->row.n * sizeof *own);
    }
    r->row.cells = cells;
    r->own = own;
}

static struct cc_cell *cell_at(struct reading *r, int column)
{
    size_t n = (size_t)column + 1;

    make_room(r, n);
    for (; r->row.n < n; r->row.n++) {
        r->row.cells[r->row.n] = (struct cc_cell){"", 0};
        r->own[r->row.n] = false;
    }
    return &r->row.cells[column];
}

static void begin_row(struct reading *r, const char *const *attributes)
{
    int number = cc_xml_number(attributes, "r", 0);

    r->row.number = number > 0 ? number : r->row.number + 1;
    r->row.n = 0;
    r->column = -1;
    cc_buf_reset(&r->values);
}

static void begin_cell(struct reading *r, const char *const *attributes)
{
    const char *type = cc_xml_attribute(attributes, "t"),
               *place = cc_xml_attribute(attributes, "r");
    int row;

    if (!place || !read_place(place, &r->column, &row))
        r->column += r->column < COLUMNS - 1;
    r->style = cc_xml_number(attributes, "s", 0);
    r->type = type ? *type : 'n';
    if (type && !strcmp(type, "str"))
        r->type = 'f';
    cc_buf_reset(&r->value);
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;

    if (!strcmp(name, "row"))
        begin_row(r, attributes);
    else if (!strcmp(name, "c"))
        begin_cell(r, attributes);
    r->in_value = !strcmp(name, "v") || !strcmp(name, "t");
    return 0;
}

static void put_value(struct reading *r, const char *s, size_t len)
{
    struct cc_cell *cell = cell_at(r, r->column);

    s = cc_text_trim(s, len, &len);
    *cell = (struct cc_cell){(const char *)r->values.len, len};
    r->own[r->column] = true;
    cc_buf_add(&r->values, s, len);
}

static void put_shared(struct reading *r)
{
    int64_t i;

    if (cc_text_int(r->value.bytes, 0, (int64_t)r->book->n_strings - 1, &i))
        *cell_at(r, r->column) = r->book->strings[i];
}

static void put_number(struct reading *r)
{
    static const struct cc_number_format general = {.decimals = -1};
    size_t style = (size_t)r->style;
    char shown[CC_NUMBER_BYTES];
    size_t len = cc_number_show(r->value.bytes,
                                style < r->book->n_formats ? &r->book->formats[style] : &general,
                                r->book->since_1904, shown);

    put_value(r, shown, len);
}

static void end_cell(struct reading *r)
{
    if (!r->value.len || r->column < 0)
        return;
    switch (r->type) {
    case 's': put_shared(r); break;
    case 'n': put_number(r); break;
    case 'b':
        put_value(r, *r->value.bytes == '1' ? "TRUE" : "FALSE", *r->value.bytes == '1' ? 4 : 5);
        break;
    default: put_value(r, r->value.bytes, r->value.len);
    }
}

static void spread_merges(struct reading *r)
{
    for (size_t i = 0; i < r->n_merges; i++) {
        struct merge *m = &r->merges[i];
        struct cc_cell *cell;

        if (r->row.number < m->top || r->row.number > m->bottom)
            continue;
        cell = cell_at(r, m->column);
        if (r->row.number == m->top && cell->len <= MERGE_BYTES)
            m->value = (struct cc_cell){cc_arena_dupn(r->mem, cell->s, cell->len), cell->len};
        else if (!cell->len)
            *cell = m->value;
    }
}

static int end_row(struct reading *r)
{
    if (cc_buf_over(&r->values) || cc_buf_over(&r->value))
        return cc_fail(CC_E_LIMIT, "a row of more than %d bytes", CC_EXTRACT_TEXT);
    for (size_t i = 0; i < r->row.n; i++)
        if (r->own[i])
            r->row.cells[i].s = r->values.bytes + (size_t)r->row.cells[i].s;
    if (!r->row.n)
        return 0;
    spread_merges(r);
    return cc_sheet_add(&r->sheet, &r->row);
}

static int end(void *arg, const char *name)
{
    struct reading *r = arg;

    r->in_value = false;
    if (!strcmp(name, "c"))
        end_cell(r);
    return strcmp(name, "row") ? 0 : end_row(r);
}

static int text(void *arg, const char *s, size_t len)
{
    struct reading *r = arg;

    if (r->in_value)
        cc_buf_add(&r->value, s, len);
    return 0;
}

static int read_merges(const struct cc_archive *archive, const char *part, struct reading *r)
{
    static const struct cc_xml_events events = {.begin = begin_merge};
    const char *bytes;
    size_t len;

    if (cc_archive_part(archive, part, &bytes, &len) || !memmem(bytes, len, "mergeCell", 9))
        return 0;
    r->merges = cc_arena_array(r->mem, MERGES, sizeof *r->merges);
    return cc_opc_try(archive, part, &events, r);
}

static int read_sheet(const struct cc_archive *archive, const struct cc_xlsx_book *book, size_t i,
                      struct cc_extract *doc)
{
    static const struct cc_xml_events events = {begin, end, text};
    struct reading r = {.book = book, .mem = doc->mem, .column = -1};
    int rc;

    cc_extract_page(doc, (int)i + 1);
    cc_sheet_init(&r.sheet, doc, (int)i + 1);
    r.sheet.title = book->sheets[i].name;
    cc_buf_init(&r.values, CC_EXTRACT_TEXT);
    cc_buf_init(&r.value, CC_EXTRACT_TEXT);
    if (!(rc = read_merges(archive, book->sheets[i].part, &r)) &&
        !(rc = cc_opc_read(archive, book->sheets[i].part, &events, &r)))
        rc = cc_sheet_end(&r.sheet);
    cc_buf_done(&r.value);
    cc_buf_done(&r.values);
    cc_sheet_done(&r.sheet);
    return rc;
}

int cc_xlsx_read(const struct cc_archive *archive, struct cc_extract *doc)
{
    struct cc_xlsx_book book;
    int rc = cc_xlsx_book_read(archive, doc->mem, &book);

    for (size_t i = 0; !rc && i < book.n_sheets; i++) {
        const struct cc_xlsx_sheet *sheet = &book.sheets[i];

        if (sheet->hidden)
            continue;
        if (!sheet->part)
            rc = cc_fail(CC_E_PARSER, "sheet %zu of the workbook is missing", i + 1);
        else if (!strstr(sheet->part, "chartsheets/"))
            rc = read_sheet(archive, &book, i, doc);
    }
    return rc;
}
