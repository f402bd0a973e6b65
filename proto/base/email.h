/*
 * email.h - does it look like an e-mail address, and what is it looked up by?
 *
 * Not RFC 5322: what mail providers give people, in ASCII, with a domain of at least two labels.
 */
#ifndef CC_BASE_EMAIL_H
#define CC_BASE_EMAIL_H

#include <stdbool.h>

#define CC_EMAIL_MAX 254

/* ret: lower-cased, CC_EMAIL_MAX + 1 bytes. */
bool cc_email_key(const char *email, char *ret);

#endif
