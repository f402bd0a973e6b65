/*
 * sheet_header.h - which of a sheet's first rows names its columns, and which of them are a
 * question and its answer.
 */
#ifndef CC_INGEST_PARSE_SHEET_HEADER_H
#define CC_INGEST_PARSE_SHEET_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#define CC_SHEET_FIRST 24 /* rows that are looked at */

struct cc_cell {
    const char *s;
    size_t len; /* without white space at its ends */
};

struct cc_sheet_row {
    int number; /* as the file counts, from 1 */
    size_t n;
    struct cc_cell *cells;
};

/* Index into rows (at most CC_SHEET_FIRST), -1 when none does. */
int cc_sheet_header(const struct cc_sheet_row *rows, int n);

/* Cells with text in them. */
size_t cc_sheet_filled(const struct cc_sheet_row *row);

/* Sheets that were printed say their header again on each page. */
bool cc_sheet_repeats(const struct cc_sheet_row *header, const struct cc_sheet_row *row);

/* Columns whose names say "question" and "answer" in one of many languages; false, and both -1,
 * when one of the two is missing. */
bool cc_sheet_pair(const struct cc_sheet_row *names, int *ret_question, int *ret_answer);

/* Two columns without names: questions, as most of the first one end in a question mark, and
 * answers? */
bool cc_sheet_asks(const struct cc_sheet_row *rows, int n);

#endif
