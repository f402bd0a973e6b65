#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/clock.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/bus/queue.h"
#include "proto/wire/names.h"

#define LIST_MAX 200

static int stream_of(const char *name, const char **ret)
{
    static const struct {
        const char *name, *stream;
    } table[] = {{"chat", CC_STREAM_CHAT}, {"ingest", CC_STREAM_INGEST}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) {
            *ret = table[i].stream;
            return 0;
        }
    return cc_fail(CC_E_INVALID, "chat or ingest, not %s", name);
}

static int list_one(struct cc_ctl *ctl, const char *name, int max, json_t *shown)
{
    struct cc_dead *dead = cc_arena_array(ctl->mem, (size_t)max, sizeof *dead);
    const char *stream;
    char at[CC_RFC3339];
    int n, rc = stream_of(name, &stream);

    if (rc == 0)
        rc = cc_ctl_queue(ctl);
    if (rc == 0)
        rc = cc_dead_list(ctl->queue, stream, "", max, ctl->mem, dead, &n);
    for (int i = 0; rc == 0 && i < n; i++)
        json_array_append_new(
            shown, json_pack("{ss ss ss ss ss ss}", "queue", name, "entry", dead[i].entry,
                             "buriedAt", cc_rfc3339(dead[i].buried_ms, at), "tenantId",
                             dead[i].tenant, "job", dead[i].job, "reason", dead[i].reason));
    return rc;
}

int cc_ctl_dead_list(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    const char *max_text = cc_ctl_option(ctl, "--max"), *name = NULL;
    int64_t max = 50;
    int rc = ctl->argc ? cc_ctl_word(ctl, "chat or ingest", &name) : 0;

    if (rc == 0 && max_text && !cc_text_int(max_text, 1, LIST_MAX, &max))
        rc = cc_fail(CC_E_INVALID, "--max takes 1 to %d", LIST_MAX);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0 && name)
        rc = list_one(ctl, name, (int)max, shown);
    if (rc == 0 && !name)
        rc = list_one(ctl, "chat", (int)max, shown);
    if (rc == 0 && !name)
        rc = list_one(ctl, "ingest", (int)max, shown);
    if (rc == 0)
        cc_ctl_show(ctl, shown);
    return rc;
}

int cc_ctl_dead_requeue(struct cc_ctl *ctl)
{
    const char *name, *entry, *stream;
    int rc = cc_ctl_word(ctl, "chat or ingest", &name);

    if (rc == 0)
        rc = cc_ctl_word(ctl, "ENTRY", &entry);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        rc = stream_of(name, &stream);
    if (rc == 0)
        rc = cc_ctl_queue(ctl);
    if (rc == 0)
        rc = cc_dead_requeue(ctl->queue, stream, entry);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss sb}", "entry", entry, "requeued", 1);
    cc_ctl_show(ctl, shown);
    return 0;
}
