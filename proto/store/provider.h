/*
 * provider.h - model services of a tenant: an own credential (sealed), base URL and models.
 */
#ifndef CC_STORE_PROVIDER_H
#define CC_STORE_PROVIDER_H

#include "proto/seal/seal.h"
#include "proto/store/pg.h"

#define CC_PROVIDERS_MAX 3 /* of a tenant: one row per name */

struct cc_provider {
    const char *tenant, *name;    /* openai, anthropic or ollama */
    const char *base_url, *model; /* "": the installation's */
    struct cc_sealed sealed;      /* the API key; len 0: none */
    const char *tenant_kid;       /* what it is sealed to; "": nothing is */
    const char *hint;             /* "...wxyz" */
    int64_t updated_ms;
};
/* Where the sealed key lies. */
struct cc_seal_place cc_provider_place(const char *tenant, const char *name);

/* One row of a PUT: what is not set stays; but a key does not stay where the base URL changes. */
struct cc_provider_change {
    const char *name;
    const char *base_url, *model; /* NULL: as it was; "": the installation's */
    bool key_set;                 /* then sealed, tenant_kid and hint count; len 0: none */
    struct cc_sealed sealed;
    const char *tenant_kid, *hint;
};
/* A tenant's own way: what it chose where a bot names nothing, and its services. */
struct cc_providers {
    const char
        *defaults; /* JSON object: provider, model, temperature, maxTokens; any may be absent */
    struct cc_provider of[CC_PROVIDERS_MAX];
    int n;
};
/* Waits.  NOTFOUND: no such tenant. */
int cc_providers_get(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                     struct cc_providers *ret);
/* Waits.  All at once.  defaults NULL: as they were.  NOTFOUND. */
int cc_providers_put(struct cc_pg *pool, const char *tenant, const char *defaults,
                     const struct cc_provider_change *changes, int n);

#endif
