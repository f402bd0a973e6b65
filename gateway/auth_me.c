/*
 * auth_me.c - what a person sees and changes of himself: name, logins.
 */
#include <string.h>

#include "gateway/auth.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/routes.h"
#include "proto/base/id.h"
#include "proto/store/user.h"

#define NAME_MAX_CHARS 100

static json_t *rights_json(unsigned rights)
{
    json_t *list = json_array();

    for (unsigned right = 1; right <= rights; right <<= 1)
        if (rights & right)
            json_array_append_new(list, json_string(cc_right_word(right)));
    return list;
}

static int reply_me(struct cc_rq *rq)
{
    const struct cc_guest *guest = &rq->guest;
    char csrf[CC_CSRF_MAX];
    struct cc_user user;
    int rc = cc_user_get(cc_gateway()->pg, guest->user, rq->mem, &user);

    if (rc != 0)
        return rc == CC_E_NOTFOUND ? cc_fail(CC_E_AUTH, "this account is gone") : rc;
    cc_token_csrf(cc_auth_keys(), guest->login, csrf);
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200,
                         json_pack("{s:{s:s, s:s, s:s, s:o}, s:s, s:s, s:s, s:o, s:s, s:s}", "user",
                                   "id", user.id, "email", user.email, "name", user.name,
                                   "createdAt", cc_json_time(user.created_ms), "clientId",
                                   guest->tenant, "tier", guest->tier, "role", guest->role,
                                   "rights", rights_json(guest->rights), "sessionId", guest->login,
                                   "csrfToken", csrf));
}

int cc_get_me(struct cc_rq *rq)
{
    return reply_me(rq);
}

struct edit {
    const char *name;
};
static const struct cc_form_field edit_fields[] = {
    {"name", CC_FIELD_TEXT, offsetof(struct edit, name), .max = NAME_MAX_CHARS, .wanted = true}};

int cc_patch_me(struct cc_rq *rq)
{
    struct edit edit = {0};
    int rc = CC_INPUT_FORM(rq, edit_fields, &edit);

    if (rc == 0)
        rc = cc_user_rename(cc_gateway()->pg, rq->guest.user, edit.name);
    return rc ? rc : reply_me(rq);
}

/* ---- logins ---- */

static json_t *login_json(const struct cc_login *login, const char *current)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b}", "id", login->id, "clientId",
                     login->tenant, "agent", cc_json_text(login->agent), "address",
                     cc_json_text(login->address), "createdAt", cc_json_time(login->created_ms),
                     "usedAt", cc_json_time(login->used_ms), "expiresAt",
                     cc_json_time(login->expires_ms), "current", strcmp(login->id, current) == 0);
}

int cc_get_logins(struct cc_rq *rq)
{
    struct cc_login *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "lgn", &page);

    if (rc == 0)
        rc = cc_login_list(cc_gateway()->pg, rq->guest.user, page.after, page.max + 1, rq->mem,
                           &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, login_json(&list[i], rq->guest.login));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

int cc_delete_login(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    int rc = cc_id_valid(id, "lgn") ? cc_login_end(cc_gateway()->pg, rq->guest.user, id, "ended")
                                    : CC_E_NOTFOUND;

    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "there is no such session");
    if (rc != 0)
        return rc;
    cc_notice_send("login", id);
    if (strcmp(id, rq->guest.login) == 0)
        cc_auth_forget(rq);
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}
