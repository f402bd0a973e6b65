/*
 * logins.h - from an access token to who is logged in, and as what.
 *
 * The token says which login it is of; who that is and what he may, and whether it still goes on,
 * is read and kept like keys (guests.h).
 */
#ifndef CC_GATEWAY_LOGINS_H
#define CC_GATEWAY_LOGINS_H

#include "gateway/request.h"

int cc_logins_open(void);
void cc_logins_close(void);

/* Waits.  AUTH: not ours, expired, given back, or the login is over.  Strings live in mem. */
int cc_login_guest(const char *token, struct cc_arena *mem, struct cc_guest *ret);

/* Waits.  Is this guest's login still what it was?  AUTH */
int cc_login_again(const struct cc_guest *guest);

void cc_logins_drop(const char *login); /* NULL: all */

#endif
