/*
 * bot.h - what a page embeds: its settings, their versions, a draft of the next one.  All calls
 * wait.
 *
 * Whatever changes a bot publishes its next version, and each version is kept as it was (schema
 * 005).  A deleted bot is NOTFOUND everywhere; its row stays for its conversations.
 */
#ifndef CC_STORE_BOT_H
#define CC_STORE_BOT_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_bot {
    const char *id, *tenant, *name;
    const char *system;           /* the owner's instructions; "" for none */
    const char *provider, *model; /* "" : by the tenant's tier */
    double temperature;           /* < 0: the model's own */
    int64_t max_tokens;           /* of an answer */
    int64_t top_k;                /* passages in the prompt */
    double threshold;             /* of the fused score's vector part; 0: none */
    const char *origins;          /* JSON array of allowed origins, "*" alone for any */
    bool server_use;              /* a missing Origin is allowed */
    const char *widget;           /* JSON object: greeting, starters, color, ... */
    const char *refusal;          /* said when nothing was found; "" : the model decides */
    const char *retrieval;        /* JSON object: proto/vec/tuning.h */
    const char *chunking;         /* JSON object: proto/vec/tuning.h */
    const char *limits;           /* JSON object: proto/store/limits.h */
    const char *identity;         /* of visitors: "off", "optional", "required"; NULL: optional */
    int64_t identity_version;     /* of the secret that they are signed with */
    int64_t version;              /* the published one, from 1 */
};

extern const struct cc_bot cc_bot_fresh; /* what a new one is where nothing is said */

int cc_bot_add(struct cc_pg *pool, const struct cc_bot *bot); /* its version is 1 */
int cc_bot_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
               struct cc_bot *ret); /* NOTFOUND */
int cc_bot_default(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                   struct cc_bot *ret); /* the tenant's oldest; NOTFOUND */

/* As its owner sees it. */
struct cc_bot_entry {
    struct cc_bot bot;
    const char *draft; /* JSON object of the members that are to change; "": none */
    bool oldest;       /* the tenant's default */
    int64_t created_ms, updated_ms;
};
int cc_bot_read(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                struct cc_bot_entry *ret); /* id "": the default; NOTFOUND */
/* By id, newest first, from behind `after`; "": from the first. */
int cc_bot_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                struct cc_arena *mem, struct cc_bot_entry **ret, int *ret_n);

/*
 * Publishes all that a client can set as version bot->version + 1; identity_version stays.
 * CONFLICT: bot->version is not the published one any more (0: whichever it is), or the draft is
 * another.  NOTFOUND, INVALID.
 */
struct cc_bot_publication {
    const char *draft; /* that it is made of, and that goes with it; NULL: a draft stays */
    const char *note;  /* kept with the version; NULL: none */
};
int cc_bot_publish(struct cc_pg *pool, const struct cc_bot *bot,
                   const struct cc_bot_publication *how);
int cc_bot_set(struct cc_pg *pool, const struct cc_bot *bot); /* with neither */

/* "" for none: CONFLICT if it is not `was` any more. */
struct cc_bot_draft {
    const char *tenant, *bot, *was, *now;
};
int cc_bot_draft_put(struct cc_pg *pool, const struct cc_bot_draft *draft);

struct cc_bot_version {
    int64_t version, at_ms;
    const char *config; /* JSON object, as a client would send it; "" in a list */
    const char *note, *actor;
};
/* Newest first, from below `before`; 0: from the newest. */
int cc_bot_version_list(struct cc_pg *pool, const struct cc_bot *bot, int64_t before, int max,
                        struct cc_arena *mem, struct cc_bot_version **ret, int *ret_n);
int cc_bot_version_get(struct cc_pg *pool, const struct cc_bot *bot, int64_t version,
                       struct cc_arena *mem, struct cc_bot_version *ret); /* NOTFOUND */

/*
 * In one transaction: nobody finds the bot any more, its keys are revoked, its pinned answers are
 * gone, its own documents and sources are marked for cc_sweep_deleted().  The hashes are those of
 * the revoked keys, for notices.  NOTFOUND.
 */
int cc_bot_delete(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                  const char *const **ret_hashes, int *ret_n);

/* Takes away what was marked, of all tenants, at most so many documents and as many sources; also
 * sources whose deletion was cut off.  sweep: the sweeping role's pool. */
int cc_sweep_deleting(struct cc_pg *sweep, struct cc_pg *pool, int max, int *ret_done);

#endif
