/* cc-ctl seal: the operator's keys are made, exchanged and dropped. */
#include <stdlib.h>
#include <sys/stat.h>

#include "proto/store/tenant_key.h"
#include "tests/integration/ctl/run.h"
#include "tests/support/store.h"

static struct store sealing;
static char keyring[] = "/tmp/cc-ctl-seal-XXXXXX", keyring_file[64];

static void begin_sealing(void)
{
    cr_assert_eq(ctl("migrate"), 0);
    store_open(&sealing); /* for a tenant; a command has a loop of its own */
    store_close(&sealing);
    sealing.mem = cc_arena_new(1 << 20);
    store_sql(&sealing, "CC_PG_SUPER",
              "DELETE FROM providers; DELETE FROM tenant_keys; DELETE FROM operator_keys");
    cr_assert_not_null(mkdtemp(keyring));
    snprintf(keyring_file, sizeof keyring_file, "%s/keyring", keyring);
    setenv("CC_SEAL_KEYRING", keyring_file, 1);
}

static void end_sealing(void)
{
    cc_arena_free(&sealing.mem);
    unlink(keyring_file);
    rmdir(keyring);
}

TestSuite(ctl_seal, .init = begin_sealing, .fini = end_sealing, .timeout = 60);

static const char *kid_of(const char *words)
{
    static char kids[4][32];
    static int next;
    char *kid = kids[next++ % 4];

    cr_assert_eq(ctl(words), 0, "%s", words);
    json_t *value = shown_json();
    snprintf(kid, sizeof kids[0], "%s", cc_json_str(value, "kid", ""));
    json_decref(value);
    cr_assert_eq(strlen(kid), 16);
    return kid;
}

static int drop_key(const char *kid)
{
    char words[64];

    snprintf(words, sizeof words, "--json|seal|drop|%s", kid);
    return ctl(words);
}

static void need_tenants_key(void)
{
    struct cc_pg_opts opts = {.conninfo = store_env("CC_PG")};
    struct cc_seal_public to;
    struct cc_pg *pg;

    cc_loop_init(NULL);
    cr_assert_eq(cc_pg_open(&opts, &pg), 0);
    cr_assert_eq(cc_tenant_key_need(pg, sealing.tenant, &to), 0, "%s", cc_fail_text());
    cc_pg_close(&pg);
    cc_loop_done();
}

Test(ctl_seal, makes_one_key_and_exchanges_it)
{
    const char *first = kid_of("--json|seal|init"), *second;

    cr_expect_eq(ctl("seal|init"), 1, "there is one already");
    need_tenants_key();
    second = kid_of("--json|seal|rotate");
    cr_expect_str_neq(first, second);

    cr_expect_eq(drop_key(second), 1, "it is the current one");
    cr_expect_eq(drop_key(first), 0);
    cr_expect_eq(drop_key(first), 1, "it is gone");
    cr_expect_str_eq(
        store_sql(&sealing, "CC_PG_SUPER", "SELECT string_agg(operator_kid, ',') FROM tenant_keys"),
        second);
    cr_assert_eq(ctl("--json|seal|status"), 0);
    json_t *list = shown_json();
    cr_expect_eq(json_array_size(list), 1);
    cr_expect_eq(cc_json_int(json_array_get(list, 0), "pairs", -1), 1);
    cr_expect(cc_json_bool(json_array_get(list, 0), "inKeyring", false));
    json_decref(list);
}

Test(ctl_seal, does_not_drop_what_a_tenants_key_is_sealed_with)
{
    const char *first = kid_of("--json|seal|init");

    need_tenants_key();
    store_sql(&sealing, "CC_PG_SUPER", "UPDATE operator_keys SET current = false");

    cr_expect_eq(drop_key(first), 1);
    cr_expect_eq(ctl("--json|seal|status"), 0);
    cr_expect_not_null(strstr(shown, first));
}

Test(ctl_seal, notices_a_keyring_without_the_current_key)
{
    char saved[80];

    snprintf(saved, sizeof saved, "%s.saved", keyring_file);
    kid_of("--json|seal|init");
    cr_assert_eq(rename(keyring_file, saved), 0);
    store_sql(&sealing, "CC_PG_SUPER", "DELETE FROM operator_keys");
    const char *second = kid_of("--json|seal|init");
    cr_assert_eq(rename(saved, keyring_file), 0);

    cr_expect_eq(ctl("--json|seal|status"), 1);
    json_t *list = shown_json();
    cr_expect_str_eq(cc_json_str(json_array_get(list, 0), "kid", ""), second);
    cr_expect_not(cc_json_bool(json_array_get(list, 0), "inKeyring", true));
    json_decref(list);
}

Test(ctl_seal, wants_a_file_that_is_nobody_elses)
{
    kid_of("--json|seal|init");
    chmod(keyring_file, 0644);
    cr_expect_neq(ctl("seal|rotate"), 0);
    chmod(keyring_file, 0600);
    kid_of("--json|seal|rotate");

    unlink(keyring_file);
    cr_expect_neq(ctl("seal|rotate"), 0, "without the file nothing can be exchanged");
    cr_expect_neq(access(keyring_file, F_OK), 0, "and none is made in its place");
    setenv("CC_SEAL_KEYRING", "", 1);
    cr_expect_neq(ctl("seal|init"), 0);
}
