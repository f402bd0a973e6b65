/* The log that the database writes of changes, in their own transaction: proto/store/audit.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/actor.h"
#include "proto/store/audit.h"
#include "proto/store/tenant.h"
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
