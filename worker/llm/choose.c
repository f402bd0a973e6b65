#include <string.h>

#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/http/allow.h"
#include "worker/llm/llm.h"

static const struct known {
    const struct cc_llm_provider *provider;
    int base, key, model; /* settings; -1: none */
} known[] = {
    {&cc_llm_anthropic, CC_CFG_ANTHROPIC_URL, CC_CFG_ANTHROPIC_KEY, CC_CFG_ANTHROPIC_MODEL},
    {&cc_llm_openai, CC_CFG_OPENAI_URL, CC_CFG_OPENAI_KEY, CC_CFG_OPENAI_MODEL},
    {&cc_llm_ollama, CC_CFG_OLLAMA_URL, -1, -1},
    {&cc_llm_builtin, -1, -1, -1},
    {&cc_llm_scripted, -1, -1, -1},
};

static const char *setting_of(int setting)
{
    return setting < 0 ? "" : cc_cfg((enum cc_setting)setting);
}

static bool is_set(const char *text)
{
    return text && *text;
}

static const struct cc_llm_account *account_of(const struct cc_llm_own *own, const char *provider)
{
    static const struct cc_llm_account none = {.base = "", .model = "", .key = ""};

    for (int i = 0; i < own->accounts_n; i++)
        if (strcmp(own->account[i].provider, provider) == 0)
            return &own->account[i];
    return &none;
}

/* ---- which provider and model ---- */

struct pick {
    const char *provider, *model; /* model "": the default one */
};

/* "provider:model"; the model may have colons, the provider alone stands for its default. */
static struct pick by_setting(const char *setting, struct cc_arena *mem)
{
    const char *colon = strchr(setting, ':');

    if (!colon)
        return (struct pick){setting, ""};
    return (struct pick){cc_arena_dupn(mem, setting, (size_t)(colon - setting)), colon + 1};
}

/* Whose key is set, the tenant's before the installation's: anthropic first for the paid tier,
 * openai first for the free one. */
static struct pick by_key(bool paid, const struct cc_llm_own *own)
{
    const struct known *order[] = {&known[paid ? 0 : 1], &known[paid ? 1 : 0]};

    for (int i = 0; i < 2; i++) {
        const struct cc_llm_account *account = account_of(own, order[i]->provider->name);

        if (*account->key || account->closed)
            return (struct pick){order[i]->provider->name, ""};
    }
    for (int i = 0; i < 2; i++)
        if (*setting_of(order[i]->key))
            return (struct pick){order[i]->provider->name, ""};
    return (struct pick){"builtin", ""};
}

static struct pick pick(const struct cc_llm_wish *wish, const struct cc_llm_own *own,
                        struct cc_arena *mem)
{
    bool paid = strcmp(wish->tier, "paid") == 0;
    const char *setting = cc_cfg(paid ? CC_CFG_MODEL_PAID : CC_CFG_MODEL_FREE);

    if (*wish->provider)
        return (struct pick){wish->provider, wish->model};
    if (is_set(own->provider))
        return (struct pick){own->provider, is_set(own->model) ? own->model : ""};
    if (*setting)
        return by_setting(setting, mem);
    return by_key(paid, own);
}

/* Of a provider that was named without one. */
static const char *default_model(const struct known *k, const struct cc_llm_own *own,
                                 const struct cc_llm_account *account)
{
    const char *name = k->provider->name;
    const char *of_tenant =
        is_set(own->provider) && strcmp(own->provider, name) == 0 ? own->model : NULL;
    const char *const candidates[] = {of_tenant, account->model, setting_of(k->model)};

    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (is_set(candidates[i]))
            return candidates[i];
    return name;
}

/* ---- at whose cost, and where ---- */

/* A service that fails for one tenant's key or URL is not ill for all. */
static uint64_t name_account(const struct cc_llm_wish *wish, const struct cc_llm_account *account,
                             const struct cc_llm_choice *choice)
{
    bool own = *account->base || *account->key;
    const char *const texts[] = {choice->provider->name, own ? wish->tenant : "",
                                 own ? choice->base : "", own ? choice->key : ""};
    struct cc_sha256 *sum = cc_sha256_new();
    char hex[CC_SHA256_HEX];
    uint64_t id = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cc_sha256_add(sum, texts[i], strlen(texts[i]) + 1);
    cc_sha256_end(&sum, hex);
    memcpy(&id, hex, sizeof id);
    return id;
}

static int take_account(const struct cc_llm_wish *wish, const struct known *k,
                        const struct cc_llm_account *account, struct cc_arena *mem,
                        struct cc_llm_choice *ret)
{
    const char *base = *account->base ? account->base : setting_of(k->base);
    const char *key = *account->key ? account->key : *account->base ? "" : setting_of(k->key);

    if (account->closed)
        return cc_fail(account->closed, "%s: the tenant's key cannot be opened here",
                       k->provider->name);
    ret->base = cc_arena_dup(mem, base);
    ret->key = cc_arena_dup(mem, key);
    ret->trusted = !*account->base || cc_url_allowed(cc_cfg(CC_CFG_PROVIDER_ALLOW), base);
    ret->account = name_account(wish, account, ret);
    return 0;
}

int cc_llm_choose(const struct cc_llm_wish *wish, const struct cc_llm_own *own,
                  struct cc_arena *mem, struct cc_llm_choice *ret)
{
    struct pick p = pick(wish, own, mem);

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct cc_llm_account *account = account_of(own, p.provider);

        if (strcmp(known[i].provider->name, p.provider) != 0)
            continue;
        *ret = (struct cc_llm_choice){
            .provider = known[i].provider,
            .model = cc_arena_dup(mem, *p.model ? p.model : default_model(&known[i], own, account)),
            .temperature = wish->temperature < 0 && own->has_temperature ? own->temperature
                                                                         : wish->temperature,
            .max_tokens = wish->max_tokens > 0 ? wish->max_tokens : own->max_tokens,
        };
        return take_account(wish, &known[i], account, mem, ret);
    }
    return cc_fail(CC_E_INVALID, "llm: no provider is called %.40s", p.provider);
}

void cc_llm_apply(const struct cc_llm_choice *choice, struct cc_llm_request *req)
{
    req->model = choice->model;
    req->base = choice->base;
    req->key = choice->key;
    req->trusted = choice->trusted;
    req->temperature = choice->temperature;
    if (choice->max_tokens > 0)
        req->max_tokens = choice->max_tokens;
}
