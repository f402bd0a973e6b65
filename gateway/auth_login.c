/*
 * auth_login.c - how people come in and go: register, login, refresh, logout, another tenant.
 *
 * Whatever credentials come with a request that begins a login are not looked at: it has always
 * an id of its own.
 */
#include <string.h>

#include "gateway/auth.h"
#include "gateway/credential.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/passwords.h"
#include "gateway/pure/cookie.h"
#include "gateway/pure/origin.h"
#include "gateway/routes.h"
#include "proto/base/actor.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/email.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/bus/revoked.h"
#include "proto/seal/key.h"
#include "proto/seal/password.h"
#include "proto/store/user.h"

#define NAME_MAX_CHARS 100
#define BOT_NAME       "Assistant"

static int need_keys(void)
{
    return cc_auth_keys()->n > 0 ? 0
                                 : cc_fail(CC_E_DOWN, "this installation has no keys for logins");
}

/* ---- register ---- */

struct registration {
    const char *email, *name, *company, *key, *chosen;
    const json_t *password;
};
#define AT(member) offsetof(struct registration, member)
static const struct cc_form_field registration_fields[] = {
    {"email", CC_FIELD_TEXT, AT(email), .min = 3, .max = CC_EMAIL_MAX, .wanted = true},
    {"password", CC_FIELD_JSON, AT(password), .wanted = true},
    {"name", CC_FIELD_TEXT, AT(name), .max = NAME_MAX_CHARS},
    {"company", CC_FIELD_TEXT, AT(company), .max = NAME_MAX_CHARS},
};
#undef AT

/* The body lives as long as what points into it: the texts are in the arena. */
static int read_registration(struct cc_rq *rq, struct registration *ret)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, registration_fields, rq->mem, ret);
    if (rc == 0)
        rc = cc_auth_email(ret->email, rq->mem, &ret->key);
    if (rc == 0)
        rc = cc_auth_password("password", ret->password, rq->mem, &ret->chosen);
    return rc;
}

struct account_ids {
    char user[CC_ID_MAX], tenant[CC_ID_MAX], bot[CC_ID_MAX], key_id[CC_ID_MAX], key[CC_KEY_MAX];
};

static struct cc_account account_of(const struct registration *r, const char *hash,
                                    struct account_ids *ids)
{
    return (struct cc_account){
        .user = {.id = cc_id_sorted("usr", ids->user),
                 .email = r->email,
                 .email_key = r->key,
                 .name = r->name,
                 .password = hash},
        .tenant = cc_id_sorted("ten", ids->tenant),
        .company = *r->company ? r->company : r->email,
        .bot = cc_id_sorted("bot", ids->bot),
        .bot_name = BOT_NAME,
        .key_id = cc_id_sorted("key", ids->key_id),
        .key = cc_key_make(CC_KEY_PUBLIC, ids->key),
    };
}

/* Waits. */
static int make_account(struct cc_rq *rq, const struct registration *r, struct account_ids *ret)
{
    struct cc_account account;
    const char *hash;
    int rc = cc_passwords_hash(r->chosen, rq->mem, &hash);

    if (rc != 0)
        return rc;
    account = account_of(r, hash, ret);
    cc_actor_set(account.user.id, rq->address, rq->id);
    return cc_account_add(cc_gateway()->pg, &account);
}

int cc_post_register(struct cc_rq *rq)
{
    struct registration r = {.name = "", .company = ""};
    struct account_ids ids;
    int rc = need_keys();

    if (rc == 0 && !cc_cfg_bool(CC_CFG_REGISTER))
        rc = cc_fail(CC_E_FORBIDDEN, "here accounts are made by the operator");
    if (rc == 0)
        rc = read_registration(rq, &r);
    if (rc == 0)
        rc = cc_auth_count(rq, r.key);
    if (rc == 0)
        rc = make_account(rq, &r, &ids);
    if (rc != 0)
        return rc;
    return cc_auth_enter(rq,
                         &(struct cc_auth_entry){.user = ids.user,
                                                 .tenant = ids.tenant,
                                                 .status = 201,
                                                 .more = json_pack("{s:s, s:s}", "botId", ids.bot,
                                                                   "publicKey", ids.key)});
}

