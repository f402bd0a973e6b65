/*
 * parse.h - one function per kind of file; all of them run in the jail only.
 *
 * Each appends blocks to the document.  NOTEXT is said by the caller when none came.
 */
#ifndef CC_INGEST_PARSE_PARSE_H
#define CC_INGEST_PARSE_PARSE_H

#include "ingest/parse/extract.h"

/* Paragraphs at empty lines; underlined, numbered and all-capital single lines are headings. */
int cc_parse_plain(const char *text, size_t len, int page, struct cc_extract *doc);

/* CommonMark with tables; headings by their level. */
int cc_parse_markdown(const char *text, size_t len, struct cc_extract *doc);

/* What pdftotext wrote: pages end with a form feed.  Words cut at a line's end are joined. */
int cc_parse_pdf_text(const char *text, size_t len, struct cc_extract *doc);

/*
 * The whole way for a file that is no PDF: type, charset, parser.  magic as in type.h.
 */
struct cc_magic;
int cc_parse_text_file(struct cc_magic *magic, const char *bytes, size_t len,
                       struct cc_extract *doc);

#endif
