/* Accounts and logins in a real PostgreSQL: proto/store/{user,login}. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/seal/key.h"
#include "proto/store/login.h"
#include "proto/store/member.h"
#include "proto/store/pg_run.h"
#include "proto/store/tenant.h"
#include "proto/store/user.h"
#include "tests/support/store.h"

static struct store s, other;

static void setup(void)
{
    store_open(&s);
    store_other(&s, &other);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(login, .init = setup, .fini = teardown, .timeout = 60);

static const char *made_id(const char *prefix)
{
    char id[CC_ID_MAX];

    return cc_arena_dup(s.mem, cc_id_sorted(prefix, id));
}

static const char *mail_of(const char *user)
{
    return cc_arena_printf(s.mem, "%s@x.example", user);
}

/* A person who works in the tenant. */
static const char *person(const struct store *where)
{
    const char *id = made_id("usr");
    const struct cc_user user = {
        .id = id, .email = mail_of(id), .email_key = mail_of(id), .name = "Ada", .password = "h1"};

    cr_assert_eq(cc_user_add(s.pg, &user), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_member_add(s.pg, where->tenant, id, "editor"), 0, "%s", cc_fail_text());
    return id;
}

static const char *begun(const struct store *where, const char *user)
{
    const struct cc_login login = {.id = made_id("lgn"),
                                   .tenant = where->tenant,
                                   .user = user,
                                   .agent = "a browser",
                                   .address = "192.0.2.7"};

    cr_assert_eq(cc_login_add(s.pg, &login), 0, "%s", cc_fail_text());
    return login.id;
}

static int found(const struct store *where, const char *login)
{
    struct cc_login_who who;

    return cc_login_find(s.pg, where->tenant, login, s.mem, &who);
}

static int refreshed(const char *user, const char *login, int64_t n)
{
    const struct cc_login_who who = {.id = login, .tenant = s.tenant, .user = user};

    return cc_login_refresh(s.pg, &who, n);
}

static const char *reason_of(const char *login)
{
    return store_sql(&s, "CC_PG_SUPER",
                     cc_arena_printf(s.mem, "SELECT reason FROM logins WHERE id = '%s'", login));
}

static void sql(const char *text, const char *login)
{
    store_sql(&s, "CC_PG_SUPER", cc_arena_printf(s.mem, "%s WHERE id = '%s'", text, login));
}

/* ---- logins ---- */

Test(login, says_who_it_is_and_what_he_may)
{
    const char *ada = person(&s), *login = begun(&s, ada);
    struct cc_login_who who;

    cr_assert_eq(cc_login_find(s.pg, s.tenant, login, s.mem, &who), 0, "%s", cc_fail_text());

    cr_assert_str_eq(who.user, ada);
    cr_assert_str_eq(who.role, "editor");
    cr_assert_str_eq(who.tenant, s.tenant);
    cr_assert_eq(strlen(who.tier), 4);
}

Test(login, is_found_in_its_own_tenant_alone)
{
    const char *login = begun(&s, person(&s));

    cr_assert_eq(found(&s, login), 0);
    cr_assert_eq(found(&other, login), CC_E_NOTFOUND);
}

Test(login, is_not_for_who_is_no_member)
{
    const struct cc_login login = {.id = made_id("lgn"),
                                   .tenant = other.tenant,
                                   .user = person(&s),
                                   .agent = "",
                                   .address = ""};

    cr_assert_eq(cc_login_add(s.pg, &login), CC_E_NOTFOUND);
}

Test(login, is_over_when_revoked_expired_or_the_tenant_is_closed)
{
    const char *ada = person(&s), *one = begun(&s, ada), *two = begun(&s, ada),
               *three = begun(&s, ada);

    sql("UPDATE logins SET revoked_at = now()", one);
    sql("UPDATE logins SET expires_at = now()", two);
    cr_assert_eq(found(&s, one), CC_E_NOTFOUND);
    cr_assert_eq(found(&s, two), CC_E_NOTFOUND);
    cr_assert_eq(found(&s, three), 0);

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem, "UPDATE tenants SET closed_at = now() WHERE tenant_id = '%s'",
                              s.tenant));
    cr_assert_eq(found(&s, three), CC_E_NOTFOUND);
}

