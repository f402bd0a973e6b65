/* Sealed credentials in PostgreSQL: operator_key, tenant_key, provider. */
#include "proto/store/provider.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/store/operator_key.h"
#include "proto/store/tenant_key.h"
#include "tests/support/store.h"

#define SECRET "sk-of-a-tenant-0123456789"

static struct store s, other;
static struct cc_pg *owner;
static struct cc_seal_secret op;

static void begin(void)
{
    struct cc_pg_opts opts = {.conninfo = store_env("CC_PG_OWNER"), .size = 1};

    store_open(&s);
    store_other(&s, &other);
    store_sql(&s, "CC_PG_SUPER",
              "DELETE FROM providers; DELETE FROM tenant_keys; DELETE FROM operator_keys");
    cr_assert_eq(cc_pg_open(&opts, &owner), 0);
    cc_seal_pair(&op);
}

static void end(void)
{
    cc_pg_close(&owner);
    store_close(&s);
}

TestSuite(provider, .init = begin, .fini = end, .timeout = 60);

static void must(int rc)
{
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
}

/* A row with the key sealed as the gateway does it. */
static struct cc_provider_change sealed_change(const struct store *of, const char *key)
{
    struct cc_seal_place place = cc_provider_place(of->tenant, "openai");
    struct cc_seal_public *to = cc_arena_get(s.mem, sizeof *to);
    struct cc_provider_change change = {.name = "openai", .key_set = true, .hint = "9"};

    must(cc_tenant_key_need(of->pg, of->tenant, to));
    must(cc_seal(to, &place, (struct cc_opened){(char *)key, strlen(key)}, s.mem, &change.sealed));
    change.tenant_kid = to->kid;
    return change;
}

static struct cc_providers get(const struct store *of)
{
    struct cc_providers all;

    must(cc_providers_get(of->pg, of->tenant, s.mem, &all));
    return all;
}

/* The stored key of a tenant, opened with this operator's key. */
static int open_with(const struct store *of, const struct cc_seal_secret *with,
                     const struct cc_provider *p, struct cc_opened *ret)
{
    char path[] = "/tmp/cc-ring-XXXXXX";
    const struct cc_seal_secret *const keys[] = {with};
    struct cc_keyring *ring = NULL;
    struct cc_tenant_key *pairs;
    struct cc_seal_secret pair;
    int n, fd = mkstemp(path), rc;

    close(fd);
    must(cc_keyring_write(path, keys, 1));
    must(cc_keyring_read(path, &ring));
    unlink(path);
    must(cc_tenant_key_list(of->pg, of->tenant, s.mem, &pairs, &n));
    cr_assert_eq(n, 1);
    rc = cc_seal_unwrap(ring, of->tenant, &pairs[0].public, pairs[0].sealed, &pair);
    if (rc == 0) {
        struct cc_seal_place place = cc_provider_place(of->tenant, p->name);
        rc = cc_seal_open(&pair, &place, p->sealed, ret);
    }
    cc_keyring_free(&ring);
    return rc;
}

Test(provider, key_cannot_be_sealed_before_the_operator_has_one)
{
    struct cc_seal_public to;

    cr_expect_eq(cc_operator_key_current(s.pg, &to), CC_E_NOTFOUND);
    cr_expect_eq(cc_tenant_key_need(s.pg, s.tenant, &to), CC_E_DOWN);
    cr_expect_not_null(strstr(cc_fail_text(), "cc-ctl seal init"), "%s", cc_fail_text());
}

Test(provider, key_goes_in_and_comes_out)
{
    struct cc_opened opened;

    must(cc_operator_key_set(owner, &op.public));
    struct cc_provider_change change = sealed_change(&s, SECRET);
    must(cc_providers_put(s.pg, s.tenant, "{\"provider\":\"openai\"}", &change, 1));

    struct cc_providers all = get(&s);
    cr_assert_eq(all.n, 1);
    cr_expect_str_eq(all.defaults, "{\"provider\":\"openai\"}");
    cr_expect_str_eq(all.of[0].hint, "9");
    must(open_with(&s, &op, &all.of[0], &opened));
    cr_expect_str_eq(opened.bytes, SECRET);
    cc_opened_done(&opened);
    cr_expect_null(store_sql(&s, "CC_PG_SUPER",
                             "SELECT 1 FROM providers WHERE position('sk-of-a' IN"
                             " encode(sealed, 'escape')) > 0"));
}

