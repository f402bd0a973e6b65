/* The log that the database writes of changes, in their own transaction: proto/store/audit.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/actor.h"
#include "proto/seal/key.h"
#include "proto/store/audit.h"
#include "proto/store/login.h"
#include "proto/store/member.h"
#include "proto/store/tenant.h"
#include "proto/store/user.h"
#include "tests/support/store.h"

static struct store s;

static void setup(void)
{
    store_open(&s);
}

static void teardown(void)
{
    cc_actor_put("");
    store_close(&s);
}

TestSuite(audit, .init = setup, .fini = teardown, .timeout = 60);

static int list(struct cc_audit_query query, struct cc_audit_entry **ret)
{
    int n;

    query.tenant = s.tenant;
    query.actor = query.actor ? query.actor : "";
    query.noun = query.noun ? query.noun : "";
    query.max = query.max ? query.max : 100;
    cr_assert_eq(cc_audit_list(s.pg, &query, s.mem, ret, &n), 0, "%s", cc_fail_text());
    return n;
}

static void rename_bot(const char *name)
{
    struct cc_bot bot;

    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0);
    bot.name = name;
    cr_assert_eq(cc_bot_set(s.pg, &bot), 0, "%s", cc_fail_text());
}

Test(audit, says_nothing_of_what_processes_do_by_themselves)
{
    struct cc_audit_entry *all;

    rename_bot("Nobody's");

    cr_expect_eq(list((struct cc_audit_query){0}, &all), 0);
}

Test(audit, says_who_changed_what_from_where)
{
    struct cc_audit_entry *all;

    cc_actor_set("usr_1", "192.0.2.9", "req_1");
    rename_bot("Mine");

    cr_assert_eq(list((struct cc_audit_query){0}, &all), 1);
    cr_expect_str_eq(all->actor, "usr_1");
    cr_expect_str_eq(all->address, "192.0.2.9");
    cr_expect_str_eq(all->action, "update");
    cr_expect_str_eq(all->noun, "bots");
    cr_expect_str_eq(all->row, s.bot);
    cr_assert_eq(all->changed_n, 3);
    cr_expect_str_eq(all->changed[0], "name");
    cr_expect_str_eq(all->changed[2], "version");
    cr_expect_eq(strlen(all->before), 64);
    cr_expect_eq(strlen(all->after), 64);
    cr_expect_str_neq(all->before, all->after);
}

Test(audit, is_not_there_without_its_change)
{
    struct cc_audit_entry *all;
    struct cc_bot bot;

    cc_actor_set("usr_1", "", "");
    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0);
    bot.widget = "[]";

    cr_assert_eq(cc_bot_set(s.pg, &bot), CC_E_INVALID);
    bot.widget = "{}";
    bot.version = 7;
    cr_assert_eq(cc_bot_set(s.pg, &bot), CC_E_CONFLICT);
    cr_assert_eq(cc_tenant_set(s.pg, &(struct cc_tenant){.id = s.tenant}), 0, "changes nothing");

    cr_expect_eq(list((struct cc_audit_query){0}, &all), 0);
}

Test(audit, tells_a_deletion_once_when_it_is_asked_for)
{
    const char *const *hashes;
    struct cc_audit_entry *all;
    char doc[CC_ID_MAX], sql[200];
    int n, done;

    store_document(&s, "words", doc);
    snprintf(sql, sizeof sql, "UPDATE documents SET bot_id = '%s' WHERE id = '%s'", s.bot, doc);
    store_sql(&s, "CC_PG_SUPER", sql);
    cc_actor_set("usr_1", "", "");
    cr_assert_eq(cc_bot_delete(s.pg, s.tenant, s.bot, s.mem, &hashes, &n), 0);
    cr_assert_eq(cc_sweep_deleting(s.sweep, s.pg, 100, &done), 0, "%s", cc_fail_text());

    cr_assert_eq(list((struct cc_audit_query){0}, &all), 2);
    for (int i = 0; i < 2; i++)
        cr_expect_str_eq(all[i].action, "delete", "%s", all[i].noun);
    cr_expect_eq(list((struct cc_audit_query){.noun = "documents"}, &all), 1);
    cr_expect_str_eq(all->row, doc);

    store_document(&s, "other words", doc);
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, doc), 0);
    cr_expect_eq(list((struct cc_audit_query){.noun = "documents"}, &all), 3, "insert and delete");
    cr_expect_str_eq(all[0].action, "delete");
}

Test(audit, is_listed_by_who_and_what_and_when)
{
    struct cc_audit_entry *all;

    for (int i = 0; i < 5; i++) {
        cc_actor_set(i % 2 ? "usr_1" : "usr_2", "", "");
        rename_bot(i % 2 ? "One" : "Two");
    }
    cc_actor_set("usr_1", "", "");
    cr_assert_eq(cc_tenant_set(s.pg, &(struct cc_tenant){.id = s.tenant, .name = "T"}), 0);

    cr_assert_eq(list((struct cc_audit_query){0}, &all), 6);
    cr_expect_str_eq(all[0].noun, "tenants", "newest first");
    int64_t third = all[2].id, at = all[5].at_ms - 1;
    cr_expect_eq(list((struct cc_audit_query){.before = third}, &all), 3);
    cr_expect_eq(list((struct cc_audit_query){.max = 2}, &all), 2);
    cr_expect_eq(list((struct cc_audit_query){.actor = "usr_1"}, &all), 3);
    cr_expect_eq(list((struct cc_audit_query){.noun = "tenants"}, &all), 1);
    cr_expect_eq(list((struct cc_audit_query){.actor = "usr_1", .noun = "bots"}, &all), 2);
    cr_expect_eq(list((struct cc_audit_query){.actor = "usr_2", .noun = "tenants"}, &all), 0);
    cr_expect_eq(list((struct cc_audit_query){.from_ms = at}, &all), 6);
    cr_expect_eq(list((struct cc_audit_query){.until_ms = at}, &all), 0);
}

Test(audit, is_changed_by_nobody)
{
    char sql[300];

    cc_actor_set("usr_1", "", "");
    rename_bot("Mine");
    snprintf(sql, sizeof sql,
             "SELECT set_config('app.tenant_id', '%s', false); UPDATE audit_log SET actor = 'x'",
             s.tenant);
    cr_expect_str_eq(store_sql_error(&s, "CC_PG", sql), "42501");
    snprintf(sql, sizeof sql,
             "SELECT set_config('app.tenant_id', '%s', false); DELETE FROM audit_log", s.tenant);
    cr_expect_str_eq(store_sql_error(&s, "CC_PG", sql), "", "there is nothing that it may see");
    snprintf(sql, sizeof sql, "SELECT count(*) FROM audit_log WHERE tenant_id = '%s'", s.tenant);
    cr_expect_str_eq(store_sql(&s, "CC_PG_SUPER", sql), "1");
}

/* ---- people ---- */

