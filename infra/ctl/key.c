#include "proto/seal/key.h"

#include "infra/ctl/ctl.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/store/tenant.h"

int cc_ctl_key_add(struct cc_ctl *ctl)
{
    bool open = cc_ctl_flag(ctl, "--public"), secret = cc_ctl_flag(ctl, "--secret");
    const char *bot = cc_ctl_option(ctl, "--bot"), *tenant;
    char id[CC_ID_MAX], key[CC_KEY_MAX];
    int rc = cc_ctl_word(ctl, "TENANT", &tenant);

    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0 && open == secret)
        rc = cc_fail(CC_E_INVALID, "say --public or --secret");
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    cc_id_sorted("key", id);
    cc_key_make(secret ? CC_KEY_SECRET : CC_KEY_PUBLIC, key);
    if (rc == 0)
        rc = cc_api_key_add(ctl->pg, tenant, bot ? bot : "", id, key);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss ss ss ss}", "keyId", id, "key", key, "tenantId", tenant, "kind",
                              secret ? "secret" : "public");
    cc_ctl_show(ctl, shown);
    return 0;
}

/* The row first, then the word to those that may have kept it; they forget by themselves, too. */
int cc_ctl_key_revoke(struct cc_ctl *ctl)
{
    const char *tenant, *id, *hash = NULL;
    int rc = cc_ctl_tenant_and(ctl, "KEY_ID", &tenant, &id);

    if (rc == 0)
        rc = cc_api_key_revoke(ctl->pg, tenant, id, ctl->mem, &hash);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss sb}", "keyId", id, "revoked", 1);
    cc_ctl_show(ctl, shown);
    return cc_ctl_invalidate(ctl, "key", hash);
}
