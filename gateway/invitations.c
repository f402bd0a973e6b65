/*
 * invitations.c - people who are asked to work in a tenant, and how they come in.
 *
 * The token of an invitation is signed and names tenant and id; it goes by mail, or where no mails
 * are sent, to the inviter, who passes it on.
 */
#include <string.h>

#include "gateway/auth.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/mails.h"
#include "gateway/passwords.h"
#include "gateway/routes.h"
#include "proto/base/actor.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/seal/token.h"
#include "proto/store/invitation.h"
#include "proto/store/user.h"

#define GOOD_S (7 * 24 * 3600)

static json_t *invitation_json(const struct cc_invitation *i)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", i->id, "email", i->email, "role",
                     i->role, "invitedBy", i->invited_by, "createdAt", cc_json_time(i->created_ms),
                     "expiresAt", cc_json_time(i->expires_ms));
}

int cc_get_invitations(struct cc_rq *rq)
{
    struct cc_invitation *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "inv", &page);

    if (rc == 0)
        rc = cc_input_unbound(rq);
    if (rc == 0)
        rc = cc_invitation_list(cc_gateway()->pg, rq->guest.tenant, page.after, page.max + 1,
                                rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, invitation_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

int cc_delete_invitation(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    int rc = cc_id_valid(id, "inv") ? cc_invitation_delete(cc_gateway()->pg, rq->guest.tenant, id)
                                    : CC_E_NOTFOUND;

    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "there is no such invitation");
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

/* ---- asking ---- */

struct asked {
    const char *email, *role;
};
static const struct cc_form_field ask_fields[] = {
    {"email", CC_FIELD_TEXT, offsetof(struct asked, email), .min = 3, .max = 254, .wanted = true},
    {"role", CC_FIELD_TEXT, offsetof(struct asked, role), .min = 1, .max = 20, .wanted = true},
};

static int check_role(const struct cc_rq *rq, const char *role)
{
    if (cc_rights_of_role(role) == 0 || strcmp(role, "owner") == 0)
        return cc_fail(CC_E_INVALID, "role: admin, editor, agent or viewer");
    if (!cc_rights_may_give(rq->guest.rights, role))
        return cc_fail(CC_E_FORBIDDEN, "role: nobody gives more than he has");
    return 0;
}

/* Waits.  *ret: the token, good as long as the invitation. */
static int add(struct cc_rq *rq, struct cc_invitation *invitation, const char **ret)
{
    json_t *claims = json_pack("{s:s, s:s}", "tid", rq->guest.tenant, "inv", invitation->id);
    int rc = cc_auth_mint(rq, CC_AUD_INVITE, GOOD_S, claims, ret);

    invitation->created_ms = cc_unix_ms();
    invitation->expires_ms = invitation->created_ms + (int64_t)GOOD_S * 1000;
    return rc ? rc : cc_invitation_add(cc_gateway()->pg, rq->guest.tenant, invitation);
}

/* Whoever turns it into a mail may take a line for a header. */
static const char *in_one_line(const char *text, struct cc_arena *mem)
{
    char *line = cc_arena_dup(mem, text);

    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
    return line;
}

/* Waits. */
static int mail(struct cc_rq *rq, const struct cc_invitation *invitation, const char *token)
{
    struct cc_tenant tenant;
    struct cc_mail mail = {.to = invitation->email,
                           .kind = "invitation",
                           .url = cc_mail_url("invitation", token, rq->mem),
                           .token = token};
    int rc = cc_tenant_get(cc_gateway()->pg, rq->guest.tenant, rq->mem, &tenant);

    if (rc != 0)
        return rc;
    tenant.name = in_one_line(tenant.name, rq->mem);
    mail.subject = cc_arena_printf(rq->mem, "Invitation to %s", tenant.name);
    mail.text = cc_arena_printf(rq->mem,
                                "You are asked to work on the chat bots of %s as %s.\n\n"
                                "To accept, open this address within seven days:\n%s\n",
                                tenant.name, invitation->role, mail.url);
    return cc_mail_send(rq, &mail);
}

/* Who could not be reached by us is reached by the inviter. */
static int reply_asked(struct cc_rq *rq, const struct cc_invitation *invitation, const char *token)
{
    json_t *json = invitation_json(invitation);
    int rc = mail(rq, invitation, token);

    if (rc != 0 && *cc_cfg(CC_CFG_MAIL_URL))
        cc_log_failure("mail_unsent", rc, cc_s("kind", "invitation"));
    json_object_set_new(json, "delivered", json_boolean(rc == 0));
    if (rc != 0)
        json_object_set_new(json, "token", json_string(token));
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 201, json);
}

