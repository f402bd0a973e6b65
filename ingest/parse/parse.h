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

/* One paragraph, parted where it is longer than a block should be. */
int cc_parse_paragraph(const char *text, size_t len, int page, struct cc_extract *doc);

/* CommonMark with tables; headings by their level. */
int cc_parse_markdown(const char *text, size_t len, struct cc_extract *doc);

/* What pdftotext wrote: pages end with a form feed.  Words cut at a line's end are joined. */
int cc_parse_pdf_text(const char *text, size_t len, struct cc_extract *doc);

/*
 * A web page, raw bytes: finds its charset itself (byte-order mark, <meta>, guess).  Main text by
 * readability, all of the body where that finds too little; headings, lists, tables, code; <title>
 * through cc_extract_title.  No page numbers.  PARSER when nothing can be made of it.
 */
int cc_parse_html(const char *bytes, size_t len, struct cc_extract *doc);

/*
 * Records with any usual delimiter and quoting: one ROW each, doc->row counts the file's records
 * from 1 with the header as the first, as spreadsheets number them.  With a header: "Header:
 * value | Header: value", empty values left out; a PAIR where headers name question and answer.
 */
int cc_parse_csv(const char *text, size_t len, struct cc_extract *doc);

/* Arrays of objects like CSV; other values as lines "path.key: value" below headings of the top
 * keys.  JSON Lines too.  TYPE when the text is none, and nothing was added then. */
int cc_parse_json(const char *text, size_t len, struct cc_extract *doc);

/* Word, Excel, PowerPoint (OOXML) and their OpenDocument sisters; type as cc_type_find says.
 * ENCRYPTED, PARSER for what is damaged, LIMIT for what inflates beyond all measure. */
int cc_parse_office(const char *bytes, size_t len, enum cc_file_type type, struct cc_extract *doc);

/*
 * The whole way for a file that is no PDF: type, charset, parser.  magic as in type.h.
 */
struct cc_magic;
int cc_parse_file(struct cc_magic *magic, const char *bytes, size_t len, struct cc_extract *doc);

/* The same under its old name. */
int cc_parse_text_file(struct cc_magic *magic, const char *bytes, size_t len,
                       struct cc_extract *doc);

#endif
