/*
 * tenant.h - customer accounts; with their bots and their API keys.  All calls wait.
 */
#ifndef CC_STORE_TENANT_H
#define CC_STORE_TENANT_H

#include <stdint.h>

#include "proto/store/api_key.h"
#include "proto/store/bot.h"
#include "proto/store/pg.h"

struct cc_tenant {
    const char *id, *name, *tier; /* tier: "free", "paid" */
    const char *limits, *ceiling; /* JSON (limits.h): the owner's own, and the operator's for him */
    int64_t created_ms;
    bool closed; /* is being erased: nobody gets in any more */
};
int cc_tenant_add(struct cc_pg *pool, const struct cc_tenant *tenant); /* CONFLICT */
int cc_tenant_get(struct cc_pg *pool, const char *id, struct cc_arena *mem,
                  struct cc_tenant *ret); /* NOTFOUND */
/* What is NULL stays.  NOTFOUND, INVALID. */
int cc_tenant_set(struct cc_pg *pool, const struct cc_tenant *tenant);

/* What a question to a bot needs to know of its tenant.  NOTFOUND: no such tenant. */
struct cc_tenant_state {
    int64_t knowledge;            /* cc_knowledge_version() */
    const char *embedding;        /* that questions are asked with; "": none yet */
    bool outside;                 /* its vectors lie in an outer store */
    bool pins;                    /* the bot has pinned answers */
    const char *limits, *ceiling; /* as of struct cc_tenant */
};
int cc_tenant_state_get(struct cc_pg *pool, const char *tenant, const char *bot,
                        struct cc_arena *mem, struct cc_tenant_state *ret);

#endif
