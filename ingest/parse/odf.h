/*
 * odf.h - for office.c: OpenDocument texts, presentations and spreadsheets.
 */
#ifndef CC_INGEST_PARSE_ODF_H
#define CC_INGEST_PARSE_ODF_H

#include "ingest/parse/archive.h"
#include "ingest/parse/extract.h"

/* By doc->type: text as it flows; a page a slide with its title and notes; a page a sheet. */
int cc_odf_read(const struct cc_archive *archive, struct cc_extract *doc);

/* For odf.c: a spreadsheet's content. */
int cc_odf_sheets(const struct cc_archive *archive, const char *part, struct cc_extract *doc);

#endif