/* ---- login ---- */

struct login {
    const char *email, *client, *key, *tried;
    const json_t *password;
};
#define AT(member) offsetof(struct login, member)
static const struct cc_form_field login_fields[] = {
    {"email", CC_FIELD_TEXT, AT(email), .min = 3, .max = CC_EMAIL_MAX, .wanted = true},
    {"password", CC_FIELD_JSON, AT(password), .wanted = true},
    {"clientId", CC_FIELD_ID, AT(client), .prefix = "ten"},
};
#undef AT

static int read_login(struct cc_rq *rq, struct login *ret)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, login_fields, rq->mem, ret);
    if (rc == 0)
        rc = cc_auth_email(ret->email, rq->mem, &ret->key);
    if (rc == 0)
        rc = cc_auth_password("password", ret->password, rq->mem, &ret->tried);
    return rc;
}

/* Waits.  An account that is not there takes as long as a password that is wrong. */
static int find_account(struct cc_rq *rq, const struct login *login, struct cc_user *ret)
{
    int rc = cc_user_find(cc_gateway()->pg, login->key, rq->mem, ret);

    if (rc == 0 || rc == CC_E_NOTFOUND)
        rc = cc_passwords_check(rc == 0 ? ret->password : NULL, login->tried);
    if (rc == CC_E_AUTH)
        cc_auth_tell("refused");
    return rc;
}

static int nowhere(int rc)
{
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_FORBIDDEN, "this account works in no such tenant")
                               : rc;
}

int cc_post_login(struct cc_rq *rq)
{
    struct login login = {.client = ""};
    struct cc_user user;
    const char *tenant;
    int rc = need_keys();

    if (rc == 0)
        rc = read_login(rq, &login);
    if (rc == 0)
        rc = cc_auth_count(rq, login.key);
    if (rc == 0)
        rc = find_account(rq, &login, &user);
    if (rc == 0)
        rc = nowhere(cc_user_home(cc_gateway()->pg, user.id, login.client, rq->mem, &tenant));
    if (rc != 0)
        return rc;
    return nowhere(cc_auth_enter(
        rq, &(struct cc_auth_entry){
                .user = user.id, .tenant = tenant, .proof = user.password, .status = 200}));
}

/* ---- refresh ---- */

struct refresh {
    const json_t *token;
};
static const struct cc_form_field refresh_fields[] = {
    {"refreshToken", CC_FIELD_JSON, offsetof(struct refresh, token), .wanted = false}};

/* The cookie opens nothing but this route, and only for a page of ours. */
static int token_of_cookie(struct cc_rq *rq, const char **ret)
{
    const char *origin = cc_rq_header(rq, "origin");
    char token[CC_TOKEN_MAX];

    if (!cc_cookie_get(cc_rq_header(rq, "cookie"), CC_COOKIE_REFRESH, token, sizeof token))
        return cc_fail(CC_E_AUTH, "a refresh token is wanted");
    if (!origin || !cc_origin_ours(cc_cfg(CC_CFG_PUBLIC_URL), cc_rq_header(rq, "host"), origin))
        return cc_fail(CC_E_CSRF, "the cookie is good for our own pages alone");
    *ret = cc_arena_dup(rq->mem, token);
    return 0;
}

static int token_of_refresh(struct cc_rq *rq, const char **ret)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct refresh refresh = {0};
    int rc = rq->body_len > 0 ? cc_input_json(rq, &body) : 0;

    if (rc == 0 && body)
        rc = CC_FORM_READ(body, refresh_fields, rq->mem, &refresh);
    if (rc != 0)
        return rc;
    if (!refresh.token)
        return token_of_cookie(rq, ret);
    if (!json_is_string(refresh.token))
        return cc_fail(CC_E_INVALID, "refreshToken: wants a text");
    *ret = cc_arena_dup(rq->mem, json_string_value(refresh.token));
    return 0;
}

