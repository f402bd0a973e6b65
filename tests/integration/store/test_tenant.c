/* Accounts and keys: proto/store/tenant.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/seal/key.h"
#include "proto/store/check.h"
#include "proto/store/migrate.h"
#include "tests/support/store.h"

static struct store s;

static void setup(void)
{
    store_open(&s);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(tenant, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(bot, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(api_key, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(schema, .init = setup, .fini = teardown, .timeout = 60);

Test(tenant, is_read_as_it_was_stored)
{
    struct cc_tenant got, changed = {.id = s.tenant, .name = "New name", .tier = "paid"};

    cr_assert_eq(cc_tenant_set(s.pg, &changed), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_tenant_get(s.pg, s.tenant, s.mem, &got), 0);

    cr_assert_str_eq(got.id, s.tenant);
    cr_assert_str_eq(got.name, "New name");
    cr_assert_str_eq(got.tier, "paid");
}

Test(tenant, with_a_taken_id_is_a_conflict_and_the_pool_goes_on)
{
    struct cc_tenant again = {.id = s.tenant, .name = "Twin", .tier = "free"},
                     odd = {.id = "ten_x", .name = "Odd", .tier = "gold"}, got;

    cr_assert_eq(cc_tenant_add(s.pg, &again), CC_E_CONFLICT);
    cr_assert(strstr(cc_fail_text(), "23505"), "the server's words: %s", cc_fail_text());
    cr_assert_eq(cc_tenant_add(s.pg, &odd), CC_E_INVALID);

    cr_assert_eq(cc_tenant_get(s.pg, s.tenant, s.mem, &got), 0);
    cr_assert_eq(cc_tenant_get(s.pg, "ten_none", s.mem, &got), CC_E_NOTFOUND);
}

Test(bot, keeps_every_member)
{
    struct cc_bot got, bot = {.id = s.bot,
                              .tenant = s.tenant,
                              .name = "Näme",
                              .system = "Be kind.",
                              .provider = "openai",
                              .model = "gpt:4",
                              .temperature = 0.25,
                              .max_tokens = 77,
                              .top_k = 3,
                              .threshold = 0.125,
                              .origins = "[\"https://a.example\"]",
                              .server_use = true,
                              .widget = "{\"greeting\":\"Hi\"}",
                              .refusal = "I do not know."};

    cr_assert_eq(cc_bot_set(s.pg, &bot), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &got), 0);

    cr_assert_str_eq(got.name, bot.name);
    cr_assert_str_eq(got.system, bot.system);
    cr_assert_str_eq(got.provider, bot.provider);
    cr_assert_str_eq(got.model, bot.model);
    cr_assert_eq(got.temperature, 0.25);
    cr_assert_eq(got.max_tokens, 77);
    cr_assert_eq(got.top_k, 3);
    cr_assert_eq(got.threshold, 0.125);
    cr_assert_str_eq(got.origins, bot.origins);
    cr_assert(got.server_use);
    cr_assert_str_eq(got.widget, bot.widget);
    cr_assert_str_eq(got.refusal, bot.refusal);
}

Test(bot, that_is_the_oldest_is_the_default)
{
    struct cc_bot bot;
    char id[CC_ID_MAX];

    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0);
    bot.id = cc_id_random("bot", id);
    cr_assert_eq(cc_bot_add(s.pg, &bot), 0);

    cr_assert_eq(cc_bot_default(s.pg, s.tenant, s.mem, &bot), 0);
    cr_assert_str_eq(bot.id, s.bot);
}

Test(bot, with_a_widget_that_is_no_object_is_invalid)
{
    struct cc_bot bot;

    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0);
    bot.widget = "[]";
    cr_assert_eq(cc_bot_set(s.pg, &bot), CC_E_INVALID);
    bot.widget = "{";
    cr_assert_eq(cc_bot_set(s.pg, &bot), CC_E_INVALID);
}

static void add_key(enum cc_key_kind kind, const char *bot, char key[CC_KEY_MAX],
                    char id[CC_ID_MAX])
{
    cc_key_make(kind, key);
    cr_assert_eq(cc_api_key_add(s.pg, s.tenant, bot, cc_id_sorted("key", id), key), 0, "%s",
                 cc_fail_text());
}

static int find(const char *key, struct cc_caller *ret)
{
    char hash[CC_SHA256_HEX];

    return cc_api_key_find(s.pg, cc_key_hash(key, hash), s.mem, ret);
}

Test(api_key, tells_whose_it_is_from_the_hash_alone)
{
    char key[CC_KEY_MAX], id[CC_ID_MAX];
    struct cc_caller caller;

    add_key(CC_KEY_PUBLIC, s.bot, key, id);

    cr_assert_eq(find(key, &caller), 0, "%s", cc_fail_text());
    cr_assert_str_eq(caller.tenant, s.tenant);
    cr_assert_str_eq(caller.tier, "free");
    cr_assert_str_eq(caller.bot, s.bot);
    cr_assert_str_eq(caller.key, id);
    cr_assert_not(caller.secret);
}

Test(api_key, without_a_bot_is_good_for_all)
{
    char key[CC_KEY_MAX], id[CC_ID_MAX];
    struct cc_caller caller;

    add_key(CC_KEY_SECRET, "", key, id);

    cr_assert_eq(find(key, &caller), 0);
    cr_assert_str_eq(caller.bot, "");
    cr_assert(caller.secret);
}

Test(api_key, that_is_unknown_revoked_or_expired_is_not_found)
{
    char key[CC_KEY_MAX], id[CC_ID_MAX], other[CC_KEY_MAX], other_id[CC_ID_MAX], sql[200];
    struct cc_caller caller;
    const char *hash;

    add_key(CC_KEY_SECRET, "", key, id);
    add_key(CC_KEY_SECRET, "", other, other_id);
    cr_assert_eq(cc_api_key_revoke(s.pg, s.tenant, id, s.mem, &hash), 0);
    snprintf(sql, sizeof sql, "UPDATE api_keys SET expires_at = now() WHERE id = '%s'", other_id);
    store_sql(&s, "CC_PG_SUPER", sql);

    cr_assert_eq(find(key, &caller), CC_E_NOTFOUND);
    cr_assert_eq(find(other, &caller), CC_E_NOTFOUND);
    cr_assert_eq(find("sk_live_none", &caller), CC_E_NOTFOUND);
    cr_assert_eq(cc_api_key_revoke(s.pg, s.tenant, "key_none", s.mem, &hash), CC_E_NOTFOUND);
}

Test(api_key, of_another_tenant_cannot_be_revoked)
{
    char key[CC_KEY_MAX], id[CC_ID_MAX];
    struct store other;
    const char *hash;

    add_key(CC_KEY_SECRET, "", key, id);
    store_other(&s, &other);

    cr_assert_eq(cc_api_key_revoke(s.pg, other.tenant, id, s.mem, &hash), CC_E_NOTFOUND);
}

Test(api_key, is_nowhere_in_the_tables)
{
    char key[CC_KEY_MAX], id[CC_ID_MAX], sql[400];

    add_key(CC_KEY_SECRET, "", key, id);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM api_keys k WHERE strpos(k::text, '%s') > 0"
             " OR strpos(k::text, '%.20s') > 0",
             key + 8, key);

    cr_assert_str_eq(store_sql(&s, "CC_PG_SUPER", sql), "0");
}

Test(schema, is_as_new_as_the_binary_and_migrating_again_does_nothing)
{
    struct cc_migrated done;

    cr_assert_eq(cc_pg_check_schema(s.pg), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_migrate(store_env("CC_PG_OWNER"), &done), 0, "%s", cc_fail_text());
    cr_assert_eq(done.from, cc_schema_newest());
    cr_assert_eq(done.to, cc_schema_newest());
}

Test(schema, gives_the_application_no_way_around_the_policies)
{
    struct cc_store_check check;

    cr_assert_eq(cc_store_check(s.pg, s.mem, &check), 0, "%s", cc_fail_text());

    cr_assert_str_eq(check.role, "cc_app");
    cr_assert_not(check.superuser);
    cr_assert_not(check.bypasses);
    cr_assert_str_eq(check.unprotected, "");
    cr_assert_str_eq(check.definers, "");
}
