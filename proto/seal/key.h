/*
 * key.h - API keys: "pk_live_" or "sk_live_", 30 base62 characters, 6 of base62 CRC-32 over all
 * before.
 *
 * The form follows GitHub's of 2021-04-05: a scanner can tell a key, and a mistyped one is refused
 * without a look-up.  Only the SHA-256 of a key is ever stored.
 */
#ifndef CC_SEAL_KEY_H
#define CC_SEAL_KEY_H

#include <stdbool.h>

#include "proto/base/hash.h"

#define CC_KEY_MAX 45 /* 8 + 30 + 6 + NUL */

enum cc_key_kind { CC_KEY_PUBLIC, CC_KEY_SECRET };

char *cc_key_make(enum cc_key_kind kind, char out[CC_KEY_MAX]);
bool cc_key_parse(const char *text, enum cc_key_kind *ret); /* form and checksum only */
char *cc_key_hash(const char *key, char out[CC_SHA256_HEX]);
/* "pk_live_ab…wxyz": enough to recognise, too little to use.  out: 24 bytes */
char *cc_key_hint(const char *key, char *out);

bool cc_same_secret(const char *a, const char *b); /* constant time for equal lengths */

#endif
