/*
 * json_doc.h - is a text worth a try as JSON?
 */
#ifndef CC_INGEST_PARSE_JSON_DOC_H
#define CC_INGEST_PARSE_JSON_DOC_H

#include <stdbool.h>
#include <stddef.h>

#define CC_JSON_BYTES (24u << 20) /* a longer text is read as plain text */
#define CC_JSON_DEPTH 24          /* what lies deeper is shown as it is written */
#define CC_JSON_CELLS 4096        /* members of one record */

/* It begins with an object or an array and is not too long. */
bool cc_json_may_be(const char *text, size_t len);

#endif
