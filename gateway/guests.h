/*
 * guests.h - from an API key to who asks and for which bot.
 *
 * The id of a bot is as good as its default public key, the oldest that is neither revoked nor
 * expired, and bound to the bot: nothing that a page shows has to be a key.
 *
 * Known keys and bots are kept for a minute, unknown keys for a few seconds; a notice on
 * the channel of changes drops them at once.  While notices may not come through (beat.h), what
 * is older than three seconds is read anew.
 */
#ifndef CC_GATEWAY_GUESTS_H
#define CC_GATEWAY_GUESTS_H

#include "gateway/request.h"

int cc_guests_open(void); /* begins to listen for changes */
void cc_guests_close(void);

/* Waits.  AUTH: malformed, unknown, revoked.  with_bot: the tenant's default one if the key is
 * bound to none.  Strings live in mem. */
int cc_guest_find(const char *key, bool with_bot, struct cc_arena *mem, struct cc_guest *ret);

/* Waits.  Another bot than the key's own; NOTFOUND when the key is not good for it. */
int cc_guest_choose(struct cc_guest *guest, const char *bot, struct cc_arena *mem);

/*
 * Waits.  For what goes on for long: AUTH when the key or the login has been taken away since, or
 * is good for something else now.  While nobody can be asked it is as good as it was.
 */
int cc_guest_again(const struct cc_guest *guest);

/* A notice has come: "key <hash>", "bot <id>", "tenant <id>", "login <id>". */
void cc_guests_heed(const char *notice);
/* Grows with each: what was read while it grew may be old already. */
uint64_t cc_guests_changes(void);

#endif