Test(login, goes_on_with_each_counter_once)
{
    const char *ada = person(&s), *login = begun(&s, ada);

    cr_assert_eq(refreshed(ada, login, 1), 0, "%s", cc_fail_text());
    cr_assert_eq(refreshed(ada, login, 2), 0);
    cr_assert_eq(found(&s, login), 0);

    cr_assert_eq(refreshed(ada, login, 1), CC_E_FENCED, "somebody has a copy");
    cr_assert_str_eq(reason_of(login), "reuse");
    cr_assert_eq(found(&s, login), CC_E_NOTFOUND);
    cr_assert_eq(refreshed(ada, login, 3), CC_E_NOTFOUND, "the right one is of no use now");
}

Test(login, is_not_touched_by_a_token_that_names_another_user_or_a_later_counter)
{
    const char *ada = person(&s), *ben = person(&s), *login = begun(&s, ada);

    refreshed(ada, login, 1);

    cr_assert_eq(refreshed(ben, login, 1), CC_E_NOTFOUND);
    cr_assert_eq(refreshed(ada, login, 9), CC_E_NOTFOUND);
    cr_assert_eq(found(&s, login), 0);
}

Test(login, ends_once_and_for_its_own_user_alone)
{
    const char *ada = person(&s), *ben = person(&s), *login = begun(&s, ada);

    cr_assert_eq(cc_login_end(s.pg, ben, login, "ended"), CC_E_NOTFOUND);
    cr_assert_eq(found(&s, login), 0);

    cr_assert_eq(cc_login_end(s.pg, ada, login, "ended"), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_login_end(s.pg, ada, login, "ended"), CC_E_NOTFOUND);
    cr_assert_eq(found(&s, login), CC_E_NOTFOUND);
}

