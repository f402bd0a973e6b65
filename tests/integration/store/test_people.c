/* Members and invitations in a real PostgreSQL: proto/store/{member,invitation}. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/store/invitation.h"
#include "proto/store/member.h"
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

TestSuite(people, .init = setup, .fini = teardown, .timeout = 60);

/* A person with an account; id and address are made of the name and the tenant, so that tests share
 * no rows. */
static const char *person(const char *name)
{
    const char *id = cc_arena_printf(s.mem, "usr_%s_%s", name, s.tenant);

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "INSERT INTO users (id, email, email_key, name, password)"
                              " VALUES ('%s', '%s@X.example', '%s@x.example', '%s', 'hash')",
                              id, id, id, name));
    return id;
}

static const char *mail_of(const char *id)
{
    return cc_arena_printf(s.mem, "%s@x.example", id);
}

static void join(const struct store *where, const char *user, const char *role)
{
    cr_assert_eq(cc_member_add(s.pg, where->tenant, user, role), 0, "%s", cc_fail_text());
}

static void log_in(const char *login, const char *user)
{
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "INSERT INTO logins (tenant_id, id, user_id, expires_at)"
                              " VALUES ('%s', '%s', '%s', now() + '1 day')",
                              s.tenant, login, user));
}

static const char *role_of(const char *user)
{
    struct cc_member member;
    int rc = cc_member_get(s.pg, s.tenant, user, s.mem, &member);

    return rc ? cc_error_name(rc) : member.role;
}

static int change(const char *user, const char *was, const char *role)
{
    struct cc_member_change c = {s.tenant, user, was, role};

    return cc_member_change(s.pg, &c);
}

