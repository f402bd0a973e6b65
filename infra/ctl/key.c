#include "proto/seal/key.h"

#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/store/api_key.h"
#include "proto/store/limits.h"

#define SCOPES_MAX 6
#define GRACE_MAX  604800 /* seconds */

static int take_scopes(struct cc_ctl *ctl, struct cc_api_key *row)
{
    const char **scopes = cc_arena_array(ctl->mem, SCOPES_MAX, sizeof *scopes), *scope;

    while ((scope = cc_ctl_option(ctl, "--scope"))) {
        if (row->scopes_n == SCOPES_MAX)
            return cc_fail(CC_E_INVALID, "there are only %d scopes", SCOPES_MAX);
        scopes[row->scopes_n++] = scope;
    }
    row->scopes = row->scopes_n > 0 ? scopes : NULL;
    return 0;
}

static int take_row(struct cc_ctl *ctl, struct cc_api_key *row)
{
    const char *bot = cc_ctl_option(ctl, "--bot"), *name = cc_ctl_option(ctl, "--name");
    int rc = take_scopes(ctl, row);

    row->bot = bot ? bot : "";
    row->name = name ? name : "";
    row->created_by = "operator";
    if (rc == 0)
        rc = cc_ctl_number(ctl, "--requests", 1, CC_LIMITS_RATE, &row->rate);
    if (rc == 0)
        rc = cc_ctl_word(ctl, "TENANT", &row->tenant);
    return rc ? rc : cc_ctl_end(ctl);
}

/* The only time that it is shown. */
static void show_made(struct cc_ctl *ctl, const char *tenant, const char *id, const char *key)
{
    enum cc_key_kind kind = CC_KEY_PUBLIC;

    cc_key_parse(key, &kind);
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss ss ss ss}", "keyId", id, "key", key, "tenantId", tenant, "kind",
                              kind == CC_KEY_SECRET ? "secret" : "public");
    cc_ctl_show(ctl, shown);
}

int cc_ctl_key_add(struct cc_ctl *ctl)
{
    bool open = cc_ctl_flag(ctl, "--public"), secret = cc_ctl_flag(ctl, "--secret");
    char id[CC_ID_MAX], key[CC_KEY_MAX];
    struct cc_api_key row = {.id = cc_id_sorted("key", id)};
    int rc = take_row(ctl, &row);

    if (rc == 0 && open == secret)
        rc = cc_fail(CC_E_INVALID, "say --public or --secret");
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc == 0)
        rc =
            cc_api_key_put(ctl->pg, &row, cc_key_make(secret ? CC_KEY_SECRET : CC_KEY_PUBLIC, key));
    if (rc == 0)
        show_made(ctl, row.tenant, id, key);
    return rc;
}

static json_t *key_json(const struct cc_api_key *key)
{
    json_t *scopes = json_array();
    char created[CC_RFC3339], expires[CC_RFC3339];

    for (int i = 0; key->secret && i < key->scopes_n; i++)
        json_array_append_new(scopes, json_string(key->scopes[i]));
    return json_pack("{ss ss ss ss ss so ss sb ss* ss*}", "keyId", key->id, "name", key->name,
                     "kind", key->secret ? "secret" : "public", "hint", key->hint, "botId",
                     key->bot, "scopes", scopes, "createdAt", cc_rfc3339(key->created_ms, created),
                     "good", (int)key->good, "expiresAt",
                     key->expires_ms ? cc_rfc3339(key->expires_ms, expires) : NULL, "replacedBy",
                     *key->replaced_by ? key->replaced_by : NULL);
}

int cc_ctl_key_list(struct cc_ctl *ctl)
{
    const char *bot = cc_ctl_option(ctl, "--bot"), *after = cc_ctl_option(ctl, "--after");
    struct cc_api_key_page page = {.bot = bot ? bot : "", .after = after ? after : ""};
    struct cc_api_key *list;
    int64_t max = 100;
    int n, rc = cc_ctl_number(ctl, "--max", 1, 1000, &max);

    if (rc == 0)
        rc = cc_ctl_tenant(ctl, &page.tenant);
    page.max = (int)max;
    if (rc == 0)
        rc = cc_api_key_list(ctl->pg, &page, ctl->mem, &list, &n);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(shown, key_json(&list[i]));
    cc_ctl_show(ctl, shown);
    return 0;
}

/* The old one goes on for the grace; processes learn at once when that ends. */
int cc_ctl_key_rotate(struct cc_ctl *ctl)
{
    char id[CC_ID_MAX], words[CC_KEY_MAX];
    struct cc_api_key_rotation r = {
        .id = cc_id_sorted("key", id), .created_by = "operator", .grace_s = 86400};
    struct cc_api_key old;
    const char *hash;
    int rc = cc_ctl_number(ctl, "--grace", 0, GRACE_MAX, &r.grace_s);

    if (rc == 0)
        rc = cc_ctl_tenant_and(ctl, "KEY_ID", &r.tenant, &r.old);
    if (rc == 0)
        rc = cc_api_key_get(ctl->pg, r.tenant, r.old, ctl->mem, &old);
    if (rc)
        return rc;
    r.key = cc_key_make(old.secret ? CC_KEY_SECRET : CC_KEY_PUBLIC, words);
    rc = cc_api_key_rotate(ctl->pg, &r, ctl->mem, &hash);
    if (rc)
        return rc;
    show_made(ctl, r.tenant, id, words);
    return cc_ctl_invalidate(ctl, "key", hash);
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