/* Waits.  The login that it names, with the counter of the token that comes next. */
static int refresh_login(struct cc_rq *rq, const json_t *claims, struct cc_login_who *ret,
                         int64_t *ret_n)
{
    const struct cc_login_who named = {.id = cc_json_str(claims, "sid", ""),
                                       .tenant = cc_json_str(claims, "tid", ""),
                                       .user = cc_json_str(claims, "sub", "")};
    int64_t n = cc_json_int(claims, "n", 0);
    int rc;

    cc_actor_set(named.user, rq->address, rq->id); /* who uses a copy ends his login */
    rc = cc_login_refresh(cc_gateway()->pg, &named, n);
    if (rc == CC_E_FENCED) {
        cc_auth_tell("reuse");
        cc_log(CC_WARN, "refresh_reused", cc_s("user", named.user), cc_s("login", named.id));
        cc_notice_send("login", named.id);
    }
    if (rc == 0)
        rc = cc_login_find(cc_gateway()->pg, named.tenant, named.id, rq->mem, ret);
    *ret_n = n + 1;
    return rc == CC_E_FENCED || rc == CC_E_NOTFOUND ? cc_fail(CC_E_AUTH, "this login is over") : rc;
}

int cc_post_refresh(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *claims = NULL;
    struct cc_login_who who;
    const char *token;
    int64_t n;
    int rc = token_of_refresh(rq, &token);

    if (rc == 0)
        rc = cc_auth_verify(token, CC_AUD_REFRESH, &claims);
    if (rc == 0)
        rc = refresh_login(rq, claims, &who, &n);
    if (rc == CC_E_AUTH)
        cc_auth_forget(rq);
    if (rc != 0)
        return rc;
    cc_auth_tell("refreshed");
    return cc_auth_reply(rq, &(struct cc_auth_answer){.who = &who, .n = n, .status = 200});
}

/* ---- the end of one ---- */

/* Waits.  Its row says so for good, the other two say it soon.  NOTFOUND: it was over. */
static int end_login(struct cc_rq *rq, const char *reason)
{
    const struct cc_guest *guest = &rq->guest;
    int rc = cc_login_end(cc_gateway()->pg, guest->user, guest->login, reason), told;

    if (rc != 0 && rc != CC_E_NOTFOUND)
        return rc;
    told = cc_revoked_add(cc_gateway()->live, guest->token,
                          guest->token_end_s + CC_TOKEN_LEEWAY - cc_unix_ms() / 1000);
    if (told != 0)
        cc_log_failure("token_not_given_back", told, cc_s("login", guest->login));
    cc_notice_send("login", guest->login);
    return rc;
}

int cc_post_logout(struct cc_rq *rq)
{
    int rc = end_login(rq, "logout");

    if (rc != 0 && rc != CC_E_NOTFOUND)
        return rc;
    cc_auth_forget(rq);
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

struct change {
    const char *client;
};
static const struct cc_form_field switch_fields[] = {
    {"clientId", CC_FIELD_ID, offsetof(struct change, client), .prefix = "ten", .wanted = true}};

static int no_client(int rc)
{
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such client") : rc;
}

/*
 * Waits.  The new login begins with what the old one did, so it may not begin when that is over by
 * now: the password first, then the end of the old one, then the new one if that still is the
 * password.
 */
static int change_login(struct cc_rq *rq, const char *tenant)
{
    struct cc_user user;
    int rc = cc_user_get(cc_gateway()->pg, rq->guest.user, rq->mem, &user);

    if (rc == 0)
        rc = end_login(rq, "switch");
    if (rc == CC_E_NOTFOUND)
        rc = cc_fail(CC_E_AUTH, "this login is over");
    return rc ? rc
              : no_client(cc_auth_enter(rq, &(struct cc_auth_entry){.user = user.id,
                                                                    .tenant = tenant,
                                                                    .proof = user.password,
                                                                    .status = 200}));
}

int cc_post_switch(struct cc_rq *rq)
{
    struct change change = {0};
    const char *tenant;
    int rc = CC_INPUT_FORM(rq, switch_fields, &change);

    if (rc == 0)
        rc = no_client(
            cc_user_home(cc_gateway()->pg, rq->guest.user, change.client, rq->mem, &tenant));
    return rc ? rc : change_login(rq, tenant);
}