Test(provider, row_changes_only_in_what_is_set)
{
    must(cc_operator_key_set(owner, &op.public));
    struct cc_provider_change first = sealed_change(&s, SECRET);
    first.base_url = "https://a.example/v1";
    first.model = "one";
    must(cc_providers_put(s.pg, s.tenant, NULL, &first, 1));

    struct cc_provider_change model = {.name = "openai", .model = "two"};
    must(cc_providers_put(s.pg, s.tenant, NULL, &model, 1));
    struct cc_providers all = get(&s);
    cr_expect_str_eq(all.of[0].model, "two");
    cr_expect_str_eq(all.of[0].base_url, "https://a.example/v1");
    cr_expect_gt(all.of[0].sealed.len, 0);

    struct cc_provider_change same = {.name = "openai", .base_url = "https://a.example/v1"};
    must(cc_providers_put(s.pg, s.tenant, NULL, &same, 1));
    cr_expect_gt(get(&s).of[0].sealed.len, 0);

    struct cc_provider_change moved = {.name = "openai", .base_url = "https://evil.example"};
    must(cc_providers_put(s.pg, s.tenant, NULL, &moved, 1));
    all = get(&s);
    cr_expect_eq(all.of[0].sealed.len, 0, "the key went along to another place");
    cr_expect_str_eq(all.of[0].hint, "");

    struct cc_provider_change none = {.name = "openai", .key_set = true};
    must(cc_providers_put(s.pg, s.tenant, NULL, &none, 1));
    cr_expect_str_eq(get(&s).of[0].tenant_kid, "");
}

Test(provider, is_not_seen_by_another_tenant_and_does_not_open_there)
{
    struct cc_opened opened = {0};
    struct cc_provider stolen;

    must(cc_operator_key_set(owner, &op.public));
    struct cc_provider_change change = sealed_change(&s, SECRET);
    must(cc_providers_put(s.pg, s.tenant, NULL, &change, 1));
    struct cc_provider_change theirs = sealed_change(&other, "sk-of-another-one");
    must(cc_providers_put(other.pg, other.tenant, NULL, &theirs, 1));

    cr_assert_eq(get(&other).n, 1);
    stolen = get(&s).of[0];
    cr_expect_eq(open_with(&other, &op, &stolen, &opened), CC_E_FORBIDDEN);
    cr_expect_eq(cc_providers_get(s.pg, "ten_0", s.mem, &(struct cc_providers){0}), CC_E_NOTFOUND);
}

/* ---- rotation ---- */

/* As cc-ctl seal rotate does it for one tenant. */
static int rewrap(const struct cc_seal_secret *from, const struct cc_seal_secret *to)
{
    struct cc_tenant_key *keys, anew;
    struct cc_seal_secret pair;
    struct cc_seal_place place;
    struct cc_opened half;
    int n;

    must(cc_tenant_key_list(s.pg, s.tenant, s.mem, &keys, &n));
    place = (struct cc_seal_place){s.tenant, "tenant_keys", "sealed", keys[0].public.kid};
    must(cc_seal_open(from, &place, keys[0].sealed, &half));
    must(cc_seal_secret_of(half.bytes, half.len, &pair));
    cc_opened_done(&half);
    anew = (struct cc_tenant_key){.public = pair.public, .operator_kid = to->public.kid};
    must(cc_seal_wrap(&to->public, s.tenant, &pair, s.mem, &anew.sealed));
    return cc_tenant_key_rewrap(s.pg, s.tenant, &anew, from->public.kid);
}

