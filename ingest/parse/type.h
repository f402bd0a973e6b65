/*
 * type.h - what a file is, by its bytes; names and declared types are not asked.
 */
#ifndef CC_INGEST_PARSE_TYPE_H
#define CC_INGEST_PARSE_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "ingest/parse/extract.h"

struct cc_magic; /* libmagic with its database loaded */

int cc_magic_open(struct cc_magic **ret);    /* reads files: before the jail closes; INTERNAL */
void cc_magic_free(struct cc_magic **magic); /* NULL is fine; sets NULL */

/* "%PDF-" within the first kilobyte, as Acrobat has always accepted it, or "startxref" in the
 * last of something that is no text: a damaged beginning does not keep a file from being read. */
bool cc_type_is_pdf(const char *bytes, size_t len);

/* PDF, one of the office types, or TEXT for every kind of text.  TYPE with words that say what it
 * is and what to do for what we do not read, NOTEXT for an empty file, ENCRYPTED and PARSER for
 * office files behind a password or in pieces.  magic may be NULL (tests). */
int cc_type_find(struct cc_magic *magic, const char *bytes, size_t len, enum cc_file_type *ret);

/* Is a text (UTF-8) a web page, whole or a piece of one?  It begins with a tag of HTML. */
bool cc_type_is_html(const char *text, size_t len);

/* Does a text (UTF-8) use Markdown?  Headings, fences, tables, links: two signs are enough. */
bool cc_type_is_markdown(const char *text, size_t len);

#endif
