/* What keys are good for, and how they follow each other: proto/store/api_key.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/seal/key.h"
#include "proto/store/api_key.h"
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

TestSuite(api_keys, .init = setup, .fini = teardown, .timeout = 60);

struct made {
    char id[CC_ID_MAX], words[CC_KEY_MAX], hash[CC_SHA256_HEX];
};

/* Ids of one have no order. */
static void next_millisecond(void)
{
    for (int64_t now = cc_unix_ms(); cc_unix_ms() == now;)
        ;
}

static void make(struct cc_api_key row, enum cc_key_kind kind, struct made *ret)
{
    row.id = cc_id_sorted("key", ret->id);
    row.tenant = s.tenant;
    cc_key_make(kind, ret->words);
    cc_key_hash(ret->words, ret->hash);
    cr_assert_eq(cc_api_key_put(s.pg, &row, ret->words), 0, "%s", cc_fail_text());
}

static struct cc_api_key get(const char *id)
{
    struct cc_api_key key;

    cr_assert_eq(cc_api_key_get(s.pg, s.tenant, id, s.mem, &key), 0, "%s", cc_fail_text());
    return key;
}

static int rotate(const struct made *old, int64_t grace_s, struct made *ret)
{
    struct cc_api_key_rotation r = {.tenant = s.tenant,
                                    .old = old->id,
                                    .id = cc_id_sorted("key", ret->id),
                                    .created_by = "usr_x",
                                    .grace_s = grace_s};
    const char *hash;
    int rc;

    r.key = cc_key_make(CC_KEY_SECRET, ret->words);
    cc_key_hash(ret->words, ret->hash);
    rc = cc_api_key_rotate(s.pg, &r, s.mem, &hash);
    if (rc == 0)
        cr_expect_str_eq(hash, old->hash, "of the one that ends");
    return rc;
}

static const char *const reads[] = {"read", "edit"};

Test(api_keys, that_got_more_rights_meanwhile_are_not_rotated)
{
    static const char *const more[] = {"read", "edit", "own"};
    struct cc_api_key_rotation r = {.tenant = s.tenant, .created_by = "usr_x"};
    char id[CC_ID_MAX], words[CC_KEY_MAX];
    struct made made;
    const char *hash;

    make((struct cc_api_key){.scopes = more, .scopes_n = 3, .name = "", .created_by = ""},
         CC_KEY_SECRET, &made);
    r.old = made.id;
    r.id = cc_id_sorted("key", id);
    r.key = cc_key_make(CC_KEY_SECRET, words);
    r.scopes = reads;
    r.scopes_n = 2;

    cr_expect_eq(cc_api_key_rotate(s.pg, &r, s.mem, &hash), CC_E_CONFLICT);
    cr_expect_str_empty(get(made.id).replaced_by, "it is as it was");
    r.scopes = more;
    r.scopes_n = 3;
    cr_expect_eq(cc_api_key_rotate(s.pg, &r, s.mem, &hash), 0, "%s", cc_fail_text());
}

Test(api_keys, are_read_as_they_were_made)
{
    int64_t soon = cc_unix_ms() + 3600000;
    struct made made;
    struct cc_caller caller;
    struct cc_api_key key;

    make((struct cc_api_key){.bot = s.bot,
                             .name = "Shop",
                             .scopes = reads,
                             .scopes_n = 2,
                             .rate = 77,
                             .created_by = "usr_1",
                             .expires_ms = soon},
         CC_KEY_SECRET, &made);
    key = get(made.id);

    cr_expect_str_eq(key.name, "Shop");
    cr_expect_str_eq(key.bot, s.bot);
    cr_expect(key.secret && key.good);
    cr_expect_eq(key.scopes_n, 2);
    cr_expect_str_eq(key.scopes[1], "edit");
    cr_expect_eq(key.rate, 77);
    cr_expect_str_eq(key.created_by, "usr_1");
    cr_expect_eq(key.expires_ms, soon);
    cr_expect_eq(key.revoked_ms, 0);
    cr_assert_eq(cc_api_key_find(s.pg, made.hash, s.mem, &caller), 0);
    cr_expect_eq(caller.rate, 77);
    cr_expect(caller.left_ms > 3500000 && caller.left_ms <= 3600000, "%lld",
              (long long)caller.left_ms);
}

Test(api_keys, that_are_told_nothing_are_as_usual)
{
    struct made made;
    struct cc_caller caller;

    make((struct cc_api_key){0}, CC_KEY_SECRET, &made);

    cr_assert_eq(cc_api_key_find(s.pg, made.hash, s.mem, &caller), 0);
    cr_expect_eq(caller.scopes_n, 4);
    cr_expect_eq(caller.rate, 0);
    cr_expect_eq(caller.left_ms, 0, "it does not end");
}

