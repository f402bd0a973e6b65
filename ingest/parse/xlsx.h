/*
 * xlsx.h - for office.c: the worksheets of an Excel workbook.
 */
#ifndef CC_INGEST_PARSE_XLSX_H
#define CC_INGEST_PARSE_XLSX_H

#include "ingest/parse/archive.h"
#include "ingest/parse/extract.h"

/* Each sheet is a page below a heading with its name; hidden ones are left out. */
int cc_xlsx_read(const struct cc_archive *archive, struct cc_extract *doc);

#endif
