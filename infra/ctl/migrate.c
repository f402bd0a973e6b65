#include "proto/store/migrate.h"
#include "infra/ctl/ctl.h"
#include "proto/base/config.h"
#include "proto/base/json.h"

int cc_ctl_migrate(struct cc_ctl *ctl)
{
    struct cc_migrated done;
    const char *owner = cc_cfg(CC_CFG_PG_OWNER);
    int rc = cc_ctl_end(ctl);

    if (rc == 0 && !*owner)
        rc = cc_fail(CC_E_CONFLICT, "CC_PG_OWNER is not set: the connection of the role cc_owner");
    if (rc == 0)
        rc = cc_migrate(owner, &done);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{si si}", "from", done.from, "to", done.to);
    cc_ctl_show(ctl, shown);
    return 0;
}

int cc_ctl_config(struct cc_ctl *ctl)
{
    bool markdown = cc_ctl_flag(ctl, "--markdown");
    int rc = cc_ctl_end(ctl);

    if (rc)
        return rc;
    if (markdown)
        cc_config_markdown(stdout);
    else
        cc_config_print(stdout);
    return 0;
}
