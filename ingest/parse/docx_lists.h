/*
 * docx_lists.h - the numbers Word shows before the items of a list ("2.", "b)", "iv.").
 */
#ifndef CC_INGEST_PARSE_DOCX_LISTS_H
#define CC_INGEST_PARSE_DOCX_LISTS_H

#include <stddef.h>

#include "ingest/parse/archive.h"
#include "proto/base/arena.h"

#define CC_DOCX_LIST_LEVELS 9
#define CC_DOCX_MARK        64 /* bytes of a number and what stands around it */

struct cc_docx_lists;

/* part may be NULL or missing: then no list has numbers.  LIMIT.  Lives in mem. */
int cc_docx_lists_read(const struct cc_archive *archive, const char *part, struct cc_arena *mem,
                       struct cc_docx_lists **ret);

/* Counts the next item of a list and writes its mark: "" for bullets and unknown lists. */
void cc_docx_lists_next(struct cc_docx_lists *lists, int list, int level, char ret[CC_DOCX_MARK]);

#endif