static const char *made_id(const char *prefix)
{
    char id[CC_ID_MAX];

    return cc_arena_dup(s.mem, cc_id_sorted(prefix, id));
}

/* Nobody is told of it. */
static const char *member(const struct store *where)
{
    const char *id = made_id("usr");
    const struct cc_user user = {
        .id = id, .email = id, .email_key = id, .name = "Ada", .password = "h1"};

    cr_assert_eq(cc_user_add(s.pg, &user), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_member_add(s.pg, where->tenant, id, "editor"), 0, "%s", cc_fail_text());
    return id;
}

static const char *begun(const struct store *where, const char *user)
{
    const struct cc_login login = {
        .id = made_id("lgn"), .tenant = where->tenant, .user = user, .agent = "", .address = ""};

    cr_assert_eq(cc_login_add(s.pg, &login), 0, "%s", cc_fail_text());
    return login.id;
}

static int64_t of_noun(const struct store *where, const char *noun)
{
    return strtoll(store_sql(&s, "CC_PG_SUPER",
                             cc_arena_printf(s.mem,
                                             "SELECT count(*) FROM audit_log WHERE tenant_id = '%s'"
                                             " AND noun = '%s'",
                                             where->tenant, noun)),
                   NULL, 10);
}

Test(audit, tells_of_logins_when_they_begin_and_end_and_not_in_between)
{
    const char *ada = member(&s), *login, *old = begun(&s, ada);
    struct cc_login_who who = {.tenant = s.tenant, .user = ada};
    struct cc_audit_entry *all;

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE logins SET expires_at = now() - interval '1 s'"
                              " WHERE id = '%s'",
                              old));
    cc_actor_set(ada, "", "");
    who.id = login = begun(&s, ada);
    cr_expect_eq(list((struct cc_audit_query){.noun = "logins"}, &all), 1,
                 "the old one is forgotten without a word");
    cr_assert_eq(cc_login_refresh(s.pg, &who, 1), 0, "%s", cc_fail_text());
    cr_expect_eq(of_noun(&s, "logins"), 1);

    cr_assert_eq(cc_login_refresh(s.pg, &who, 1), CC_E_FENCED);
    cr_assert_eq(list((struct cc_audit_query){.noun = "logins"}, &all), 2);
    cr_expect_str_eq(all->row, login);
    cr_expect_str_eq(all->action, "update");
    cr_assert_eq(all->changed_n, 2);
    cr_expect_str_eq(all->changed[0], "reason");
    cr_expect_str_eq(all->changed[1], "revoked_at");
}

