/*
 * passwords.h - hashes and compares passwords on threads: two at once, a bounded queue before
 * them.  All calls but open and close wait; BUSY when the queue is full.
 */
#ifndef CC_GATEWAY_PASSWORDS_H
#define CC_GATEWAY_PASSWORDS_H

#include "proto/base/arena.h"

int cc_passwords_open(void);
void cc_passwords_close(void);

/* *ret lives in mem. */
int cc_passwords_hash(const char *password, struct cc_arena *mem, const char **ret);
/* AUTH: it is another.  hash NULL (there is no such account): AUTH, in the same time. */
int cc_passwords_check(const char *hash, const char *password);

#endif