int cc_post_invitation(struct cc_rq *rq)
{
    struct asked asked = {0};
    char id[CC_ID_MAX];
    struct cc_invitation invitation = {.invited_by = rq->guest.user};
    const char *token;
    int rc = CC_INPUT_FORM(rq, ask_fields, &asked);

    if (rc == 0)
        rc = cc_auth_email(asked.email, rq->mem, &invitation.email_key);
    if (rc == 0)
        rc = check_role(rq, asked.role);
    if (rc != 0)
        return rc;
    invitation.id = cc_id_sorted("inv", id);
    invitation.email = asked.email;
    invitation.role = asked.role;
    rc = add(rq, &invitation, &token);
    return rc ? rc : reply_asked(rq, &invitation, token);
}

/* ---- accepting ---- */

struct accepted {
    const char *token, *name;
    json_t *password;
};
static const struct cc_form_field accept_fields[] = {
    {"token", CC_FIELD_TEXT, offsetof(struct accepted, token), .min = 1, .max = CC_TOKEN_MAX,
     .wanted = true},
    {"name", CC_FIELD_TEXT, offsetof(struct accepted, name), .min = 1, .max = 100},
    {"password", CC_FIELD_JSON, offsetof(struct accepted, password), .wanted = true},
};

/* Waits.  What the token is for, if that is still open. */
static int find(struct cc_rq *rq, const char *token, const char **ret_tenant,
                struct cc_invitation *ret)
{
    CC_AUTO(json_decref)
    json_t *claims = NULL;
    const char *tenant, *id;
    int rc = cc_auth_verify(token, CC_AUD_INVITE, &claims);

    if (rc != 0)
        return rc;
    tenant = cc_arena_dup(rq->mem, cc_json_str(claims, "tid", ""));
    id = cc_json_str(claims, "inv", "");
    if (!cc_id_valid(tenant, "ten") || !cc_id_valid(id, "inv"))
        return cc_fail(CC_E_AUTH, "token: of no invitation");
    rc = cc_invitation_get(cc_gateway()->pg, tenant, id, rq->mem, ret);
    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "this invitation is no longer open");
    *ret_tenant = tenant;
    return rc;
}

/* Waits.  The account of the address, proved by its password. */
static int take_account(const struct cc_user *user, const json_t *password, struct cc_newcomer *ret)
{
    const char *text = json_string_value(password);

    if (!text)
        return cc_fail(CC_E_INVALID, "password: wants a text");
    ret->user = user->id;
    return cc_passwords_check(user->password, text);
}

/* Waits.  A new one; without a name it is called like its address. */
static int make_account(struct cc_rq *rq, const struct cc_invitation *invitation,
                        const struct accepted *accepted, struct cc_newcomer *ret)
{
    const char *password;
    int rc = cc_auth_password("password", accepted->password, rq->mem, &password);

    if (rc != 0)
        return rc;
    ret->user = cc_id_sorted("usr", cc_arena_get(rq->mem, CC_ID_MAX));
    ret->name = accepted->name
                    ? accepted->name
                    : cc_arena_dupn(rq->mem, invitation->email, strcspn(invitation->email, "@"));
    return cc_passwords_hash(password, rq->mem, &ret->password);
}

/* Waits.  Who presents the token: counted like a login, as a password is tried.  *ret_proof: of an
 * account that is there. */
static int identify(struct cc_rq *rq, const struct cc_invitation *invitation,
                    const struct accepted *accepted, struct cc_newcomer *ret,
                    const char **ret_proof)
{
    struct cc_user user;
    int rc = cc_auth_count(rq, invitation->email_key);

    if (rc != 0)
        return rc;
    rc = cc_user_find(cc_gateway()->pg, invitation->email_key, rq->mem, &user);
    if (rc == CC_E_NOTFOUND)
        return make_account(rq, invitation, accepted, ret);
    if (rc == 0)
        *ret_proof = user.password;
    return rc ? rc : take_account(&user, accepted->password, ret);
}

int cc_post_invitation_accept(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct accepted accepted = {0};
    struct cc_invitation invitation;
    struct cc_newcomer newcomer = {.name = ""};
    const char *proof = NULL;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, accept_fields, rq->mem, &accepted);
    if (rc == 0)
        rc = find(rq, accepted.token, &newcomer.tenant, &invitation);
    if (rc == 0)
        rc = identify(rq, &invitation, &accepted, &newcomer, &proof);
    if (rc != 0)
        return rc;
    newcomer.invitation = invitation.id;
    cc_actor_set(newcomer.user, rq->address, rq->id);
    rc = cc_invitation_accept(cc_gateway()->pg, &newcomer);
    return rc ? rc
              : cc_auth_enter(rq, &(struct cc_auth_entry){.user = newcomer.user,
                                                          .tenant = newcomer.tenant,
                                                          .proof = proof,
                                                          .status = 200});
}