Test(api_keys, hold_only_rights_that_there_are)
{
    static const char *const rules[] = {"rule"};
    struct cc_api_key row = {.id = "key_x", .tenant = s.tenant, .scopes = rules, .scopes_n = 1};
    char words[CC_KEY_MAX];

    cr_expect_eq(cc_api_key_put(s.pg, &row, cc_key_make(CC_KEY_SECRET, words)), CC_E_INVALID);
}

Test(api_keys, change_what_they_are_told_and_nothing_else)
{
    int64_t soon = cc_unix_ms() + 3600000;
    struct made made;
    struct cc_api_key_change change = {
        .tenant = s.tenant, .id = made.id, .rate = -1, .expires_ms = soon};
    struct cc_api_key key;
    const char *hash;

    make((struct cc_api_key){.name = "Old", .rate = 5}, CC_KEY_SECRET, &made);
    cr_assert_eq(cc_api_key_set(s.pg, &change, s.mem, &hash), 0, "%s", cc_fail_text());
    cr_expect_str_eq(hash, made.hash);
    key = get(made.id);
    cr_expect_str_eq(key.name, "Old");
    cr_expect_eq(key.scopes_n, 4);
    cr_expect_eq(key.rate, 5);
    cr_expect_eq(key.expires_ms, soon);

    change = (struct cc_api_key_change){
        .tenant = s.tenant, .id = made.id, .name = "New", .scopes = reads, .scopes_n = 1};
    cr_assert_eq(cc_api_key_set(s.pg, &change, s.mem, &hash), 0, "%s", cc_fail_text());
    key = get(made.id);
    cr_expect_str_eq(key.name, "New");
    cr_expect_eq(key.scopes_n, 1);
    cr_expect_eq(key.rate, 0);
    cr_expect_eq(key.expires_ms, 0);

    cr_assert_eq(cc_api_key_revoke(s.pg, s.tenant, made.id, s.mem, &hash), 0);
    cr_expect_eq(cc_api_key_set(s.pg, &change, s.mem, &hash), CC_E_CONFLICT);
    change.id = "key_none";
    cr_expect_eq(cc_api_key_set(s.pg, &change, s.mem, &hash), CC_E_NOTFOUND);
}

Test(api_keys, follow_each_other_with_the_same_rights)
{
    int64_t hour = 3600000, now = cc_unix_ms();
    struct made old, next, third;
    struct cc_caller caller;
    struct cc_api_key key;

    make((struct cc_api_key){.bot = s.bot,
                             .name = "N",
                             .scopes = reads,
                             .scopes_n = 2,
                             .rate = 9,
                             .expires_ms = now + hour},
         CC_KEY_SECRET, &old);
    cr_assert_eq(rotate(&old, 60, &next), 0, "%s", cc_fail_text());

    key = get(next.id);
    cr_expect_str_eq(key.bot, s.bot);
    cr_expect_str_eq(key.name, "N");
    cr_expect_eq(key.scopes_n, 2);
    cr_expect_eq(key.rate, 9);
    cr_expect_str_eq(key.created_by, "usr_x");
    cr_expect(key.expires_ms > now + hour - 60000, "as long to live as the old one had");
    key = get(old.id);
    cr_expect_str_eq(key.replaced_by, next.id);
    cr_expect(key.good && key.expires_ms < now + hour / 2);
    cr_expect_eq(cc_api_key_find(s.pg, old.hash, s.mem, &caller), 0);
    cr_expect_eq(cc_api_key_find(s.pg, next.hash, s.mem, &caller), 0);
    cr_expect_eq(rotate(&old, 60, &third), CC_E_CONFLICT, "only once");
    cr_expect_eq(cc_api_key_find(s.pg, third.hash, s.mem, &caller), CC_E_NOTFOUND);
    cr_assert_eq(rotate(&next, 0, &third), 0);
    cr_expect_eq(cc_api_key_find(s.pg, next.hash, s.mem, &caller), CC_E_NOTFOUND, "no grace");
    cr_expect_not(get(next.id).good);
}

Test(api_keys, that_are_over_have_no_successor)
{
    struct made old, next;
    const char *hash;

    make((struct cc_api_key){0}, CC_KEY_PUBLIC, &old);
    cr_expect_eq(rotate(&old, 0, &next), CC_E_CONFLICT, "a secret key for a public one");
    cr_assert_eq(cc_api_key_revoke(s.pg, s.tenant, old.id, s.mem, &hash), 0);
    cr_assert_eq(cc_api_key_revoke(s.pg, s.tenant, old.id, s.mem, &hash), 0, "again");
    cr_expect_str_eq(hash, old.hash);
    cr_expect_eq(rotate(&old, 0, &next), CC_E_CONFLICT);
    memcpy(old.id, "key_none", sizeof "key_none");
    cr_expect_eq(rotate(&old, 0, &next), CC_E_NOTFOUND);
}

