/*
 * tenant.h - customer accounts, their bots and their API keys.  All calls wait.
 */
#ifndef CC_STORE_TENANT_H
#define CC_STORE_TENANT_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_tenant {
    const char *id, *name, *tier; /* tier: "free", "paid" */
};
int cc_tenant_add(struct cc_pg *pool, const struct cc_tenant *tenant); /* CONFLICT */
int cc_tenant_get(struct cc_pg *pool, const char *id, struct cc_arena *mem,
                  struct cc_tenant *ret);                              /* NOTFOUND */
int cc_tenant_set(struct cc_pg *pool, const struct cc_tenant *tenant); /* NOTFOUND */

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
    int64_t identity_version;     /* of the secret that they are signed with; 0: 1 */
    int64_t version;              /* the published one; 0: none is kept */
};
int cc_bot_add(struct cc_pg *pool, const struct cc_bot *bot);
int cc_bot_set(struct cc_pg *pool, const struct cc_bot *bot); /* all of it; NOTFOUND */
/* One of its JSON objects; whoever changes another part at the same time loses nothing.  NOTFOUND,
 * INVALID. */
enum cc_bot_part { CC_BOT_RETRIEVAL, CC_BOT_CHUNKING };
int cc_bot_set_part(struct cc_pg *pool, const char *tenant, const char *id, enum cc_bot_part part,
                    const char *json);
int cc_bot_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
               struct cc_bot *ret); /* NOTFOUND */
int cc_bot_default(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                   struct cc_bot *ret); /* the tenant's oldest; NOTFOUND */

/* What a search of a bot needs to know of its tenant.  NOTFOUND: no such tenant. */
struct cc_tenant_state {
    int64_t knowledge;     /* cc_knowledge_version() */
    const char *embedding; /* that questions are asked with; "": none yet */
    bool outside;          /* its vectors lie in an outer store */
    bool pins;             /* the bot has pinned answers */
};
int cc_tenant_state_get(struct cc_pg *pool, const char *tenant, const char *bot,
                        struct cc_arena *mem, struct cc_tenant_state *ret);

/* Who a key belongs to.  Found by the key's SHA-256 alone: the policy of api_keys shows exactly the
 * row whose hash the transaction presents. */
struct cc_caller {
    const char *tenant, *tier, *key,
        *bot; /* bot "": the key is good for all, the default one is meant */
    bool secret;
    const char *const *scopes; /* of a secret key: words of gateway/pure/rights.h */
    int scopes_n;
    int64_t rate;                 /* requests a minute; 0: only the tenant's */
    const char *limits, *ceiling; /* the tenant's own and the operator's for it */
};
int cc_api_key_add(struct cc_pg *pool, const char *tenant, const char *bot, const char *key_id,
                   const char *key); /* stores hash and hint only */
int cc_api_key_find(struct cc_pg *pool, const char *sha256_hex, struct cc_arena *mem,
                    struct cc_caller *ret); /* NOTFOUND: unknown, revoked or expired */
int cc_api_key_revoke(struct cc_pg *pool, const char *tenant, const char *key_id,
                      struct cc_arena *mem, const char **ret_hash); /* NOTFOUND */

#endif
