/*
 * People of a tenant.  Whoever is new gets no password from us: the token that is shown lets him
 * choose one, once, within a day.
 */
#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/email.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/seal/password.h"
#include "proto/seal/token.h"
#include "proto/store/member.h"
#include "proto/store/user.h"

#define TOKEN_S   (24 * 3600)
#define LIST_MAX  500
#define NOT_GIVEN 32 /* random bytes of a password that nobody knows */

static json_t *member_json(const struct cc_member *m)
{
    char text[CC_RFC3339];

    return json_pack("{ss ss ss ss ss}", "userId", m->user, "email", m->email, "name", m->name,
                     "role", m->role, "since", cc_rfc3339(m->created_ms, text));
}

int cc_ctl_user_list(struct cc_ctl *ctl)
{
    const char *after = cc_ctl_option(ctl, "--after"), *tenant;
    int64_t limit = 50;
    struct cc_member *members;
    int n, rc = cc_ctl_number(ctl, "--max", 1, LIST_MAX, &limit);

    if (rc == 0)
        rc = cc_ctl_tenant(ctl, &tenant);
    if (rc == 0)
        rc =
            cc_member_list(ctl->pg, tenant, after ? after : "", (int)limit, ctl->mem, &members, &n);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, member_json(&members[i]));
    cc_ctl_show(ctl, list);
    return 0;
}

/* ---- finding ---- */

static int key_of(struct cc_ctl *ctl, const char *email, const char **ret)
{
    char *key = cc_arena_get(ctl->mem, CC_EMAIL_MAX + 1);

    *ret = key;
    return cc_email_key(email, key) ? 0 : cc_fail(CC_E_INVALID, "%s is no e-mail address", email);
}

static int find(struct cc_ctl *ctl, const char *email, struct cc_user *ret)
{
    const char *key;
    int rc = key_of(ctl, email, &key);

    return rc ? rc : cc_user_find(ctl->pg, key, ctl->mem, ret);
}

/* TENANT EMAIL, a member. */
static int find_member(struct cc_ctl *ctl, const char **ret_tenant, struct cc_member *ret)
{
    const char *email;
    struct cc_user user;
    int rc = cc_ctl_tenant_and(ctl, "EMAIL", ret_tenant, &email);

    if (rc == 0)
        rc = find(ctl, email, &user);
    return rc ? rc : cc_member_get(ctl->pg, *ret_tenant, user.id, ctl->mem, ret);
}

/* ---- tokens ---- */

static int show_token(struct cc_ctl *ctl, const struct cc_user *user, json_t *shown)
{
    struct cc_token_keys keys;
    struct cc_token_life life = {CC_AUD_RESET, cc_unix_ms() / 1000, TOKEN_S};
    const char *token;
    char mark[17];
    int rc = cc_token_keys_parse(cc_cfg(CC_CFG_TOKEN_KEYS), &keys);

    if (rc == 0)
        rc = cc_token_mint(
            &keys, &life,
            json_pack("{ss ss}", "sub", user->id, "pw", cc_password_mark(user->password, mark)),
            ctl->mem, &token);
    cc_secret_wipe(&keys, sizeof keys);
    if (rc)
        return rc;
    json_object_set_new(shown, "token", json_string(token));
    cc_ctl_show(ctl, shown);
    return 0;
}

int cc_ctl_user_reset(struct cc_ctl *ctl)
{
    const char *email;
    struct cc_user user;
    int rc = cc_ctl_word(ctl, "EMAIL", &email);

    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc == 0)
        rc = find(ctl, email, &user);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss ss}", "userId", user.id, "email", user.email);
    return show_token(ctl, &user, shown);
}

/* ---- adding ---- */

/* An account whose password nobody knows. */
static int make_user(struct cc_ctl *ctl, const char *email, const char *name, struct cc_user *ret)
{
    unsigned char random[NOT_GIVEN];
    char unknown[CC_SHA256_HEX], hash[CC_PASSWORD_HASH], id[CC_ID_MAX];
    int rc;

    cc_random(random, sizeof random);
    cc_hex(random, sizeof random, unknown);
    rc = cc_password_hash(unknown, hash);
    *ret = (struct cc_user){.id = cc_arena_dup(ctl->mem, cc_id_sorted("usr", id)),
                            .email = email,
                            .name = name ? name : "",
                            .password = cc_arena_dup(ctl->mem, hash)};
    if (rc == 0)
        rc = key_of(ctl, email, &ret->email_key);
    return rc ? rc : cc_user_add(ctl->pg, ret);
}

/* TENANT EMAIL [--role R] [--name N] */
int cc_ctl_user_add(struct cc_ctl *ctl)
{
    const char *role = cc_ctl_option(ctl, "--role"), *name = cc_ctl_option(ctl, "--name");
    const char *tenant, *email;
    struct cc_user user;
    bool fresh;
    int rc = cc_ctl_tenant_and(ctl, "EMAIL", &tenant, &email);

    if (rc)
        return rc;
    rc = find(ctl, email, &user);
    fresh = rc == CC_E_NOTFOUND;
    if (fresh)
        rc = make_user(ctl, email, name, &user);
    role = role ? role : "viewer";
    if (rc == 0)
        rc = cc_member_add(ctl->pg, tenant, user.id, role);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss ss ss}", "userId", user.id, "email", user.email, "role", role);
    if (fresh)
        return show_token(ctl, &user, shown);
    cc_ctl_show(ctl, shown);
    return 0;
}

/* ---- changing ---- */

static int change(struct cc_ctl *ctl, const char *tenant, const struct cc_member *member,
                  const char *role)
{
    struct cc_member_change c = {tenant, member->user, member->role, role};
    int rc = cc_member_change(ctl->pg, &c);

    return rc ? rc : cc_ctl_invalidate(ctl, "tenant", tenant);
}

int cc_ctl_user_role(struct cc_ctl *ctl)
{
    const char *role = cc_ctl_option(ctl, "--role"), *tenant;
    struct cc_member member;
    int rc =
        role ? find_member(ctl, &tenant, &member) : cc_fail(CC_E_INVALID, "--role ROLE is missing");

    if (rc == 0)
        rc = change(ctl, tenant, &member, role);
    if (rc)
        return rc;
    member.role = role;
    CC_AUTO(json_decref)
    json_t *shown = member_json(&member);
    cc_ctl_show(ctl, shown);
    return 0;
}

int cc_ctl_user_remove(struct cc_ctl *ctl)
{
    const char *tenant;
    struct cc_member member;
    int rc = find_member(ctl, &tenant, &member);

    return rc ? rc : change(ctl, tenant, &member, NULL);
}