Test(login, is_listed_for_its_user_in_all_his_tenants)
{
    const char *ada = person(&s), *one, *two;
    struct cc_login *list;
    int n;

    cc_member_add(s.pg, other.tenant, ada, "viewer");
    one = begun(&s, ada);
    two = begun(&other, ada);
    cc_login_end(s.pg, ada, begun(&s, ada), "ended");
    begun(&s, person(&s));

    cr_assert_eq(cc_login_list(s.pg, ada, "", 10, s.mem, &list, &n), 0, "%s", cc_fail_text());
    cr_assert_eq(n, 2);
    cr_assert_str_eq(list[0].id, two);
    cr_assert_str_eq(list[0].tenant, other.tenant);
    cr_assert_str_eq(list[1].id, one);
    cr_assert_str_eq(list[1].address, "192.0.2.7");
    cr_assert_eq(cc_login_list(s.pg, ada, two, 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
}

Test(login, that_has_long_been_over_is_forgotten_with_the_next)
{
    const char *ada = person(&s), *old = begun(&s, ada), *ended = begun(&s, ada);

    sql("UPDATE logins SET expires_at = now() - interval '1 s'", old);
    cc_login_end(s.pg, ada, ended, "logout");
    begun(&s, ada);

    cr_assert_null(reason_of(old));
    cr_assert_str_eq(reason_of(ended), "logout", "its refresh token can still come");
}

/* ---- accounts ---- */

Test(login, finds_a_user_by_what_he_presents)
{
    const char *ada = person(&s);
    struct cc_user user;

    cr_assert_eq(cc_user_find(s.pg, mail_of(ada), s.mem, &user), 0);
    cr_assert_str_eq(user.id, ada);
    cr_assert_str_eq(user.password, "h1");
    cr_assert_eq(cc_user_get(s.pg, ada, s.mem, &user), 0);
    cr_assert_eq(cc_user_find(s.pg, "nobody@x.example", s.mem, &user), CC_E_NOTFOUND);
    cr_assert_eq(cc_user_find(s.pg, "", s.mem, &user), CC_E_NOTFOUND);
    cr_assert_eq(cc_user_get(s.pg, "", s.mem, &user), CC_E_NOTFOUND);
}

/* What the policies show to a statement without any condition. */
static const char *seen(const char *settings, const char *table)
{
    return store_sql(
        &s, "CC_PG",
        cc_arena_printf(s.mem, "BEGIN; %s; SELECT count(*)::text FROM %s", settings, table));
}

Test(login, and_user_are_hidden_from_who_presents_nothing)
{
    const char *ada = person(&s), *ben = person(&other);

    begun(&s, ada);
    begun(&other, ben);

    cr_assert_str_eq(seen("SELECT 1", "users"), "0");
    cr_assert_str_eq(seen("SELECT 1", "logins"), "0");
    cr_assert_str_eq(
        seen(cc_arena_printf(s.mem, "SET LOCAL app.tenant_id = '%s'", s.tenant), "users"), "1");
    cr_assert_str_eq(
        seen(cc_arena_printf(s.mem, "SET LOCAL app.tenant_id = '%s'", s.tenant), "logins"), "1");
    cr_assert_str_eq(seen(cc_arena_printf(s.mem, "SET LOCAL app.user_id = '%s'", ben), "users"),
                     "1");
    cr_assert_str_eq(seen(cc_arena_printf(s.mem, "SET LOCAL app.user_id = '%s'", ben), "logins"),
                     "1");
    cr_assert_str_eq(
        seen(cc_arena_printf(s.mem, "SET LOCAL app.user_email = '%s'", mail_of(ben)), "users"),
        "1");
}

static int set_password(const char *user, const char *was, const char *hash, const char *keep,
                        int *ret_n)
{
    const struct cc_password_change change = {user, was, hash, keep};
    const char *const *ended;

    return cc_user_set_password(s.pg, &change, s.mem, &ended, ret_n);
}

Test(login, is_over_with_the_password_but_for_the_one_that_changed_it)
{
    const char *ada = person(&s), *mine, *here, *there;
    int n = -1;

    cc_member_add(s.pg, other.tenant, ada, "viewer");
    mine = begun(&s, ada);
    here = begun(&s, ada);
    there = begun(&other, ada);

    cr_assert_eq(set_password(ada, "h1", "h2", mine, &n), 0, "%s", cc_fail_text());
    cr_assert_eq(n, 2);
    cr_assert_eq(found(&s, mine), 0);
    cr_assert_eq(found(&s, here), CC_E_NOTFOUND);
    cr_assert_eq(found(&other, there), CC_E_NOTFOUND);
    cr_assert_str_eq(reason_of(there), "password");

    cr_assert_eq(set_password(ada, "h1", "h3", "", &n), CC_E_CONFLICT, "it is h2 now");
    cr_assert_eq(found(&s, mine), 0, "nothing ends when nothing changes");
    cr_assert_eq(set_password(ada, NULL, "h3", "", &n), 0);
    cr_assert_eq(n, 1);
}

Test(login, begins_where_the_last_one_was_or_where_it_is_wanted)
{
    const char *ada = person(&s), *home;

    cr_assert_eq(cc_user_home(s.pg, ada, "", s.mem, &home), 0, "%s", cc_fail_text());
    cr_assert_str_eq(home, s.tenant);
    cr_assert_eq(cc_user_home(s.pg, ada, other.tenant, s.mem, &home), CC_E_NOTFOUND);

    cc_member_add(s.pg, other.tenant, ada, "viewer");
    cr_assert_eq(cc_user_home(s.pg, ada, other.tenant, s.mem, &home), 0);
    begun(&other, ada);
    cr_assert_eq(cc_user_home(s.pg, ada, "", s.mem, &home), 0);
    cr_assert_str_eq(home, other.tenant);
}

Test(login, begins_in_no_tenant_that_is_closed)
{
    const char *ada = person(&s), *home;

    cc_member_add(s.pg, other.tenant, ada, "viewer");
    begun(&other, ada);
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem, "UPDATE tenants SET closed_at = now() WHERE tenant_id = '%s'",
                              other.tenant));

    cr_assert_eq(cc_user_home(s.pg, ada, "", s.mem, &home), 0, "%s", cc_fail_text());
    cr_assert_str_eq(home, s.tenant);
    cr_assert_eq(cc_user_home(s.pg, ada, other.tenant, s.mem, &home), CC_E_NOTFOUND);
}

/* ---- a password that changes while somebody logs in with the old one ---- */

struct entering {
    struct cc_login login;
    int rc;
    struct cc_wait over;
};
static void enter(void *arg)
{
    struct entering *e = arg;

    e->rc = cc_login_add(s.pg, &e->login);
    cc_wait_done(&e->over);
}