Test(audit, tells_of_a_login_that_goes_with_its_member)
{
    const char *ada = member(&s), *login = begun(&s, ada);
    const struct cc_member_change gone = {s.tenant, ada, "editor", NULL};
    struct cc_audit_entry *all;

    cc_login_end(s.pg, ada, begun(&s, ada), "ended"); /* told when it was */
    cc_actor_set("usr_1", "", "");
    cr_assert_eq(cc_member_change(s.pg, &gone), 0, "%s", cc_fail_text());

    cr_assert_eq(list((struct cc_audit_query){.noun = "logins"}, &all), 1);
    cr_expect_str_eq(all->row, login);
    cr_expect_str_eq(all->action, "delete");
    cr_expect_eq(of_noun(&s, "members"), 1);
}

Test(audit, tells_of_an_account_in_each_tenant_that_the_person_works_in)
{
    struct cc_password_change change = {.hash = "h2", .keep = ""};
    struct cc_audit_entry *all;
    const char *const *ended, *ada, *there;
    struct store other, third;
    int n;

    store_other(&s, &other);
    store_other(&s, &third);
    ada = member(&s);
    change.user = ada;
    cr_assert_eq(cc_member_add(s.pg, other.tenant, ada, "viewer"), 0);
    there = begun(&other, ada);
    cc_actor_set(ada, "", "");

    cr_assert_eq(cc_user_rename(s.pg, ada, "Ada"), 0, "the name that she has");
    cr_expect_eq(of_noun(&s, "users"), 0);
    cr_assert_eq(cc_user_set_password(s.pg, &change, s.mem, &ended, &n), 0, "%s", cc_fail_text());

    cr_assert_eq(list((struct cc_audit_query){.noun = "users"}, &all), 1);
    cr_expect_str_eq(all->row, ada);
    cr_assert_eq(all->changed_n, 2);
    cr_expect_str_eq(all->changed[0], "password");
    cr_expect_str_neq(all->before, all->after);
    cr_expect_eq(of_noun(&other, "users"), 1);
    cr_expect_eq(of_noun(&other, "logins"), 1, "%s", there);
    cr_expect_eq(of_noun(&s, "logins"), 0);
    cr_expect_eq(of_noun(&third, "users"), 0);
}

Test(audit, of_an_account_is_written_where_it_is_made)
{
    const char *id = made_id("usr"), *tenant = made_id("ten");
    char key[CC_KEY_MAX];
    const struct cc_account account = {
        .user = {.id = id, .email = id, .email_key = id, .name = "Ada", .password = "h1"},
        .tenant = tenant,
        .company = "Ada & co",
        .bot = made_id("bot"),
        .bot_name = "Bot",
        .key_id = made_id("key"),
        .key = cc_key_make(CC_KEY_PUBLIC, key)};
    struct store where = s;

    cc_actor_set(id, "192.0.2.1", "");
    cr_assert_eq(cc_account_add(s.pg, &account), 0, "%s", cc_fail_text());

    memccpy(where.tenant, tenant, '\0', sizeof where.tenant);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(
            of_noun(&where, (const char *[]){"users", "tenants", "members", "bots", "api_keys"}[i]),
            1);
}
