/*
 * charset.h - bytes of a text file become UTF-8.
 *
 * Asked in this order: byte-order mark, strict UTF-8, the zero bytes of UTF-16 and UTF-32 without
 * a mark, and last ICU's guess by letter frequencies.
 */
#ifndef CC_INGEST_PARSE_CHARSET_H
#define CC_INGEST_PARSE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

/* *ret (in mem or in bytes) is valid UTF-8 without byte-order mark; what cannot be read
 * becomes U+FFFD.  *ret_name (may be NULL) is ICU's name of the charset.  PARSER if ICU fails. */
int cc_charset_decode(const char *bytes, size_t len, struct cc_arena *mem, const char **ret,
                      size_t *ret_len, const char **ret_name);

/* The same for a web page: what it says about itself (<meta charset>, http-equiv, an XML
 * declaration) is believed before the guesses, unless it is not true. */
int cc_charset_decode_page(const char *bytes, size_t len, struct cc_arena *mem, const char **ret,
                           size_t *ret_len);

/* UTF-16 or UTF-32, by its mark or its zero bytes: then zero bytes do not mean "no text". */
bool cc_charset_is_wide(const char *bytes, size_t len);

#endif
