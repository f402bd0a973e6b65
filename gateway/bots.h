/*
 * bots.h - the bot that a request of the back office names, and publishing what it is next.
 */
#ifndef CC_GATEWAY_BOTS_H
#define CC_GATEWAY_BOTS_H

#include "gateway/request.h"
#include "proto/store/bot.h"

/* Waits.  id NULL: the one that the key is bound to, or the tenant's default.  NOTFOUND also when
 * the key is bound to another, and for what is no id. */
int cc_bots_load(struct cc_rq *rq, const char *id, struct cc_bot_entry *ret);

/* Lays over entry->bot what it is to be; may wait.  *ret->note and ->draft may be set. */
typedef int cc_bots_change(struct cc_rq *rq, const void *what, struct cc_bot_entry *entry,
                           struct cc_bot_publication *ret);
/*
 * Waits.  Loads the bot, changes it and publishes it, again when somebody else did in between, so
 * that neither loses anything; what changes nothing is no new version.  Whoever sends If-Match gets
 * CONFLICT instead.  FORBIDDEN: its limits are for the right "manage".  *ret is as it is then.
 */
int cc_bots_publish(struct cc_rq *rq, const char *id, cc_bots_change *change, const void *what,
                    struct cc_bot_entry *ret);

cc_bots_change cc_bots_lay_members; /* what: the members of a client, json_t * */

/* Waits.  The members of a client over the draft, or as a new one; *ret shows it laid over. */
int cc_bots_draft(struct cc_rq *rq, const char *id, const json_t *members,
                  struct cc_bot_entry *ret);

/* If-Match: "<version>"; 0: whichever.  INVALID. */
int cc_bots_wanted(struct cc_rq *rq, int64_t *ret_version);
/* Members of a client over the bot, retrieval and chunking with them (pure/bot_form.h). */
int cc_bots_read(const json_t *members, struct cc_arena *mem, struct cc_bot *bot);
json_t *cc_bots_json(const struct cc_bot_entry *entry); /* as its owner sees it; a new object */
/* With ETag. */
int cc_bots_reply(struct cc_rq *rq, int status, const struct cc_bot_entry *entry);

#endif
