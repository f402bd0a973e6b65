/*
 * csv.h - rows of texts as RFC 4180 has them, for people who open them in a spreadsheet.
 *
 * A cell that begins with = + - @, a tab or a line's end gets an apostrophe in front: a spreadsheet
 * would take it for a formula, and cells come from visitors.  So does = + - @ behind a semicolon or
 * a tab, where spreadsheets of many countries begin a cell.
 */
#ifndef CC_GATEWAY_PURE_CSV_H
#define CC_GATEWAY_PURE_CSV_H

#include "proto/base/buf.h"

/* Appends the cells and CRLF; NULL is an empty cell. */
void cc_csv_row(struct cc_buf *out, const char *const *cells, int n);

#endif
