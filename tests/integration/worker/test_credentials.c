/* worker/credentials.h against a real store: opened when wanted, kept briefly, dropped by notices.
 */
#include "worker/credentials.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/config.h"
#include "proto/bus/redis.h"
#include "proto/store/operator_key.h"
#include "proto/store/provider.h"
#include "proto/store/tenant_key.h"
#include "proto/wire/names.h"
#include "tests/support/store.h"

static struct store s, other;
static struct cc_run run;
static struct cc_pg *owner;
static struct cc_credentials *credentials;
static struct cc_seal_secret op;
static char ring[] = "/tmp/cc-ring-XXXXXX";

static void must(int rc)
{
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
}

static void write_ring(const struct cc_seal_secret *key)
{
    must(cc_keyring_write(ring, &key, 1));
}

static void begin(void)
{
    struct cc_pg_opts opts = {.conninfo = store_env("CC_PG_OWNER"), .size = 1};

    store_open(&s);
    store_other(&s, &other);
    must(cc_config_load());
    store_sql(&s, "CC_PG_SUPER",
              "DELETE FROM providers; DELETE FROM tenant_keys; DELETE FROM operator_keys");
    close(mkstemp(ring));
    cc_seal_pair(&op);
    write_ring(&op);
    cc_config_set(CC_CFG_SEAL_KEYRING, ring);
    must(cc_pg_open(&opts, &owner));
    must(cc_operator_key_set(owner, &op.public));
    must(cc_redis_open(store_env("CC_REDIS_LIVE"), &run.live));
    must(cc_redis_ready(run.live, cc_now() + 5000));
    run.pg = s.pg;
    must(cc_credentials_open(&run, &credentials));
}

static void end(void)
{
    cc_credentials_close(&credentials);
    cc_redis_close(&run.live);
    cc_pg_close(&owner);
    store_close(&s);
    unlink(ring);
}

TestSuite(credentials, .init = begin, .fini = end, .timeout = 60);

static void put(const struct store *of, const char *key)
{
    struct cc_seal_place place = cc_provider_place(of->tenant, "openai");
    struct cc_provider_change change = {.name = "openai", .key_set = true, .hint = ""};
    struct cc_seal_public to;

    must(cc_tenant_key_need(of->pg, of->tenant, &to));
    must(cc_seal(&to, &place, (struct cc_opened){(char *)key, strlen(key)}, s.mem, &change.sealed));
    change.tenant_kid = to.kid;
    must(cc_providers_put(of->pg, of->tenant, NULL, &change, 1));
}

static int choose(const struct store *of, struct cc_llm_choice *ret)
{
    struct cc_llm_wish wish = {.tenant = of->tenant,
                               .tier = "free",
                               .provider = "openai",
                               .model = "m",
                               .temperature = -1};

    return cc_credentials_choose(credentials, &wish, s.mem, ret);
}

static const char *key_of(const struct store *of)
{
    struct cc_llm_choice choice = {0};

    must(choose(of, &choice));
    return choice.key;
}

/* Publishes until the listener, which may still be about to subscribe, has heard it. */
static void notice(const struct store *of)
{
    const char *text = cc_arena_printf(s.mem, "tenant %s", of->tenant);
    int64_t end_ms = cc_now() + 10000;
    int kept = cc_credentials_kept(credentials);

    while (cc_credentials_kept(credentials) == kept && cc_now() < end_ms) {
        must(cc_publish(run.live, CC_CHANNEL_INVALID, text, strlen(text)));
        cc_loop_turn(10);
    }
    cr_assert_lt(cc_credentials_kept(credentials), kept, "no notice was heard");
}

Test(credentials, open_a_tenants_key_for_him_alone)
{
    cc_config_set(CC_CFG_OPENAI_KEY, "of the installation");
    put(&s, "sk-first");

    cr_expect_str_eq(key_of(&s), "sk-first");
    cr_expect_str_eq(key_of(&other), "of the installation");
}

Test(credentials, are_kept_until_a_notice_and_then_read_anew)
{
    put(&s, "sk-first");
    put(&other, "sk-theirs");
    cr_expect_str_eq(key_of(&s), "sk-first");
    cr_expect_str_eq(key_of(&other), "sk-theirs");
    cr_expect_eq(cc_credentials_kept(credentials), 2);

    put(&s, "sk-second");
    notice(&s);

    cr_expect_eq(cc_credentials_kept(credentials), 1, "the other's stay");
    cr_expect_str_eq(key_of(&s), "sk-second");
}

Test(credentials, follow_the_operators_key_when_it_is_exchanged)
{
    struct cc_seal_secret next, pair;
    struct cc_tenant_key *keys, anew;
    struct cc_keyring *old = NULL;
    int n;

    put(&s, "sk-first");
    cr_expect_str_eq(key_of(&s), "sk-first");
    must(cc_keyring_read(ring, &old));
    cc_seal_pair(&next);
    must(cc_operator_key_set(owner, &next.public));
    must(cc_tenant_key_list(s.pg, s.tenant, s.mem, &keys, &n));
    must(cc_seal_unwrap(old, s.tenant, &keys[0].public, keys[0].sealed, &pair));
    anew = (struct cc_tenant_key){.public = pair.public, .operator_kid = next.public.kid};
    must(cc_seal_wrap(&next.public, s.tenant, &pair, s.mem, &anew.sealed));
    must(cc_tenant_key_rewrap(s.pg, s.tenant, &anew, op.public.kid));
    cc_keyring_free(&old);
    write_ring(&next);

    notice(&s);

    cr_expect_str_eq(key_of(&s), "sk-first");
}

Test(credentials, that_cannot_be_opened_are_not_replaced_by_the_installations)
{
    struct cc_llm_choice choice;
    struct cc_seal_secret stranger;

    cc_config_set(CC_CFG_OPENAI_KEY, "of the installation");
    put(&s, "sk-first");
    cc_seal_pair(&stranger);
    write_ring(&stranger);
    cr_expect_eq(choose(&s, &choice), CC_E_DOWN);
    cr_expect_null(strstr(cc_fail_text(), "sk-"));
    cr_expect_eq(cc_credentials_kept(credentials), 0, "a failure is not kept");

    unlink(ring);
    cr_expect_eq(choose(&s, &choice), CC_E_DOWN);
    write_ring(&op);
    cr_expect_str_eq(key_of(&s), "sk-first");
}

Test(credentials, that_were_moved_to_another_tenant_do_not_open)
{
    struct cc_llm_choice choice;

    put(&s, "sk-first");
    put(&other, "sk-theirs");
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE providers SET (sealed, tenant_kid) = (SELECT sealed,"
                              " tenant_kid FROM providers WHERE tenant_id = '%s')"
                              " WHERE tenant_id = '%s'",
                              s.tenant, other.tenant));

    cr_expect_eq(choose(&other, &choice), CC_E_DOWN);
    cr_expect_str_eq(key_of(&s), "sk-first");
}
