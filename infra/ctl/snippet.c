/* The line that a page embeds a bot with. */
#include <stdio.h>
#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/store/bot.h"
#include "proto/wire/tag.h"

#define LOADER_MAX (1024 * 1024)

/* The loader that the gateway serves; *ret lives in mem. */
static int read_loader(struct cc_arena *mem, const char **ret, size_t *ret_len)
{
    const char *path = cc_arena_printf(mem, "%s/widget.js", cc_cfg(CC_CFG_STATIC_DIR));
    char *bytes = cc_arena_get(mem, LOADER_MAX);
    FILE *in = fopen(path, "rb");

    *ret_len = in ? fread(bytes, 1, LOADER_MAX, in) : 0;
    if (in)
        fclose(in);
    *ret = bytes;
    return *ret_len > 0 && *ret_len < LOADER_MAX
               ? 0
               : cc_fail(CC_E_NOTFOUND, "%s: the widget has not been built (CC_STATIC_DIR)", path);
}

/* Without a trailing slash. */
static const char *origin(struct cc_arena *mem)
{
    const char *url = cc_cfg(CC_CFG_PUBLIC_URL);
    size_t len = strlen(url);

    if (len == 0)
        return cc_arena_printf(mem, "http://127.0.0.1:%lld",
                               (long long)cc_cfg_int(CC_CFG_GATEWAY_PORT));
    return cc_arena_dupn(mem, url, url[len - 1] == '/' ? len - 1 : len);
}

static void show(struct cc_ctl *ctl, const char *bot, const char *loader, size_t len)
{
    char version[CC_TAG_VERSION], integrity[CC_TAG_INTEGRITY];
    const struct cc_tag tag = {origin(ctl->mem), bot, cc_tag_version(loader, len, version),
                               cc_tag_integrity(loader, len, integrity)};
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss ss ss ss}", "snippet", cc_tag_print(&tag, ctl->mem), "pageUrl",
                              cc_arena_printf(ctl->mem, "%s/chat/%s", tag.origin, bot), "version",
                              version, "integrity", integrity);

    cc_ctl_show(ctl, shown);
}

int cc_ctl_bot_snippet(struct cc_ctl *ctl)
{
    const char *tenant, *id, *loader;
    struct cc_bot bot;
    size_t len;
    int rc = cc_ctl_tenant_and(ctl, "BOT", &tenant, &id);

    if (rc == 0)
        rc = cc_bot_get(ctl->pg, tenant, id, ctl->mem, &bot);
    if (rc == 0)
        rc = read_loader(ctl->mem, &loader, &len);
    if (rc == 0)
        show(ctl, bot.id, loader, len);
    return rc;
}