Test(login, with_the_password_that_was_does_not_outlive_it)
{
    for (int round = 0; round < 20; round++) {
        const char *ada = person(&s);
        struct entering old = {.login = {.id = made_id("lgn"),
                                         .tenant = s.tenant,
                                         .user = ada,
                                         .agent = "",
                                         .address = "",
                                         .proof = "h1"}};
        int n, rc;

        cr_assert_eq(cc_task_spawn("enter", enter, &old, NULL), 0);
        rc = set_password(ada, "h1", "h2", "", &n);
        cr_assert_eq(cc_wait_for(&old.over, cc_now() + 10000), 0);

        cr_assert_eq(rc, 0, "%s", cc_fail_text());
        cr_assert(old.rc == 0 || old.rc == CC_E_AUTH, "%d", old.rc);
        cr_assert_eq(found(&s, old.login.id), CC_E_NOTFOUND, "round %d: it is over, or never began",
                     round);
    }
}

Test(login, wants_the_password_that_is)
{
    const char *ada = person(&s);
    struct cc_login login = {.id = made_id("lgn"),
                             .tenant = s.tenant,
                             .user = ada,
                             .agent = "",
                             .address = "",
                             .proof = "h0"};

    cr_assert_eq(cc_login_add(s.pg, &login), CC_E_AUTH);
    cr_assert_eq(found(&s, login.id), CC_E_NOTFOUND);
    login.proof = "h1";
    cr_assert_eq(cc_login_add(s.pg, &login), 0, "%s", cc_fail_text());
    cr_assert_eq(found(&s, login.id), 0);
}

/* ---- accounts with all that belongs to them ---- */

static struct cc_account account(const char *email, const char *tenant, char key[CC_KEY_MAX])
{
    return (struct cc_account){.user = {.id = made_id("usr"),
                                        .email = email,
                                        .email_key = email,
                                        .name = "Ada",
                                        .password = "h1"},
                               .tenant = tenant,
                               .company = "Ada & co",
                               .bot = made_id("bot"),
                               .bot_name = "Assistant",
                               .key_id = made_id("key"),
                               .key = cc_key_make(CC_KEY_PUBLIC, key)};
}

Test(login, has_an_account_with_tenant_bot_and_key)
{
    char key[CC_KEY_MAX], hash[CC_SHA256_HEX];
    const char *tenant = made_id("ten");
    struct cc_account a = account(mail_of(made_id("usr")), tenant, key);
    struct cc_caller caller;
    struct cc_bot bot;
    struct cc_member member;

    cr_assert_eq(cc_account_add(s.pg, &a), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_member_get(s.pg, tenant, a.user.id, s.mem, &member), 0);
    cr_assert_str_eq(member.role, "owner");
    cr_assert_eq(cc_api_key_find(s.pg, cc_key_hash(key, hash), s.mem, &caller), 0);
    cr_assert_str_eq(caller.tenant, tenant);
    cr_assert_str_eq(caller.tier, "free");
    cr_assert_not(caller.secret);
    cr_assert_eq(cc_bot_default(s.pg, tenant, s.mem, &bot), 0);
    cr_assert_str_eq(bot.id, caller.bot);
    cr_assert_str_eq(bot.origins, "[]", "no page may use it yet");
    cr_assert_not(bot.server_use);
}

Test(login, has_one_account_per_address_or_nothing_of_it)
{
    char key[CC_KEY_MAX], hash[CC_SHA256_HEX];
    const char *tenant = made_id("ten");
    struct cc_account a = account(mail_of(person(&s)), tenant, key);
    struct cc_tenant none;
    struct cc_caller caller;

    cr_assert_eq(cc_account_add(s.pg, &a), CC_E_CONFLICT);

    cr_assert_eq(cc_tenant_get(s.pg, tenant, s.mem, &none), CC_E_NOTFOUND);
    cr_assert_eq(cc_api_key_find(s.pg, cc_key_hash(key, hash), s.mem, &caller), CC_E_NOTFOUND);
}

/* ---- among many ---- */

#define MANY  3000
#define TIMES 20
#define FEW   12 /* rows of a table that one call may read */