Test(api_keys, are_listed_newest_first_and_by_bot)
{
    struct cc_api_key_page page = {s.tenant, "", "", 2};
    struct made made[3];
    struct cc_api_key *list;
    int n;

    for (int i = 0; i < 3; i++) {
        make((struct cc_api_key){.bot = i == 1 ? s.bot : ""}, CC_KEY_PUBLIC, &made[i]);
        next_millisecond();
    }

    cr_assert_eq(cc_api_key_list(s.pg, &page, s.mem, &list, &n), 0);
    cr_assert_eq(n, 2);
    cr_expect_str_eq(list[0].id, made[2].id);
    page.after = made[1].id;
    cr_assert_eq(cc_api_key_list(s.pg, &page, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(list[0].id, made[0].id);
    page.after = "";
    page.bot = s.bot;
    cr_assert_eq(cc_api_key_list(s.pg, &page, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(list[0].id, made[1].id);
}

/* ---- the id of a bot instead of a key ---- */

static int shown(const char *bot, struct cc_caller *ret)
{
    return cc_api_key_of_bot(s.pg, bot, s.mem, ret);
}

static void revoke(const struct made *key)
{
    const char *hash;

    cr_assert_eq(cc_api_key_revoke(s.pg, s.tenant, key->id, s.mem, &hash), 0);
}

Test(api_keys, of_a_bot_are_its_own_oldest_first_then_those_for_all)
{
    struct made all, own, newer, secret;
    struct cc_caller caller;

    cr_expect_eq(shown(s.bot, &caller), CC_E_NOTFOUND, "it has none");
    make((struct cc_api_key){.bot = s.bot}, CC_KEY_SECRET, &secret);
    cr_expect_eq(shown(s.bot, &caller), CC_E_NOTFOUND, "a secret one is never meant");
    make((struct cc_api_key){.bot = "", .rate = 7}, CC_KEY_PUBLIC, &all);
    cr_assert_eq(shown(s.bot, &caller), 0, "%s", cc_fail_text());
    cr_expect_str_eq(caller.key, all.id);
    cr_expect_str_eq(caller.bot, s.bot, "bound to the bot all the same");
    cr_expect_str_eq(caller.tenant, s.tenant);
    cr_expect_eq(caller.rate, 7);
    cr_expect_not(caller.secret);

    make((struct cc_api_key){.bot = s.bot}, CC_KEY_PUBLIC, &own);
    next_millisecond();
    make((struct cc_api_key){.bot = s.bot}, CC_KEY_PUBLIC, &newer);
    cr_assert_eq(shown(s.bot, &caller), 0);
    cr_expect_str_eq(caller.key, own.id);
    revoke(&own);
    cr_assert_eq(shown(s.bot, &caller), 0);
    cr_expect_str_eq(caller.key, newer.id, "another takes over");
    revoke(&newer);
    cr_assert_eq(shown(s.bot, &caller), 0);
    cr_expect_str_eq(caller.key, all.id);
    revoke(&all);
    cr_expect_eq(shown(s.bot, &caller), CC_E_NOTFOUND);
}

/* Of our tenant alone: other tests run beside this one. */
static void change(const char *update)
{
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem, "%s WHERE tenant_id = '%s'", update, s.tenant));
}

Test(api_keys, of_a_bot_end_when_they_expire)
{
    struct made made;
    struct cc_caller caller;

    make((struct cc_api_key){.bot = s.bot, .expires_ms = cc_unix_ms() + 60000}, CC_KEY_PUBLIC,
         &made);
    cr_assert_eq(shown(s.bot, &caller), 0, "%s", cc_fail_text());
    cr_expect_gt(caller.left_ms, 30000);
    cr_expect_leq(caller.left_ms, 60000);
    change("UPDATE api_keys SET expires_at = now() - interval '1 s'");
    cr_expect_eq(shown(s.bot, &caller), CC_E_NOTFOUND);
}

Test(api_keys, of_a_bot_that_is_deleted_or_of_a_closed_tenant_are_none)
{
    struct made made;
    struct cc_caller caller;
    const char *const *hashes;
    int n;

    make((struct cc_api_key){.bot = ""}, CC_KEY_PUBLIC, &made);
    cr_assert_eq(shown(s.bot, &caller), 0, "%s", cc_fail_text());
    change("UPDATE tenants SET closed_at = now()");
    cr_expect_eq(shown(s.bot, &caller), CC_E_NOTFOUND);
    change("UPDATE tenants SET closed_at = NULL");
    cr_assert_eq(cc_bot_delete(s.pg, s.tenant, s.bot, s.mem, &hashes, &n), 0);
    cr_expect_eq(shown(s.bot, &caller), CC_E_NOTFOUND, "a key for all bots is still good");
}

Test(api_keys, of_another_tenants_bot_are_that_tenants)
{
    struct store other;
    struct made made;
    struct cc_caller caller;

    make((struct cc_api_key){.bot = ""}, CC_KEY_PUBLIC, &made);
    store_other(&s, &other);

    cr_expect_eq(shown(other.bot, &caller), CC_E_NOTFOUND, "ours is not for it");
    cr_assert_eq(shown(s.bot, &caller), 0);
    cr_expect_str_eq(caller.key, made.id);
}
