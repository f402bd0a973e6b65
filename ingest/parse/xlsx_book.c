#include "ingest/parse/xlsx_book.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/parse/opc.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define USUAL   "xl/workbook.xml"
#define STRINGS 4000000
#define STYLES  70000 /* Excel's own limit is 65,490 */
#define CODES   5000

struct reading {
    struct cc_xlsx_book *book;
    struct cc_arena *mem;
    const struct cc_opc_relations *relations;
    size_t room;
    /* of strings */
    struct cc_buf text;
    bool in_text;
    int phonetic;
    /* of styles */
    struct {
        int id;
        struct cc_number_format format;
    } * codes;
    size_t n_codes;
    bool in_cells;
};

/* Doubles an array of *n members when it is full. */
static void *grown(struct reading *r, void *all, size_t n, size_t each)
{
    char *more;

    if (n < r->room)
        return all;
    r->room = r->room ? 2 * r->room : 64;
    more = cc_arena_array(r->mem, r->room, each);
    if (n)
        memcpy(more, all, n * each);
    return more;
}

static int begin_book(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;
    struct cc_xlsx_book *book = r->book;
    const char *title, *state;

    if (!strcmp(name, "workbookPr")) {
        book->since_1904 =
            cc_xml_attribute(attributes, "date1904") && cc_xml_is_on(attributes, "date1904");
        return 0;
    }
    if (strcmp(name, "sheet"))
        return 0;
    if (book->n_sheets >= CC_XLSX_SHEETS)
        return cc_fail(CC_E_LIMIT, "more than %d sheets", CC_XLSX_SHEETS);
    title = cc_xml_attribute(attributes, "name");
    state = cc_xml_attribute(attributes, "state");
    book->sheets = grown(r, book->sheets, book->n_sheets, sizeof *book->sheets);
    book->sheets[book->n_sheets++] = (struct cc_xlsx_sheet){
        cc_arena_dup(r->mem, title ? title : ""),
        cc_opc_by_id(r->relations, cc_xml_prefixed(attributes, "id")),
        state && strcmp(state, "visible") != 0,
    };
    return 0;
}

static int begin_string(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;

    (void)attributes;
    if (!strcmp(name, "si"))
        cc_buf_reset(&r->text);
    else if (!strcmp(name, "rPh"))
        r->phonetic++;
    r->in_text = !strcmp(name, "t") && !r->phonetic;
    return 0;
}

static int end_string(void *arg, const char *name)
{
    struct reading *r = arg;
    struct cc_xlsx_book *book = r->book;
    struct cc_cell cell;

    r->in_text = false;
    if (!strcmp(name, "rPh"))
        r->phonetic--;
    if (strcmp(name, "si"))
        return 0;
    if (book->n_strings >= STRINGS)
        return cc_fail(CC_E_LIMIT, "more than %d different texts", STRINGS);
    cell.s = cc_text_trim(r->text.bytes, r->text.len, &cell.len);
    cell.s = cell.len ? cc_arena_dupn(r->mem, cell.s, cell.len) : "";
    book->strings = grown(r, book->strings, book->n_strings, sizeof *book->strings);
    book->strings[book->n_strings++] = cell;
    return 0;
}

static int add_string(void *arg, const char *s, size_t len)
{
    struct reading *r = arg;

    if (r->in_text)
        cc_buf_add(&r->text, s, len);
    return 0;
}

static struct cc_number_format find_format(const struct reading *r, int id)
{
    for (size_t i = 0; i < r->n_codes; i++)
        if (r->codes[i].id == id)
            return r->codes[i].format;
    return cc_number_builtin(id);
}

static int begin_style(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;
    struct cc_xlsx_book *book = r->book;

    if (!strcmp(name, "numFmt") && r->n_codes < CODES) {
        r->codes[r->n_codes].id = cc_xml_number(attributes, "numFmtId", -1);
        r->codes[r->n_codes++].format =
            cc_number_format(cc_xml_attribute(attributes, "formatCode"));
    } else if (!strcmp(name, "cellXfs")) {
        r->in_cells = true;
    } else if (r->in_cells && !strcmp(name, "xf") && book->n_formats < STYLES) {
        book->formats = grown(r, book->formats, book->n_formats, sizeof *book->formats);
        book->formats[book->n_formats++] = find_format(r, cc_xml_number(attributes, "numFmtId", 0));
    }
    return 0;
}

static int end_style(void *arg, const char *name)
{
    if (!strcmp(name, "cellXfs"))
        ((struct reading *)arg)->in_cells = false;
    return 0;
}

static int read_strings(const struct cc_archive *archive, const char *part, struct reading *r)
{
    static const struct cc_xml_events events = {begin_string, end_string, add_string};
    int rc;

    if (!part)
        return 0;
    r->room = 0;
    cc_buf_init(&r->text, CC_EXTRACT_TEXT);
    rc = cc_opc_read(archive, part, &events, r);
    cc_buf_done(&r->text);
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

int cc_xlsx_book_read(const struct cc_archive *archive, struct cc_arena *mem,
                      struct cc_xlsx_book *ret)
{
    static const struct cc_xml_events books = {.begin = begin_book};
    static const struct cc_xml_events styles = {.begin = begin_style, .end = end_style};
    const char *part = cc_opc_main(archive, USUAL, mem);
    struct cc_opc_relations relations = cc_opc_relations(archive, part, mem);
    struct reading r = {.book = ret, .mem = mem, .relations = &relations};
    int rc;

    *ret = (struct cc_xlsx_book){0};
    if ((rc = cc_opc_read(archive, part, &books, &r)) ||
        (rc = read_strings(archive, cc_opc_by_type(&relations, "sharedStrings"), &r)))
        return rc;
    r.codes = cc_arena_array(mem, CODES, sizeof *r.codes);
    r.room = 0;
    return cc_opc_try(archive, cc_opc_by_type(&relations, "styles"), &styles, &r);
}
