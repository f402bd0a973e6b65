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
        struct cc_llm_wish wish = {.tenant = "ten",
                                   .tier = rows[i].tier,
                                   .provider = rows[i].provider,
                                   .model = rows[i].model,
                                   .temperature = -1};
        int rc = cc_llm_choose(&wish, &(struct cc_llm_own){0}, mem, &got);
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

/* ---- tenants with a way of their own ---- */

#define OURS   "https://api.openai.com/v1"
#define THEIRS "https://models.shop.example/v1"

static struct cc_arena *mem;

static void begin(void)
{
    cr_assert_eq(cc_config_load(), 0);
    set(&rows[0]);
    cc_config_set(CC_CFG_OPENAI_KEY, "of the installation");
    cc_config_set(CC_CFG_OPENAI_URL, OURS);
    cc_config_set(CC_CFG_PROVIDER_ALLOW, "");
    mem = cc_arena_new(1 << 16);
}

static void end(void)
{
    cc_arena_free(&mem);
}

TestSuite(choose_for_a_tenant, .init = begin, .fini = end);

static struct cc_llm_own with(const char *base, const char *model, const char *key)
{
    return (struct cc_llm_own){
        .account = {{.provider = "openai", .base = base, .model = model, .key = key}},
        .accounts_n = 1};
}

static struct cc_llm_choice choose(const char *tenant, const struct cc_llm_own *own)
{
    struct cc_llm_wish wish = {
        .tenant = tenant, .tier = "free", .provider = "openai", .model = "", .temperature = -1};
    struct cc_llm_choice choice = {0};

    cr_assert_eq(cc_llm_choose(&wish, own, mem, &choice), 0, "%s", cc_fail_text());
    return choice;
}

Test(choose_for_a_tenant, takes_his_key_before_the_installations)
{
    static const struct {
        const char *base, *key; /* the tenant's */
        const char *want_base, *want_key;
        bool want_trusted;
    } table[] = {
        {"", "", OURS, "of the installation", true},
        {"", "his", OURS, "his", true},
        {THEIRS, "his", THEIRS, "his", false},
        {THEIRS, "", THEIRS, "", false}, /* never the installation's key to another's place */
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct cc_llm_own own = with(table[i].base, "", table[i].key);
        struct cc_llm_choice got = choose("ten_a", &own);

        cr_expect_str_eq(got.base, table[i].want_base, "row %zu", i);
        cr_expect_str_eq(got.key, table[i].want_key, "row %zu", i);
        cr_expect_eq(got.trusted, table[i].want_trusted, "row %zu", i);
    }
}

Test(choose_for_a_tenant, trusts_a_place_of_his_that_the_operator_lists)
{
    struct cc_llm_own own = with("http://10.0.0.9:11434/v1", "", "his");

    cr_expect_not(choose("ten_a", &own).trusted);
    cc_config_set(CC_CFG_PROVIDER_ALLOW, "ollama:11434, 10.0.0.9:11434");
    cr_expect(choose("ten_a", &own).trusted);
    cc_config_set(CC_CFG_PROVIDER_ALLOW, "10.0.0.9:1143,10.0.0.9:114340,10.0.0.9");
    cr_expect_not(choose("ten_a", &own).trusted);
}

Test(choose_for_a_tenant, counts_failures_per_account)
{
    struct cc_llm_own none = {0}, a = with("", "", "a"), b = with("", "", "b"),
                      place = with(THEIRS, "", "");
    uint64_t shared = choose("ten_a", &none).account;

    cr_expect_eq(choose("ten_b", &none).account, shared);
    cr_expect_neq(choose("ten_a", &a).account, shared);
    cr_expect_neq(choose("ten_a", &a).account, choose("ten_a", &b).account);
    cr_expect_neq(choose("ten_a", &a).account, choose("ten_b", &a).account);
    cr_expect_neq(choose("ten_a", &place).account, shared);
}

Test(choose_for_a_tenant, does_not_pay_with_another_key_when_his_cannot_be_opened)
{
    struct cc_llm_own own = with("", "", "");
    struct cc_llm_wish wish = {
        .tenant = "t", .tier = "free", .provider = "", .model = "", .temperature = -1};
    struct cc_llm_choice choice;

    own.account[0].closed = CC_E_DOWN;

    cr_expect_eq(cc_llm_choose(&wish, &own, mem, &choice), CC_E_DOWN);
}

Test(choose_for_a_tenant, takes_his_defaults_where_the_bot_says_nothing)
{
    struct cc_llm_own own = with("", "gpt-of-account", "his");
    struct cc_llm_wish wish = {
        .tenant = "t", .tier = "free", .provider = "", .model = "", .temperature = -1};
    struct cc_llm_choice choice;

    own.provider = "openai";
    own.model = "gpt-of-defaults";
    own.has_temperature = true;
    own.temperature = 0.25;
    own.max_tokens = 77;
    cr_assert_eq(cc_llm_choose(&wish, &own, mem, &choice), 0);
    cr_expect_str_eq(choice.model, "gpt-of-defaults");
    cr_expect_float_eq(choice.temperature, 0.25, 1e-9);
    cr_expect_eq(choice.max_tokens, 77);

    own.model = "";
    wish.temperature = 0.5;
    wish.max_tokens = 9;
    cr_assert_eq(cc_llm_choose(&wish, &own, mem, &choice), 0);
    cr_expect_str_eq(choice.model, "gpt-of-account");
    cr_expect_float_eq(choice.temperature, 0.5, 1e-9);
    cr_expect_eq(choice.max_tokens, 9);
}