Test(people, are_listed_by_pages_and_only_in_their_own_tenant)
{
    const char *ada = person("ada"), *ben = person("ben"), *cleo = person("cleo");
    struct cc_member *list;
    int n;

    join(&s, ada, "owner");
    join(&s, ben, "viewer");
    join(&other, cleo, "owner");

    cr_assert_eq(cc_member_list(s.pg, s.tenant, "", 1, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(list[0].user, ada);
    cr_assert_str_eq(list[0].name, "ada");
    cr_assert_eq(cc_member_list(s.pg, s.tenant, list[0].user, 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(list[0].user, ben);
    cr_assert_str_eq(role_of(cleo), "not_found");
}

Test(people, see_the_names_of_their_own_tenants_alone)
{
    const char *ada = person("ada"), *ben = person("ben");
    struct cc_membership *list;
    int n;

    join(&s, ada, "owner");
    join(&other, ada, "agent");
    join(&other, ben, "owner");

    cr_assert_eq(cc_membership_list(s.pg, ada, "", 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 2);
    cr_assert_eq(cc_membership_list(s.pg, ben, "", 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(list[0].tenant, other.tenant);
    cr_assert_str_eq(list[0].role, "owner");
}

Test(people, keep_an_owner_whatever_is_asked)
{
    const char *ada = person("ada"), *ben = person("ben");

    join(&s, ada, "owner");
    join(&s, ben, "admin");
    join(&other, ben, "owner"); /* of another tenant: it does not count */

    cr_assert_eq(change(ada, "owner", "viewer"), CC_E_CONFLICT);
    cr_assert_eq(change(ada, "owner", NULL), CC_E_CONFLICT);
    cr_assert_str_eq(role_of(ada), "owner");

    cr_assert_eq(change(ben, "admin", "owner"), 0);
    cr_assert_eq(change(ada, "owner", "viewer"), 0);
    cr_assert_str_eq(role_of(ada), "viewer");
    cr_assert_eq(change(ben, "owner", NULL), CC_E_CONFLICT);
}

/* Two owners who take each other's role away at the same moment. */
struct demotion {
    const char *user;
    int rc;
    struct cc_wait over;
};
static void demote(void *arg)
{
    struct demotion *d = arg;

    d->rc = change(d->user, "owner", "viewer");
    cc_wait_done(&d->over);
}

Test(people, keep_an_owner_when_two_demote_each_other_at_once)
{
    for (int round = 0; round < 20; round++) {
        char name[20];
        snprintf(name, sizeof name, "a%d", round);
        const char *ada = person(name);
        snprintf(name, sizeof name, "b%d", round);
        struct demotion both[2] = {{.user = ada}, {.user = person(name)}};

        store_sql(&s, "CC_PG_SUPER",
                  cc_arena_printf(s.mem, "DELETE FROM members WHERE tenant_id = '%s'", s.tenant));
        join(&s, both[0].user, "owner");
        join(&s, both[1].user, "owner");
        for (int i = 0; i < 2; i++)
            cr_assert_eq(cc_task_spawn("demote", demote, &both[i], NULL), 0);
        for (int i = 0; i < 2; i++)
            cr_assert_eq(cc_wait_for(&both[i].over, cc_now() + 10000), 0);

        cr_assert_neq(both[0].rc, both[1].rc, "round %d: %d and %d", round, both[0].rc, both[1].rc);
        cr_assert(both[0].rc == CC_E_CONFLICT || both[1].rc == CC_E_CONFLICT);
        cr_assert_str_eq(store_sql(&s, "CC_PG_SUPER",
                                   cc_arena_printf(s.mem,
                                                   "SELECT count(*) FROM members WHERE tenant_id ="
                                                   " '%s' AND role = 'owner'",
                                                   s.tenant)),
                         "1");
    }
}

static const char *logins(void)
{
    return store_sql(&s, "CC_PG_SUPER",
                     cc_arena_printf(s.mem,
                                     "SELECT string_agg(id || ':' || reason, ',' ORDER BY id)"
                                     " FROM logins WHERE tenant_id = '%s'",
                                     s.tenant));
}

Test(people, lose_their_logins_with_their_role)
{
    const char *ada = person("ada"), *ben = person("ben");

    join(&s, ada, "owner");
    join(&s, ben, "editor");
    log_in("lgn_1", ben);
    log_in("lgn_2", ada);

    cr_assert_eq(change(ben, "admin", "viewer"), CC_E_CONFLICT, "it is no longer what was seen");
    cr_assert_str_eq(logins(), "lgn_1:,lgn_2:");
    cr_assert_eq(change(ben, "editor", "viewer"), 0);
    cr_assert_str_eq(logins(), "lgn_1:role,lgn_2:");
    cr_assert_eq(change(ben, "viewer", NULL), 0);
    cr_assert_str_eq(logins(), "lgn_2:");
    cr_assert_eq(change(ben, "viewer", NULL), CC_E_NOTFOUND);
}

/* ---- invitations ---- */

static int invite_as(const char *who, const char *id, const char *email, int64_t for_s)
{
    struct cc_invitation i = {.id = id,
                              .email = email,
                              .email_key = email,
                              .role = "agent",
                              .invited_by = who,
                              .expires_ms = cc_unix_ms() + for_s * 1000};

    return cc_invitation_add(s.pg, s.tenant, &i);
}

/* Somebody who may. */
static int invite(const char *id, const char *email, int64_t for_s)
{
    const char *host = cc_arena_printf(s.mem, "usr_host_%s", s.tenant);

    if (strcmp(role_of(host), "not_found") == 0)
        join(&s, person("host"), "admin");
    return invite_as(host, id, email, for_s);
}

static int accept(const char *id, const char *user, const char *password)
{
    struct cc_newcomer n = {s.tenant, id, user, "New", password};

    return cc_invitation_accept(s.pg, &n);
}

Test(people, are_invited_once_until_it_expires)
{
    cr_assert_eq(invite("inv_1", "new@x.example", 60), 0);
    cr_assert_eq(invite("inv_2", "new@x.example", 60), CC_E_CONFLICT);
    cr_assert_eq(invite("inv_3", "late@x.example", -1), 0);
    cr_assert_eq(invite("inv_4", "late@x.example", 60), 0, "the one before has expired");
}

Test(people, who_are_members_are_not_invited)
{
    const char *ada = person("ada");

    join(&s, ada, "owner");
    cr_assert_eq(invite("inv_1", mail_of(ada), 60), CC_E_CONFLICT);
}

Test(people, are_found_by_an_open_invitation_of_this_tenant_only)
{
    struct cc_invitation got;

    cr_assert_eq(invite("inv_1", "new@x.example", 60), 0);
    cr_assert_eq(invite("inv_2", "late@x.example", -1), 0);

    cr_assert_eq(cc_invitation_get(s.pg, s.tenant, "inv_1", s.mem, &got), 0);
    cr_assert_str_eq(got.email, "new@x.example");
    cr_assert_str_eq(got.role, "agent");
    cr_assert_eq(cc_invitation_get(s.pg, s.tenant, "inv_2", s.mem, &got), CC_E_NOTFOUND);
    cr_assert_eq(cc_invitation_get(s.pg, other.tenant, "inv_1", s.mem, &got), CC_E_NOTFOUND);
    cr_assert_eq(cc_invitation_delete(s.pg, other.tenant, "inv_1"), CC_E_NOTFOUND);
    cr_assert_eq(cc_invitation_delete(s.pg, s.tenant, "inv_1"), 0);
    cr_assert_eq(cc_invitation_get(s.pg, s.tenant, "inv_1", s.mem, &got), CC_E_NOTFOUND);
}

Test(people, come_in_with_a_new_account_and_only_once)
{
    const char *first = cc_arena_printf(s.mem, "usr_n_%s", s.tenant);
    const char *second = cc_arena_printf(s.mem, "usr_m_%s", s.tenant);

    cr_assert_eq(invite("inv_1", mail_of(first), 60), 0);
    cr_assert_eq(accept("inv_1", first, "hash"), 0, "%s", cc_fail_text());
    cr_assert_str_eq(role_of(first), "agent");
    cr_assert_eq(accept("inv_1", second, "hash"), CC_E_NOTFOUND);
    cr_assert_str_eq(role_of(second), "not_found");
    cr_assert_null(store_sql(
        &s, "CC_PG_SUPER", cc_arena_printf(s.mem, "SELECT id FROM users WHERE id = '%s'", second)));
}

Test(people, come_in_with_the_account_they_have_and_keep_their_role)
{
    const char *ada = person("ada");

    cr_assert_eq(invite("inv_1", mail_of(ada), 60), 0);
    join(&s, ada, "owner");
    cr_assert_eq(accept("inv_1", ada, NULL), 0, "%s", cc_fail_text());
    cr_assert_str_eq(role_of(ada), "owner");
}

Test(people, do_not_get_two_accounts_for_one_address)
{
    const char *ada = person("ada");

    cr_assert_eq(invite("inv_1", mail_of(ada), 60), 0);
    cr_assert_eq(accept("inv_1", cc_arena_printf(s.mem, "usr_2_%s", s.tenant), "hash"),
                 CC_E_CONFLICT);
    cr_assert_eq(accept("inv_1", ada, NULL), 0, "the invitation is still open: %s", cc_fail_text());
}

static int64_t open_by(const char *user)
{
    return strtoll(store_sql(&s, "CC_PG_SUPER",
                             cc_arena_printf(s.mem,
                                             "SELECT count(*) FROM invitations WHERE tenant_id ="
                                             " '%s' AND invited_by = '%s'",
                                             s.tenant, user)),
                   NULL, 10);
}

static void invites(const char *user, const char *id)
{
    cr_assert_eq(invite_as(user, id, cc_arena_printf(s.mem, "%s@x.example", id), 60), 0);
}

Test(people, who_may_not_do_not_invite)
{
    const char *ada = person("ada"), *ben = person("ben");

    join(&s, ada, "editor");
    join(&other, ben, "owner");

    cr_assert_eq(invite_as(ada, "inv_1", "new@x.example", 60), CC_E_FORBIDDEN);
    cr_assert_eq(invite_as(ben, "inv_1", "new@x.example", 60), CC_E_FORBIDDEN, "of another tenant");
    cr_assert_eq(invite_as("usr_gone", "inv_1", "new@x.example", 60), CC_E_FORBIDDEN);
    cr_assert_eq(open_by(ada) + open_by(ben) + open_by("usr_gone"), 0);
}

/* An admin who invites somebody at the moment in which he is removed. */
struct last_word {
    const char *who, *id;
    int rc;
    struct cc_wait over;
};
static void say_last_word(void *arg)
{
    struct last_word *w = arg;

    w->rc = invite_as(w->who, w->id, cc_arena_printf(s.mem, "%s@x.example", w->id), 60);
    cc_wait_done(&w->over);
}

Test(people, who_are_removed_leave_no_invitation_behind)
{
    for (int round = 0; round < 20; round++) {
        const char *who = person(cc_arena_printf(s.mem, "r%d", round));
        struct last_word word = {.who = who, .id = cc_arena_printf(s.mem, "inv_%d", round)};

        join(&s, who, "admin");
        cr_assert_eq(cc_task_spawn("word", say_last_word, &word, NULL), 0);
        cr_assert_eq(change(who, "admin", NULL), 0, "%s", cc_fail_text());
        cr_assert_eq(cc_wait_for(&word.over, cc_now() + 10000), 0);

        cr_assert(word.rc == 0 || word.rc == CC_E_FORBIDDEN, "%d", word.rc);
        cr_assert_eq(open_by(who), 0, "round %d", round);
    }
}

Test(people, who_may_invite_nobody_any_more_have_no_open_invitations)
{
    const char *ada = person("ada"), *ben = person("ben"), *cleo = person("cleo");

    join(&s, ada, "owner");
    join(&s, ben, "owner");
    join(&s, cleo, "admin");
    invites(ada, "inv_1");
    invites(ben, "inv_2");
    invites(cleo, "inv_3");
    invites(ben, "inv_4");
    cr_assert_eq(accept("inv_4", cc_arena_printf(s.mem, "usr_4_%s", s.tenant), "hash"), 0);

    cr_assert_eq(change(ben, "owner", "admin"), 0);
    cr_expect_eq(open_by(ben), 2, "an admin may");
    cr_assert_eq(change(ben, "admin", "editor"), 0);
    cr_expect_eq(open_by(ben), 1, "what was accepted is");
    cr_assert_eq(change(ada, "owner", NULL), CC_E_CONFLICT);
    cr_expect_eq(open_by(ada), 1);
    cr_assert_eq(change(cleo, "admin", NULL), 0);
    cr_expect_eq(open_by(cleo), 0);
}

Test(people, do_not_enter_a_tenant_that_is_being_erased)
{
    const char *ada = person("ada");
    struct cc_membership *list;
    int n;

    join(&s, ada, "owner");
    cr_assert_eq(invite("inv_1", "new@x.example", 60), 0);
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem, "UPDATE tenants SET closed_at = now() WHERE tenant_id = '%s'",
                              s.tenant));

    cr_assert_eq(accept("inv_1", cc_arena_printf(s.mem, "usr_n_%s", s.tenant), "hash"),
                 CC_E_NOTFOUND);
    cr_assert_eq(cc_membership_list(s.pg, ada, "", 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 0);
}
