/*
 * office.h - which kind of office file a ZIP container is, by what is in it.
 */
#ifndef CC_INGEST_PARSE_OFFICE_H
#define CC_INGEST_PARSE_OFFICE_H

#include "ingest/parse/extract.h"

/* "PK", and the mark of an OLE2 compound file (old Office, or new Office behind a password). */
bool cc_office_is_zip(const char *bytes, size_t len);
bool cc_office_is_compound(const char *bytes, size_t len);

/* TYPE with words for other containers, ENCRYPTED, PARSER when nothing in it can be read. */
int cc_office_type(const char *bytes, size_t len, enum cc_file_type *ret);

/* Always fails: ENCRYPTED, or TYPE with words that say what to do. */
int cc_office_refuse_compound(const char *bytes, size_t len);

#endif
