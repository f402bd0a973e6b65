#include <string.h>

#include "proto/base/config.h"
#include "worker/llm/llm.h"

static const struct known {
    const struct cc_llm_provider *provider;
    int key, model; /* settings; -1: none */
} known[] = {
    {&cc_llm_anthropic, CC_CFG_ANTHROPIC_KEY, CC_CFG_ANTHROPIC_MODEL},
    {&cc_llm_openai, CC_CFG_OPENAI_KEY, CC_CFG_OPENAI_MODEL},
    {&cc_llm_ollama, -1, -1},
    {&cc_llm_builtin, -1, -1},
    {&cc_llm_scripted, -1, -1},
};

static int by_name(const char *provider, const char *model, struct cc_arena *mem,
                   struct cc_llm_choice *ret)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].provider->name, provider) != 0)
            continue;
        if (!*model && known[i].model >= 0)
            model = cc_cfg((enum cc_setting)known[i].model);
        *ret = (struct cc_llm_choice){
            .provider = known[i].provider,
            .model = *model ? cc_arena_dup(mem, model) : known[i].provider->name,
        };
        return 0;
    }
    return cc_fail(CC_E_INVALID, "llm: no provider is called %.40s", provider);
}

/* "provider:model"; the model may have colons, the provider alone stands for its default. */
static int by_setting(const char *setting, struct cc_arena *mem, struct cc_llm_choice *ret)
{
    const char *colon = strchr(setting, ':');

    if (!colon)
        return by_name(setting, "", mem, ret);
    return by_name(cc_arena_dupn(mem, setting, (size_t)(colon - setting)), colon + 1, mem, ret);
}

/* Whose key is set: anthropic first for the paid tier, openai first for the free one. */
static int by_key(bool paid, struct cc_arena *mem, struct cc_llm_choice *ret)
{
    const struct known *order[] = {&known[paid ? 0 : 1], &known[paid ? 1 : 0]};

    for (int i = 0; i < 2; i++)
        if (*cc_cfg((enum cc_setting)order[i]->key))
            return by_name(order[i]->provider->name, "", mem, ret);
    return by_name("builtin", "", mem, ret);
}

int cc_llm_choose(const char *provider, const char *model, const char *tier, struct cc_arena *mem,
                  struct cc_llm_choice *ret)
{
    bool paid = strcmp(tier, "paid") == 0;
    const char *setting = cc_cfg(paid ? CC_CFG_MODEL_PAID : CC_CFG_MODEL_FREE);

    if (*provider)
        return by_name(provider, model, mem, ret);
    if (*setting)
        return by_setting(setting, mem, ret);
    return by_key(paid, mem, ret);
}
