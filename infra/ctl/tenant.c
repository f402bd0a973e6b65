#include "proto/store/tenant.h"

#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/store/limits.h"
#include "proto/store/spend.h"

static void show(struct cc_ctl *ctl, const struct cc_tenant *tenant, const struct cc_spent *today)
{
    CC_AUTO(json_decref)
    json_t *shown =
        json_pack("{ss ss ss so? so? so}", "tenantId", tenant->id, "name", tenant->name, "tier",
                  tenant->tier, "limits", json_loads(tenant->limits, 0, NULL), "ceiling",
                  json_loads(tenant->ceiling, 0, NULL), "today", cc_spent_json(today));

    cc_ctl_show(ctl, shown);
}

static int show_stored(struct cc_ctl *ctl, const char *id)
{
    struct cc_tenant tenant;
    struct cc_spent today;
    int rc = cc_tenant_get(ctl->pg, id, ctl->mem, &tenant);

    if (rc == 0)
        rc = cc_spend_today(ctl->pg, id, "", &today);
    if (rc == 0)
        show(ctl, &tenant, &today);
    return rc;
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
    return rc ? rc : show_stored(ctl, id);
}

int cc_ctl_tenant_show(struct cc_ctl *ctl)
{
    const char *id;
    int rc = cc_ctl_tenant(ctl, &id);

    return rc ? rc : show_stored(ctl, id);
}

/* ---- the operator's ceiling ---- */

static const struct {
    const char *option, *member;
} ceilings[] = {
    {"--ceiling-requests", "requestsPerMinute"},
    {"--ceiling-tokens", "dailyTokens"},
    {"--ceiling-spend", "dailySpend"},
};
#define CEILINGS (sizeof ceilings / sizeof *ceilings)

/* Numbers, and null for "none"; *ret NULL without any of the options. */
static int take_ceiling(struct cc_ctl *ctl, json_t **ret)
{
    CC_AUTO(json_decref)
    json_t *members = json_object();

    for (size_t i = 0; i < CEILINGS; i++) {
        const char *value = cc_ctl_option(ctl, ceilings[i].option);
        json_t *number = NULL;

        if (!value)
            continue;
        number =
            strcmp(value, "none") == 0 ? json_null() : json_loads(value, JSON_DECODE_ANY, NULL);
        if (!json_is_number(number) && !json_is_null(number)) {
            json_decref(number);
            return cc_fail(CC_E_INVALID, "%s does not take %s", ceilings[i].option, value);
        }
        json_object_set_new(members, ceilings[i].member, number);
    }
    *ret = json_object_size(members) > 0 ? CC_TAKE(members) : NULL;
    return 0;
}

/* Waits.  The members over what the tenant has. */
static int lay_ceiling(struct cc_ctl *ctl, const char *id, const json_t *members, const char **ret)
{
    CC_AUTO(json_decref)
    json_t *all = NULL;
    struct cc_tenant tenant;
    struct cc_limits limits;
    const char *name;
    json_t *value;
    int rc = cc_tenant_get(ctl->pg, id, ctl->mem, &tenant);

    if (rc == 0)
        rc = cc_json_parse(tenant.ceiling, strlen(tenant.ceiling), &all);
    if (rc)
        return rc;
    json_object_foreach((json_t *)(uintptr_t)members, name, value)
    {
        if (json_is_null(value))
            json_object_del(all, name);
        else
            json_object_set(all, name, value);
    }
    *ret = cc_json_dup(all, ctl->mem);
    return cc_limits_read(*ret, &limits);
}

/* Only what is named. */
int cc_ctl_tenant_set(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *ceiling = NULL;
    struct cc_tenant change = {.name = cc_ctl_option(ctl, "--name"),
                               .tier = cc_ctl_option(ctl, "--tier")};
    int rc = take_ceiling(ctl, &ceiling);

    if (rc == 0)
        rc = cc_ctl_tenant(ctl, &change.id);
    if (rc == 0 && ceiling)
        rc = lay_ceiling(ctl, change.id, ceiling, &change.ceiling);
    if (rc == 0)
        rc = cc_tenant_set(ctl->pg, &change);
    if (rc == 0)
        rc = show_stored(ctl, change.id);
    return rc ? rc : cc_ctl_invalidate(ctl, "tenant", change.id);
}
