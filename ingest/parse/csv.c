#include "ingest/parse/csv.h"

#include <string.h>

#include "ingest/parse/parse.h"
#include "ingest/parse/sheet.h"
#include "proto/base/text.h"

void cc_csv_init(struct cc_csv *csv, char *text, size_t len, char delimiter, struct cc_arena *mem)
{
    *csv =
        (struct cc_csv){.text = text, .len = len, .delimiter = delimiter, .mem = mem, .room = 16};
    csv->cells = cc_arena_array(mem, csv->room, sizeof *csv->cells);
}

static bool ends_field(const struct cc_csv *csv, size_t at)
{
    return at >= csv->len || csv->text[at] == csv->delimiter || csv->text[at] == '\n';
}

/* Where the quote that opens at `open` is closed; 0 when it is not.  In a broken text it has to be
 * on the same line. */
static size_t find_close(const struct cc_csv *csv, size_t open)
{
    for (size_t i = open + 1; i < csv->len; i++) {
        char c = csv->text[i];

        if (c == '\n' && csv->broken)
            return 0;
        if (c == '\\' && i + 2 < csv->len && csv->text[i + 1] == '"' && !ends_field(csv, i + 2))
            i++;
        else if (c == '"' && i + 1 < csv->len && csv->text[i + 1] == '"')
            i++;
        else if (c == '"')
            return i;
    }
    return 0;
}

/* Moves what is between the quotes to `to`, each doubled or escaped quote as one. */
static size_t unquote(struct cc_csv *csv, size_t open, size_t close, size_t to)
{
    for (size_t i = open + 1; i < close; i++) {
        if ((csv->text[i] == '"' || csv->text[i] == '\\') && i + 1 < close &&
            csv->text[i + 1] == '"')
            i++;
        csv->text[to++] = csv->text[i];
    }
    return to;
}

static size_t skip_blanks(const struct cc_csv *csv, size_t at)
{
    while (at < csv->len && csv->text[at] == ' ' && csv->delimiter != ' ')
        at++;
    return at;
}

/* From csv->at to its delimiter or line end, where csv->at is left. */
static struct cc_cell read_field(struct cc_csv *csv)
{
    size_t from = csv->at, to = from, open = skip_blanks(csv, from), close = 0;
    struct cc_cell cell;

    if (open < csv->len && csv->text[open] == '"') {
        close = find_close(csv, open);
        csv->broken = csv->broken || !close;
    }
    if (close) {
        to = unquote(csv, open, close, from);
        csv->at = close + 1;
    }
    while (!ends_field(csv, csv->at))
        csv->text[to++] = csv->text[csv->at++];
    cell.s = cc_text_trim(csv->text + from, to - from, &cell.len);
    return cell;
}

static void make_room(struct cc_csv *csv, size_t n)
{
    struct cc_cell *more;

    if (n < csv->room)
        return;
    more = cc_arena_array(csv->mem, 2 * csv->room, sizeof *more);
    memcpy(more, csv->cells, csv->room * sizeof *more);
    csv->cells = more;
    csv->room *= 2;
}

bool cc_csv_next(struct cc_csv *csv, struct cc_sheet_row *ret)
{
    size_t n = 0;
    bool more = csv->at < csv->len;

    if (!more)
        return false;
    while (more) {
        struct cc_cell cell = read_field(csv);

        if (n < CC_CSV_COLUMNS) {
            make_room(csv, n);
            csv->cells[n++] = cell;
        }
        more = csv->at < csv->len && csv->text[csv->at] != '\n';
        csv->at++;
    }
    *ret = (struct cc_sheet_row){ret->number + 1, n, csv->cells};
    return true;
}

int cc_parse_csv(const char *text, size_t len, struct cc_extract *doc)
{
    struct cc_sheet_row row = {0, 0, NULL};
    struct cc_sheet sheet;
    struct cc_csv csv;
    char delimiter = ',';
    size_t from = 0;
    int rc = 0;

    (void)cc_csv_sniff(text, len, &delimiter, &from);
    doc->type = CC_FILE_CSV;
    cc_csv_init(&csv, cc_arena_dupn(doc->mem, text + from, len - from), len - from, delimiter,
                doc->mem);
    cc_sheet_init(&sheet, doc, 0);
    while (!rc && cc_csv_next(&csv, &row))
        rc = cc_sheet_add(&sheet, &row);
    rc = rc ? rc : cc_sheet_end(&sheet);
    cc_sheet_done(&sheet);
    return rc;
}
