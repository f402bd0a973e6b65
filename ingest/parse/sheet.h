/*
 * sheet.h - rows of cells (CSV, worksheets, arrays of objects) as records under their headers.
 *
 * The first rows are kept back until it is seen whether one of them names the columns.  From then
 * on each row is a block: "Header: value | Header: value", cells without text left out; without
 * headers "value | value"; a PAIR where the headers name a question and its answer, or where the
 * cells themselves show it.  Titles above the header are rows of one cell.  Names of columns that
 * stay empty are a last row, so that no word of the sheet is lost; a header said again is left out.
 */
#ifndef CC_INGEST_PARSE_SHEET_H
#define CC_INGEST_PARSE_SHEET_H

#include "ingest/parse/extract.h"
#include "ingest/parse/sheet_header.h"
#include "proto/base/buf.h"

struct cc_sheet {
    struct cc_extract *doc;
    int page;
    const char *title; /* a heading above the first row; NULL: none.  The caller may set it */
    /* below: for sheet.c */
    struct cc_sheet_row first[CC_SHEET_FIRST];
    int kept;
    bool decided;
    struct cc_sheet_row header;
    bool *used;  /* columns of the header that had a value */
    size_t room; /* of used, for records with their own names */
    int question, answer;
    struct cc_buf text;
};

void cc_sheet_init(struct cc_sheet *sheet, struct cc_extract *doc, int page);
void cc_sheet_done(struct cc_sheet *sheet);

/* The columns' names are known: the rows that come are all records. */
void cc_sheet_names(struct cc_sheet *sheet, const struct cc_sheet_row *names);

/* One record with names of its own; no header is looked for. */
int cc_sheet_record(struct cc_sheet *sheet, const struct cc_sheet_row *names,
                    const struct cc_sheet_row *row);

/* number counts from 1; the cells need to live for the call only. */
int cc_sheet_add(struct cc_sheet *sheet, const struct cc_sheet_row *row);
int cc_sheet_end(struct cc_sheet *sheet);

#endif
