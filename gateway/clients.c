/*
 * clients.c - a tenant's own row: its name and the limits that its owners set.  Tier and ceiling
 * are the operator's.
 */
#include <string.h>

#include "gateway/clients.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/routes.h"
#include "proto/store/limits.h"
#include "proto/store/tenant.h"

int cc_client_json(const struct cc_tenant *tenant, json_t **ret)
{
    const char *const both[] = {tenant->limits, tenant->ceiling};
    struct cc_limits least;
    int rc = cc_limits_least(both, 2, &least);

    if (rc == 0)
        *ret =
            json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", tenant->id, "name", tenant->name,
                      "tier", tenant->tier, "limits", cc_json_object_of(tenant->limits), "ceiling",
                      cc_json_object_of(tenant->ceiling), "inForce", cc_limits_json(&least),
                      "createdAt", cc_json_time(tenant->created_ms));
    return rc;
}

int cc_get_client(struct cc_rq *rq)
{
    struct cc_tenant tenant;
    json_t *json;
    int rc = cc_tenant_get(cc_gateway()->pg, rq->guest.tenant, rq->mem, &tenant);

    if (rc == 0)
        rc = cc_client_json(&tenant, &json);
    return rc ? rc : cc_reply_json(rq, 200, json);
}

struct form {
    const char *name, *limits;
    const json_t *tier, *ceiling;
};
static const struct cc_form_field fields[] = {
    {"name", CC_FIELD_TEXT, offsetof(struct form, name), .min = 1, .max = 100},
    {"limits", CC_FIELD_OBJECT, offsetof(struct form, limits), .max = CC_LIMITS_BYTES - 1},
    {"tier", CC_FIELD_JSON, offsetof(struct form, tier), .max = 0},
    {"ceiling", CC_FIELD_JSON, offsetof(struct form, ceiling), .max = 0},
};

int cc_patch_client(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct form form = {0};
    struct cc_limits limits;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, fields, rq->mem, &form);
    if (rc == 0 && (form.tier || form.ceiling))
        rc = cc_fail(CC_E_FORBIDDEN, "%s: only the operator changes it",
                     form.tier ? "tier" : "ceiling");
    if (rc == 0)
        rc = cc_input_unbound(rq);
    if (rc == 0)
        rc = cc_limits_read(form.limits, &limits);
    if (rc == 0)
        rc = cc_tenant_set(
            cc_gateway()->pg,
            &(struct cc_tenant){.id = rq->guest.tenant, .name = form.name, .limits = form.limits});
    if (rc != 0)
        return rc;
    cc_notice_send("tenant", rq->guest.tenant);
    return cc_get_client(rq);
}
