/*
 * clean_text.h - text as people see it, and as PostgreSQL takes it.
 *
 * Taken out: control characters but '\n' and '\t', soft hyphens, byte-order marks, zero-width
 * spaces, direction marks and Unicode tags (what cannot be seen must not be read to a model).
 * Replaced: Latin ligatures by their letters, exotic blanks by ' '.  Runs of blanks shrink to one
 * unless `layout` (code, tables), blanks before '\n' go, more than one empty line becomes one.
 */
#ifndef CC_INGEST_PARSE_CLEAN_TEXT_H
#define CC_INGEST_PARSE_CLEAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

/* s is any bytes; invalid UTF-8 becomes U+FFFD.  The result ends with a NUL. */
char *cc_text_clean(const char *s, size_t len, bool layout, struct cc_arena *mem, size_t *ret_len);

#endif
