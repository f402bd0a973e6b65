/*
 * docx.h - for office.c and docx.c: a text document of Word.
 */
#ifndef CC_INGEST_PARSE_DOCX_H
#define CC_INGEST_PARSE_DOCX_H

#include "ingest/parse/archive.h"
#include "ingest/parse/extract.h"

int cc_docx_read(const struct cc_archive *archive, struct cc_extract *doc);

#endif
