/*
 * auth_password.c - another password: by who knows the old one, or by a token that came by mail.
 */
#include <string.h>

#include "gateway/auth.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/mails.h"
#include "gateway/notices.h"
#include "gateway/passwords.h"
#include "gateway/routes.h"
#include "proto/base/actor.h"
#include "proto/base/config.h"
#include "proto/base/email.h"
#include "proto/base/id.h"
#include "proto/seal/password.h"
#include "proto/store/user.h"

#define RESET_S (60 * 60)

/* Waits.  All logins but `keep` are over, and everybody hears so. */
static int set_password(struct cc_rq *rq, const struct cc_user *user, const char *password,
                        const char *keep)
{
    struct cc_password_change change = {user->id, user->password, NULL, keep};
    const char *const *ended;
    int n, rc = cc_passwords_hash(password, rq->mem, &change.hash);

    if (rc == 0)
        rc = cc_user_set_password(cc_gateway()->pg, &change, rq->mem, &ended, &n);
    for (int i = 0; rc == 0 && i < n; i++)
        cc_notice_send("login", ended[i]);
    return rc;
}

/* ---- who knows the old one ---- */

struct passwords {
    const json_t *current, *next;
    const char *token;
};
#define AT(member) offsetof(struct passwords, member)
static const struct cc_form_field change_fields[] = {
    {"currentPassword", CC_FIELD_JSON, AT(current), .wanted = true},
    {"newPassword", CC_FIELD_JSON, AT(next), .wanted = true},
};
static const struct cc_form_field reset_fields[] = {
    {"token", CC_FIELD_TEXT, AT(token), .min = 1, .max = CC_TOKEN_MAX, .wanted = true},
    {"password", CC_FIELD_JSON, AT(next), .wanted = true},
};
#undef AT

static int read_change(struct cc_rq *rq, const char **ret_current, const char **ret_next)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct passwords p = {0};
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, change_fields, rq->mem, &p);
    if (rc == 0)
        rc = cc_auth_password("currentPassword", p.current, rq->mem, ret_current);
    if (rc == 0)
        rc = cc_auth_password("newPassword", p.next, rq->mem, ret_next);
    return rc;
}

int cc_post_password(struct cc_rq *rq)
{
    const char *current, *next;
    struct cc_user user;
    int rc = read_change(rq, &current, &next);

    if (rc == 0)
        rc = cc_user_get(cc_gateway()->pg, rq->guest.user, rq->mem, &user);
    if (rc == 0)
        rc = cc_auth_count(rq, user.email_key);
    if (rc == 0)
        rc = cc_passwords_check(user.password, current);
    if (rc == CC_E_AUTH)
        return cc_fail(CC_E_FORBIDDEN, "currentPassword: it is another");
    if (rc == 0)
        rc = set_password(rq, &user, next, rq->guest.login);
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

/* ---- who can read the mail ---- */

struct forgot {
    const char *email;
};
static const struct cc_form_field forgot_fields[] = {{"email", CC_FIELD_TEXT,
                                                      offsetof(struct forgot, email), .min = 3,
                                                      .max = CC_EMAIL_MAX, .wanted = true}};

/* Waits.  The mail goes on a task of its own: the answer takes as long without an account. */
static int mail_token(struct cc_rq *rq, const struct cc_user *user)
{
    char mark[17];
    struct cc_mail mail = {.to = user->email, .kind = "reset", .subject = "A new password"};
    int rc = cc_auth_mint(
        rq, CC_AUD_RESET, RESET_S,
        json_pack("{s:s, s:s}", "sub", user->id, "pw", cc_password_mark(user->password, mark)),
        &mail.token);

    if (rc != 0)
        return rc;
    mail.url = cc_mail_url("reset", mail.token, rq->mem);
    mail.text = cc_arena_printf(rq->mem,
                                "Somebody, probably you, wants a new password for this address.\n"
                                "This link is good for one hour, and once:\n%s\n"
                                "If it was not you, there is nothing to do.\n",
                                mail.url);
    cc_mail_send_later(rq, &mail);
    return 0;
}

int cc_post_password_forgot(struct cc_rq *rq)
{
    struct forgot form = {0};
    struct cc_user user;
    const char *key;
    int rc = CC_INPUT_FORM(rq, forgot_fields, &form);

    if (rc == 0)
        rc = cc_auth_email(form.email, rq->mem, &key);
    if (rc == 0)
        rc = cc_auth_count(rq, key);
    if (rc != 0)
        return rc;
    rc = cc_user_find(cc_gateway()->pg, key, rq->mem, &user);
    if (rc == 0 && *cc_cfg(CC_CFG_MAIL_URL))
        rc = mail_token(rq, &user);
    if (rc != 0 && rc != CC_E_NOTFOUND)
        return rc;
    return cc_reply_json(rq, 202, json_pack("{s:s}", "status", "accepted"));
}

static int read_reset(struct cc_rq *rq, const char **ret_token, const char **ret_password)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct passwords p = {0};
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, reset_fields, rq->mem, &p);
    if (rc == 0)
        rc = cc_auth_password("password", p.next, rq->mem, ret_password);
    *ret_token = p.token;
    return rc;
}

/* Waits.  AUTH: the token is not good, or not any more. */
static int user_of_token(struct cc_rq *rq, const char *token, struct cc_user *ret)
{
    CC_AUTO(json_decref)
    json_t *claims = NULL;
    const char *user;
    char mark[17];
    int rc = cc_auth_verify(token, CC_AUD_RESET, &claims);

    if (rc != 0)
        return rc;
    user = cc_json_str(claims, "sub", "");
    rc = cc_id_valid(user, "usr") ? cc_user_get(cc_gateway()->pg, user, rq->mem, ret)
                                  : CC_E_NOTFOUND;
    if (rc == 0 &&
        strcmp(cc_password_mark(ret->password, mark), cc_json_str(claims, "pw", "")) != 0)
        rc = CC_E_NOTFOUND;
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_AUTH, "token: it has been used") : rc;
}

int cc_post_password_reset(struct cc_rq *rq)
{
    const char *token, *password;
    struct cc_user user;
    int rc = read_reset(rq, &token, &password);

    if (rc == 0)
        rc = cc_auth_count(rq, "");
    if (rc == 0)
        rc = user_of_token(rq, token, &user);
    if (rc != 0)
        return rc;
    cc_actor_set(user.id, rq->address, rq->id);
    rc = set_password(rq, &user, password, "");
    if (rc == CC_E_CONFLICT)
        return cc_fail(CC_E_AUTH, "token: it has been used");
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}
