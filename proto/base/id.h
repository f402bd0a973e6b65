/*
 * id.h - names that cannot be guessed, with a prefix that says of what.
 *
 * "doc_" + 32 hex digits.  Ids whose knowledge opens something (ses_, ans_) are 128 random bits;
 * the others are UUIDv7 (RFC 9562), so that rows of a time lie together.
 */
#ifndef CC_BASE_ID_H
#define CC_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

#define CC_ID_MAX 40 /* prefix of 3 letters, '_', 32 digits, NUL: 37; kept round */

char *cc_id_random(const char *prefix, char out[CC_ID_MAX]); /* prefix without the underscore */
char *cc_id_sorted(const char *prefix, char out[CC_ID_MAX]);

/* Has exactly that prefix and 32 lower-case hex digits. */
bool cc_id_valid(const char *id, const char *prefix);

void cc_random(void *out, size_t len); /* getrandom(2); ends the process if it fails */

#endif
