#include "proto/bus/revoked.h"

#include "proto/bus/redis_run.h"
#include "proto/wire/names.h"

#define ASK_MS 300 /* who is not told goes by the row */

int cc_revoked_add(struct cc_redis *live, const char *token_id, int64_t keep_s)
{
    char name[CC_NAME_MAX];

    return keep_s > 0 ? cc_flag_set(live, cc_name_revoked(token_id, name), keep_s) : 0;
}

int cc_revoked_has(struct cc_redis *live, const char *token_id, bool *ret)
{
    char name[CC_NAME_MAX];

    return cc_flag_get(live, cc_name_revoked(token_id, name), ASK_MS, ret);
}
