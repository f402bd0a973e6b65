/*
 * xlsx_book.h - for xlsx.c: what all sheets of a workbook share.
 */
#ifndef CC_INGEST_PARSE_XLSX_BOOK_H
#define CC_INGEST_PARSE_XLSX_BOOK_H

#include "ingest/parse/archive.h"
#include "ingest/parse/extract.h"
#include "ingest/parse/sheet_header.h"
#include "ingest/parse/sheet_number.h"

#define CC_XLSX_SHEETS 2000

struct cc_xlsx_sheet {
    const char *name, *part; /* part NULL: missing */
    bool hidden;
};

struct cc_xlsx_book {
    bool since_1904;
    size_t n_sheets, n_strings, n_formats;
    struct cc_xlsx_sheet *sheets;
    struct cc_cell *strings;          /* by index */
    struct cc_number_format *formats; /* by a cell's style */
};

/* All lives in mem.  PARSER, LIMIT; strings and styles may be missing. */
int cc_xlsx_book_read(const struct cc_archive *archive, struct cc_arena *mem,
                      struct cc_xlsx_book *ret);

#endif