Test(operator_key, that_is_used_or_current_is_not_dropped, .init = begin, .fini = end)
{
    struct cc_seal_secret next;
    struct cc_seal_public now;
    struct cc_opened opened;

    cc_seal_pair(&next);
    must(cc_operator_key_set(owner, &op.public));
    struct cc_provider_change change = sealed_change(&s, SECRET);
    must(cc_providers_put(s.pg, s.tenant, NULL, &change, 1));
    cr_expect_eq(cc_operator_key_drop(owner, op.public.kid), CC_E_CONFLICT);

    must(cc_operator_key_set(owner, &next.public));
    must(cc_operator_key_current(s.pg, &now));
    cr_expect_str_eq(now.kid, next.public.kid);
    cr_expect_eq(cc_operator_key_drop(owner, op.public.kid), CC_E_CONFLICT, "a pair needs it");

    must(rewrap(&op, &next));
    must(cc_operator_key_drop(owner, op.public.kid));
    cr_expect_eq(cc_operator_key_drop(owner, op.public.kid), CC_E_NOTFOUND);
    cr_expect_eq(cc_operator_key_drop(owner, next.public.kid), CC_E_CONFLICT, "it is current");
    must(open_with(&s, &next, &get(&s).of[0], &opened));
    cr_expect_str_eq(opened.bytes, SECRET);
    cc_opened_done(&opened);
    cr_expect_eq(open_with(&s, &op, &get(&s).of[0], &opened), CC_E_NOTFOUND);
}

Test(operator_key, exchange_that_comes_second_changes_nothing, .init = begin, .fini = end)
{
    struct cc_tenant_key *keys, anew;
    struct cc_seal_public to;
    int n;

    must(cc_operator_key_set(owner, &op.public));
    must(cc_tenant_key_need(s.pg, s.tenant, &to));
    must(cc_tenant_key_list(s.pg, s.tenant, s.mem, &keys, &n));
    anew = keys[0];

    cr_expect_eq(cc_tenant_key_rewrap(s.pg, s.tenant, &anew, "0123456789abcdef"), CC_E_FENCED);
    anew.operator_kid = "0123456789abcdef";
    cr_expect_eq(cc_tenant_key_rewrap(s.pg, s.tenant, &anew, op.public.kid), CC_E_NOTFOUND);
    cr_expect_eq(cc_tenant_key_rewrap(other.pg, other.tenant, &keys[0], op.public.kid), CC_E_FENCED,
                 "another tenant's");
}

Test(operator_key, is_written_by_the_owner_alone, .init = begin, .fini = end)
{
    cr_expect_eq(cc_operator_key_set(s.pg, &op.public), CC_E_FORBIDDEN);
    must(cc_operator_key_set(owner, &op.public));
    cr_expect_eq(cc_operator_key_drop(s.pg, op.public.kid), CC_E_FORBIDDEN);
}

Test(tenant_key, is_the_same_for_all_that_need_it, .init = begin, .fini = end)
{
    struct cc_seal_public a, b, theirs;
    const char **ids;
    int n, seen = 0;

    must(cc_operator_key_set(owner, &op.public));
    must(cc_tenant_key_need(s.pg, s.tenant, &a));
    must(cc_tenant_key_need(s.pg, s.tenant, &b));
    must(cc_tenant_key_need(other.pg, other.tenant, &theirs));

    cr_expect_str_eq(a.kid, b.kid);
    cr_expect_str_neq(a.kid, theirs.kid);
    cr_expect_eq(cc_tenant_key_need(s.pg, "ten_0", &b), CC_E_NOTFOUND);
    must(cc_tenant_sweep(s.sweep, "", 10000, s.mem, &ids, &n));
    for (int i = 0; i < n; i++)
        seen += strcmp(ids[i], s.tenant) == 0 || strcmp(ids[i], other.tenant) == 0;
    cr_expect_eq(seen, 2);
    must(cc_tenant_sweep(s.sweep, ids[n - 1], 10, s.mem, &ids, &n));
    cr_expect_eq(n, 0);
}