/* Rows of the table, or entries of its indexes, that the connection has read. */
static int64_t read_of(struct cc_pg *pool, const char *table)
{
    static const struct cc_stmt TELL = {"SELECT pg_stat_force_next_flush()"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};

    cr_assert_eq(cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_PLAIN_STEP(TELL))), 0);
    return strtoll(store_sql(&s, "CC_PG_SUPER",
                             cc_arena_printf(s.mem,
                                             "SELECT (SELECT seq_tup_read FROM pg_stat_user_tables"
                                             " WHERE relname = '%s') + (SELECT sum(idx_tup_read)"
                                             " FROM pg_stat_user_indexes WHERE relname = '%s')",
                                             table, table)),
                   NULL, 10);
}

static const char *numbered(const char *kind, int i)
{
    return cc_arena_printf(s.mem, "%s_%s_%d", kind, s.tenant, i);
}

static void find_one(struct cc_pg *pool, int i)
{
    struct cc_login_who who;

    cr_assert_eq(cc_login_find(pool, s.tenant, numbered("lgn", i), s.mem, &who), 0);
}

static void begin_one(struct cc_pg *pool, int i)
{
    const struct cc_login login = {.id = made_id("lgn"),
                                   .tenant = s.tenant,
                                   .user = numbered("usr", i),
                                   .agent = "",
                                   .address = ""};

    cr_assert_eq(cc_login_add(pool, &login), 0, "%s", cc_fail_text());
}

static void refresh_one(struct cc_pg *pool, int i)
{
    const struct cc_login_who who = {
        .id = numbered("lgn", i), .tenant = s.tenant, .user = numbered("usr", i)};

    cr_assert_eq(cc_login_refresh(pool, &who, 1), 0);
}

static void list_one(struct cc_pg *pool, int i)
{
    struct cc_login *list;
    int n;

    cr_assert_eq(cc_login_list(pool, numbered("usr", i), "", 50, s.mem, &list, &n), 0);
    cr_assert_geq(n, 1);
}

static void look_up_one(struct cc_pg *pool, int i)
{
    struct cc_user user;
    const char *home;

    cr_assert_eq(cc_user_find(pool, numbered("mail", i), s.mem, &user), 0);
    cr_assert_eq(cc_user_home(pool, user.id, "", s.mem, &home), 0);
}

static void end_one(struct cc_pg *pool, int i)
{
    cr_assert_eq(cc_login_end(pool, numbered("usr", i), numbered("lgn", i), "ended"), 0);
}

static void fill(void)
{
#define EACH "FROM generate_series(1, %2$d) i"
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "INSERT INTO users (id, email, email_key, name, password)"
                              " SELECT 'usr_%1$s_' || i, 'e', 'mail_%1$s_' || i, 'n', '' " EACH,
                              s.tenant, MANY));
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "INSERT INTO members (tenant_id, user_id, role)"
                              " SELECT '%1$s', 'usr_%1$s_' || i, 'viewer' " EACH,
                              s.tenant, MANY));
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "INSERT INTO logins (tenant_id, id, user_id, expires_at) SELECT"
                              " '%1$s', 'lgn_%1$s_' || i, 'usr_%1$s_' || i, now() + '1 day' " EACH,
                              s.tenant, MANY));
}

Test(login, is_dealt_with_without_reading_those_of_others)
{
    static void (*const calls[])(struct cc_pg *, int) = {find_one, begin_one,   refresh_one,
                                                         list_one, look_up_one, end_one};
    static const char *const tables[] = {"logins", "members", "users"};
    struct cc_pg_opts opts = {.conninfo = store_env("CC_PG"), .size = 1};
    struct cc_pg *one;

    cr_assert_eq(cc_pg_open(&opts, &one), 0);
    fill();
    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
        for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
            int first = (int)(c * 3 + t) * TIMES + 1;
            int64_t before = read_of(one, tables[t]), read;

            for (int i = first; i < first + TIMES; i++)
                calls[c](one, i);
            read = (read_of(one, tables[t]) - before) / TIMES;
            cr_expect_leq(read, FEW, "call %zu reads %lld rows of %s", c, (long long)read,
                          tables[t]);
        }
    cc_pg_close(&one);
}
