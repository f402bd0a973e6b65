#include "ingest/parse/sheet.h"

#include <string.h>

#include "proto/base/error.h"

#define ROW_BYTES (16 * 1024) /* a longer record goes on in another block of the same row */

void cc_sheet_init(struct cc_sheet *sheet, struct cc_extract *doc, int page)
{
    *sheet = (struct cc_sheet){.doc = doc, .page = page, .question = -1, .answer = -1};
    cc_buf_init(&sheet->text, CC_EXTRACT_TEXT);
}

void cc_sheet_done(struct cc_sheet *sheet)
{
    cc_buf_done(&sheet->text);
}

static struct cc_sheet_row keep(const struct cc_sheet_row *row, struct cc_arena *mem)
{
    struct cc_sheet_row copy = {row->number, row->n, NULL};

    copy.cells = cc_arena_array(mem, row->n + 1, sizeof *copy.cells);
    for (size_t i = 0; i < row->n; i++) {
        struct cc_cell cell = row->cells[i];

        copy.cells[i] =
            (struct cc_cell){cell.len ? cc_arena_dupn(mem, cell.s, cell.len) : "", cell.len};
    }
    return copy;
}

/* Not before there is a row: an empty sheet has no heading either. */
static int add_title(struct cc_sheet *sheet)
{
    const char *title = sheet->title;

    sheet->title = NULL;
    if (!title)
        return 0;
    return cc_extract_add(sheet->doc, CC_BLOCK_HEADING, 1, sheet->page, title, strlen(title));
}

static int flush(struct cc_sheet *sheet, enum cc_block_kind kind, int number)
{
    int rc;

    if (cc_buf_over(&sheet->text))
        return cc_fail(CC_E_LIMIT, "a row of more than %d bytes", CC_EXTRACT_TEXT);
    if ((rc = add_title(sheet)))
        return rc;
    sheet->doc->row = number;
    rc = cc_extract_add(sheet->doc, kind, 0, sheet->page, sheet->text.bytes, sheet->text.len);
    sheet->doc->row = 0;
    cc_buf_reset(&sheet->text);
    return rc;
}

/* A line end within a value is white space there. */
static void add_line(struct cc_buf *text, struct cc_cell cell)
{
    for (size_t i = 0; i < cell.len; i++)
        cc_buf_char(text, strchr("\n\r\t", cell.s[i] ? cell.s[i] : 'x') ? ' ' : cell.s[i]);
}

static void add_cell(struct cc_sheet *sheet, struct cc_cell name, struct cc_cell value)
{
    if (name.len) {
        add_line(&sheet->text, name);
        if (name.s[name.len - 1] != ':')
            cc_buf_char(&sheet->text, ':');
        cc_buf_char(&sheet->text, ' ');
    }
    add_line(&sheet->text, value);
}

static struct cc_cell name_of(struct cc_sheet *sheet, size_t column)
{
    if (column >= sheet->header.n)
        return (struct cc_cell){"", 0};
    sheet->used[column] = true;
    return sheet->header.cells[column];
}

static int add_record(struct cc_sheet *sheet, const struct cc_sheet_row *row)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < row->n; i++) {
        if (!row->cells[i].len)
            continue;
        if (sheet->text.len > ROW_BYTES)
            rc = flush(sheet, CC_BLOCK_ROW, row->number);
        if (sheet->text.len)
            cc_buf_text(&sheet->text, " | ");
        add_cell(sheet, name_of(sheet, i), row->cells[i]);
    }
    return rc || !sheet->text.len ? rc : flush(sheet, CC_BLOCK_ROW, row->number);
}

static bool is_pair(const struct cc_sheet *sheet, const struct cc_sheet_row *row)
{
    size_t question = (size_t)sheet->question, answer = (size_t)sheet->answer;

    return sheet->question >= 0 && question < row->n && answer < row->n &&
           row->cells[question].len && row->cells[answer].len;
}

/* The other columns follow the answer. */
static int add_pair(struct cc_sheet *sheet, const struct cc_sheet_row *row)
{
    const struct cc_cell *answer = &row->cells[sheet->answer];

    add_line(&sheet->text, row->cells[sheet->question]);
    cc_buf_char(&sheet->text, '\n');
    cc_buf_add(&sheet->text, answer->s, answer->len);
    for (size_t i = 0; i < row->n; i++) {
        struct cc_cell name = name_of(sheet, i);

        if (!row->cells[i].len || (int)i == sheet->question || (int)i == sheet->answer)
            continue;
        cc_buf_char(&sheet->text, '\n');
        add_cell(sheet, name, row->cells[i]);
    }
    return flush(sheet, CC_BLOCK_PAIR, row->number);
}

static int add_row(struct cc_sheet *sheet, const struct cc_sheet_row *row)
{
    if (sheet->header.n && cc_sheet_repeats(&sheet->header, row))
        return 0;
    return is_pair(sheet, row) ? add_pair(sheet, row) : add_record(sheet, row);
}

void cc_sheet_names(struct cc_sheet *sheet, const struct cc_sheet_row *names)
{
    sheet->header = keep(names, sheet->doc->mem);
    sheet->used = cc_arena_array(sheet->doc->mem, names->n + 1, sizeof *sheet->used);
    cc_sheet_pair(&sheet->header, &sheet->question, &sheet->answer);
    sheet->decided = true;
}

int cc_sheet_record(struct cc_sheet *sheet, const struct cc_sheet_row *names,
                    const struct cc_sheet_row *row)
{
    int rc;

    if (names->n > sheet->room) {
        sheet->room = 2 * names->n;
        sheet->used = cc_arena_array(sheet->doc->mem, sheet->room, sizeof *sheet->used);
    }
    sheet->header = *names;
    cc_sheet_pair(names, &sheet->question, &sheet->answer);
    rc = is_pair(sheet, row) ? add_pair(sheet, row) : add_record(sheet, row);
    sheet->header = (struct cc_sheet_row){0, 0, NULL};
    return rc;
}

static int decide(struct cc_sheet *sheet)
{
    int header = cc_sheet_header(sheet->first, sheet->kept), rc = 0;

    sheet->decided = true;
    if (header < 0 && cc_sheet_asks(sheet->first, sheet->kept)) {
        sheet->question = 0;
        sheet->answer = 1;
    }
    for (int i = 0; !rc && i < sheet->kept; i++) {
        if (i == header)
            cc_sheet_names(sheet, &sheet->first[i]);
        else
            rc = add_row(sheet, &sheet->first[i]);
    }
    return rc;
}

int cc_sheet_add(struct cc_sheet *sheet, const struct cc_sheet_row *row)
{
    if (!cc_sheet_filled(row))
        return 0;
    if (sheet->decided)
        return add_row(sheet, row);
    sheet->first[sheet->kept++] = keep(row, sheet->doc->mem);
    return sheet->kept < CC_SHEET_FIRST ? 0 : decide(sheet);
}

/* Names that no record has said. */
static struct cc_sheet_row unused(struct cc_sheet *sheet)
{
    struct cc_sheet_row names = keep(&sheet->header, sheet->doc->mem);

    for (size_t i = 0; i < names.n; i++)
        if (sheet->used[i])
            names.cells[i].len = 0;
    return names;
}

int cc_sheet_end(struct cc_sheet *sheet)
{
    struct cc_sheet_row names;
    int rc = sheet->decided ? 0 : decide(sheet);

    if (rc || !sheet->header.number)
        return rc;
    names = unused(sheet);
    sheet->header.n = 0;
    return add_record(sheet, &names);
}
