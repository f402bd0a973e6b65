/*
 * members.c - who works in a tenant, and in which tenants a person works.
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/routes.h"
#include "proto/base/id.h"
#include "proto/store/member.h"

struct form {
    const char *role;
};
static const struct cc_form_field fields[] = {
    {"role", CC_FIELD_TEXT, offsetof(struct form, role), .min = 1, .max = 20, .wanted = true}};

static json_t *member_json(const struct cc_member *member)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "userId", member->user, "email", member->email,
                     "name", member->name, "role", member->role, "createdAt",
                     cc_json_time(member->created_ms));
}

int cc_get_members(struct cc_rq *rq)
{
    struct cc_member *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "usr", &page);

    if (rc == 0)
        rc = cc_input_unbound(rq);
    if (rc == 0)
        rc = cc_member_list(cc_gateway()->pg, rq->guest.tenant, page.after, page.max + 1, rq->mem,
                            &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, member_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].user : NULL);
}

static int no_member(int rc)
{
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such member") : rc;
}

/* Waits.  One whose role this person may give, and so take. */
static int load(struct cc_rq *rq, struct cc_member *ret)
{
    const char *user = cc_rq_param(rq, "userId");
    int rc = cc_id_valid(user, "usr")
                 ? cc_member_get(cc_gateway()->pg, rq->guest.tenant, user, rq->mem, ret)
                 : CC_E_NOTFOUND;

    if (rc == 0 && !cc_rights_may_give(rq->guest.rights, ret->role))
        return cc_fail(CC_E_FORBIDDEN, "an owner's role is an owner's affair");
    return no_member(rc);
}

/* Waits.  role NULL: no member any more. */
static int change(struct cc_rq *rq, const struct cc_member *member, const char *role)
{
    struct cc_member_change c = {rq->guest.tenant, member->user, member->role, role};
    int rc = cc_member_change(cc_gateway()->pg, &c);

    if (rc == 0)
        cc_notice_send("tenant", rq->guest.tenant);
    return no_member(rc);
}

static int check_role(const struct cc_rq *rq, const char *role)
{
    if (cc_rights_of_role(role) == 0)
        return cc_fail(CC_E_INVALID, "role: owner, admin, editor, agent or viewer");
    if (!cc_rights_may_give(rq->guest.rights, role))
        return cc_fail(CC_E_FORBIDDEN, "role: nobody gives more than he has");
    return 0;
}

int cc_patch_member(struct cc_rq *rq)
{
    struct cc_member member;
    struct form form = {0};
    int rc = CC_INPUT_FORM(rq, fields, &form);

    if (rc == 0)
        rc = check_role(rq, form.role);
    if (rc == 0)
        rc = load(rq, &member);
    if (rc == 0 && strcmp(member.role, form.role) != 0)
        rc = change(rq, &member, form.role);
    if (rc != 0)
        return rc;
    member.role = form.role;
    return cc_reply_json(rq, 200, member_json(&member));
}

int cc_delete_member(struct cc_rq *rq)
{
    struct cc_member member;
    int rc = load(rq, &member);

    if (rc == 0)
        rc = change(rq, &member, NULL);
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

/* ---- of one person ---- */

static json_t *membership_json(const struct cc_membership *m)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", m->tenant, "name", m->name, "tier", m->tier,
                     "role", m->role, "createdAt", cc_json_time(m->created_ms));
}

int cc_get_clients(struct cc_rq *rq)
{
    struct cc_membership *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "ten", &page);

    if (rc == 0)
        rc = cc_membership_list(cc_gateway()->pg, rq->guest.user, page.after, page.max + 1, rq->mem,
                                &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, membership_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].tenant : NULL);
}
