#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/config.h"
#include "worker/llm/llm.h"

struct row {
    const char *free, *paid, *anthropic_key, *openai_key; /* settings */
    const char *provider, *model, *tier;                  /* of bot and job */
    const char *want, *want_model;
};
static const struct row rows[] = {
    {"", "", "", "", "", "", "free", "builtin", "builtin"},
    {"", "", "", "", "", "", "paid", "builtin", "builtin"},
    {"", "", "k", "", "", "", "paid", "anthropic", "claude-sonnet-5-5"},
    {"", "", "k", "", "", "", "free", "anthropic", "claude-sonnet-5-5"},
    {"", "", "", "k", "", "", "paid", "openai", "gpt-4o-mini"},
    {"", "", "k", "k", "", "", "free", "openai", "gpt-4o-mini"},
    {"", "", "k", "k", "", "", "paid", "anthropic", "claude-sonnet-5-5"},
    {"ollama:llama3:8b", "", "k", "k", "", "", "free", "ollama", "llama3:8b"},
    {"ollama:llama3:8b", "", "k", "k", "", "", "paid", "anthropic", "claude-sonnet-5-5"},
    {"", "openai", "k", "k", "", "", "paid", "openai", "gpt-4o-mini"},
    {"", "scripted:mock-len3", "", "", "", "", "paid", "scripted", "mock-len3"},
    {"builtin", "builtin", "k", "k", "openai", "gpt-x", "paid", "openai", "gpt-x"},
    {"builtin", "builtin", "k", "k", "anthropic", "", "free", "anthropic", "claude-sonnet-5-5"},
    {"", "", "", "", "nobody", "", "free", NULL, NULL},
    {"nobody:x", "", "", "", "", "", "free", NULL, NULL},
};

static void set(const struct row *row)
{
    cc_config_set(CC_CFG_MODEL_FREE, row->free);
    cc_config_set(CC_CFG_MODEL_PAID, row->paid);
    cc_config_set(CC_CFG_ANTHROPIC_KEY, row->anthropic_key);
    cc_config_set(CC_CFG_OPENAI_KEY, row->openai_key);
}

Test(choose, takes_the_bots_model_then_the_tiers_then_whose_key_there_is)
{
    cr_assert_eq(cc_config_load(), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cc_arena *mem = cc_arena_new(1 << 16);
        struct cc_llm_choice got = {0};

        set(&rows[i]);
        int rc = cc_llm_choose(rows[i].provider, rows[i].model, rows[i].tier, mem, &got);
        if (rows[i].want) {
            cr_assert_eq(rc, 0, "row %zu", i);
            cr_expect_str_eq(got.provider->name, rows[i].want, "row %zu", i);
            cr_expect_str_eq(got.model, rows[i].want_model, "row %zu", i);
        } else {
            cr_expect_eq(rc, CC_E_INVALID, "row %zu", i);
        }
        cc_arena_free(&mem);
    }
}
