/*
 * api_key.h - API keys: whose they are, and what they are good for.  All calls wait.
 *
 * Only hash and hint of a key are stored.
 */
#ifndef CC_STORE_API_KEY_H
#define CC_STORE_API_KEY_H

#include <stdint.h>

#include "proto/store/pg.h"

/* Who a key belongs to.  Found by the key's SHA-256 alone: the policy of api_keys shows exactly the
 * row whose hash the transaction presents. */
struct cc_caller {
    const char *tenant, *tier, *key,
        *bot; /* bot "": the key is good for all, the default one is meant */
    bool secret;
    const char *const *scopes; /* of a secret key: words of gateway/pure/rights.h */
    int scopes_n;
    int64_t rate;                 /* requests a minute; 0: only the tenant's */
    int64_t left_ms;              /* until it expires; 0: it does not */
    const char *limits, *ceiling; /* the tenant's own and the operator's for it */
};
int cc_api_key_find(struct cc_pg *pool, const char *sha256_hex, struct cc_arena *mem,
                    struct cc_caller *ret); /* NOTFOUND: unknown, revoked or expired */
/*
 * Who presents a bot's id: as its default public key, the oldest of the bot's own that is good,
 * else of those for all bots; bound to the bot in any case.  NOTFOUND: no such bot, or no such key.
 */
int cc_api_key_of_bot(struct cc_pg *pool, const char *bot, struct cc_arena *mem,
                      struct cc_caller *ret);

struct cc_api_key {
    const char *id, *tenant, *name;
    const char *bot;           /* "": good for all */
    bool secret;               /* what it is; when one is added the key itself tells */
    const char *const *scopes; /* of a secret key; NULL: the usual ones */
    int scopes_n;
    int64_t rate; /* requests a minute; 0: only the tenant's */
    const char *created_by;
    int64_t expires_ms;      /* Unix time; 0: never */
    const char *hint;        /* from here on only read */
    const char *replaced_by; /* the key that it was rotated to; "": none */
    int64_t created_ms, revoked_ms;
    bool good; /* neither revoked nor expired */
};
/* key: the words themselves.  NOTFOUND: the bot is not there. */
int cc_api_key_put(struct cc_pg *pool, const struct cc_api_key *row, const char *key);
/* The same with nothing but what must be said. */
int cc_api_key_add(struct cc_pg *pool, const char *tenant, const char *bot, const char *key_id,
                   const char *key);
int cc_api_key_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                   struct cc_api_key *ret); /* NOTFOUND */
/* By id, newest first, from behind `after`; bot "": those of all bots, else of this one alone. */
struct cc_api_key_page {
    const char *tenant, *bot, *after;
    int max;
};
int cc_api_key_list(struct cc_pg *pool, const struct cc_api_key_page *page, struct cc_arena *mem,
                    struct cc_api_key **ret, int *ret_n);

/* Each returns the hash for a notice.  NOTFOUND; CONFLICT: it is revoked, expired, or rotated
 * already. */
struct cc_api_key_change {
    const char *tenant, *id;
    const char *name;          /* NULL: stays */
    const char *const *scopes; /* NULL: stay */
    int scopes_n;
    int64_t rate, expires_ms; /* -1: stays; 0: none */
};
int cc_api_key_set(struct cc_pg *pool, const struct cc_api_key_change *change, struct cc_arena *mem,
                   const char **ret_hash);
/* Another key takes its place with the same rights, and as long to live; the old one ends after
 * grace_s. */
struct cc_api_key_rotation {
    const char *tenant, *old, *id; /* id: of the new one */
    const char *key, *created_by;
    int64_t grace_s;
    const char *const *scopes; /* no more than these may it have, else CONFLICT; NULL: whatever */
    int scopes_n;
};
int cc_api_key_rotate(struct cc_pg *pool, const struct cc_api_key_rotation *rotation,
                      struct cc_arena *mem, const char **ret_hash);
int cc_api_key_revoke(struct cc_pg *pool, const char *tenant, const char *key_id,
                      struct cc_arena *mem, const char **ret_hash); /* also twice; NOTFOUND alone */

#endif
