#include "proto/store/tenant.h"

#include "infra/ctl/ctl.h"
#include "proto/base/id.h"
#include "proto/base/json.h"

static void show(struct cc_ctl *ctl, const struct cc_tenant *tenant)
{
    CC_AUTO(json_decref)
    json_t *shown =
        json_pack("{ss ss ss}", "tenantId", tenant->id, "name", tenant->name, "tier", tenant->tier);

    cc_ctl_show(ctl, shown);
}

int cc_ctl_tenant_add(struct cc_ctl *ctl)
{
    const char *tier = cc_ctl_option(ctl, "--tier");
    struct cc_tenant tenant = {.tier = tier ? tier : "free"};
    char id[CC_ID_MAX];
    int rc = cc_ctl_word(ctl, "NAME", &tenant.name);

    tenant.id = cc_id_sorted("ten", id);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc == 0)
        rc = cc_tenant_add(ctl->pg, &tenant);
    if (rc == 0)
        show(ctl, &tenant);
    return rc;
}

static int get(struct cc_ctl *ctl, struct cc_tenant *ret)
{
    const char *id;
    int rc = cc_ctl_tenant(ctl, &id);

    return rc ? rc : cc_tenant_get(ctl->pg, id, ctl->mem, ret);
}

int cc_ctl_tenant_show(struct cc_ctl *ctl)
{
    struct cc_tenant tenant;
    int rc = get(ctl, &tenant);

    if (rc == 0)
        show(ctl, &tenant);
    return rc;
}

int cc_ctl_tenant_set(struct cc_ctl *ctl)
{
    const char *name = cc_ctl_option(ctl, "--name"), *tier = cc_ctl_option(ctl, "--tier");
    struct cc_tenant tenant;
    int rc = get(ctl, &tenant);

    if (rc)
        return rc;
    tenant.name = name ? name : tenant.name;
    tenant.tier = tier ? tier : tenant.tier;
    rc = cc_tenant_set(ctl->pg, &tenant);
    if (rc)
        return rc;
    show(ctl, &tenant);
    return cc_ctl_invalidate(ctl, "tenant", tenant.id);
}
