/*
 * password.h - argon2id (RFC 9106) with 19 MiB, two passes, one lane.
 *
 * One call computes for some 15 ms and touches 19 MiB: gateways do it on a thread (passwords.h).
 */
#ifndef CC_SEAL_PASSWORD_H
#define CC_SEAL_PASSWORD_H

#include <stdbool.h>

#define CC_PASSWORD_MIN  10 /* characters */
#define CC_PASSWORD_MAX  128
#define CC_PASSWORD_HASH 128 /* bytes of a stored one, with the NUL */

/* BUSY: no memory for it. */
int cc_password_hash(const char *password, char out[CC_PASSWORD_HASH]);
bool cc_password_right(const char *hash, const char *password);
/* What a reset token is bound to: it works until the password is another.  out: 17 bytes */
char *cc_password_mark(const char *hash, char out[17]);

void cc_secret_wipe(void *bytes, unsigned long len);

#endif
