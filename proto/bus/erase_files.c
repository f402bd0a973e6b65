/* The files of a Redis server: its log and its snapshot, written anew. */
#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/bus/erase.h"
#include "proto/bus/redis_run.h"
#include "proto/task/task.h"

#define LOOK_MS 50 /* between two looks at how far the server is: it tells nobody */

/* One kind of file: how it is written anew, and what INFO says of it. */
static const struct file {
    const char *command, *enabled; /* enabled "": by the setting `save` */
    const char *at_work, *waits, *went_well;
} files[] = {
    {"BGREWRITEAOF", "aof_enabled:1\r\n", "aof_rewrite_in_progress:1\r\n",
     "aof_rewrite_scheduled:1\r\n", "aof_last_bgrewrite_status:ok\r\n"},
    {"BGSAVE", "", "rdb_bgsave_in_progress:1\r\n", "\r\nno such line\r\n",
     "rdb_last_bgsave_status:ok\r\n"},
};

static int look(struct cc_redis *redis, redisReply **ret)
{
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "INFO");
    cc_cmd_text(&cmd, "persistence");
    return cc_redis_call(redis, &cmd, ret, CC_REDIS_MS);
}

/* Waits until the server is not writing that file. */
static int until_idle(struct cc_redis *redis, const struct file *file, int64_t deadline_ms,
                      bool *ret_well)
{
    for (;;) {
        CC_AUTO(freeReplyObject)
        redisReply *reply = NULL;
        int rc = look(redis, &reply);

        if (rc)
            return rc;
        if (!strstr(reply->str, file->at_work) && !strstr(reply->str, file->waits)) {
            *ret_well = strstr(reply->str, file->went_well) != NULL;
            return 0;
        }
        if (cc_now() >= deadline_ms)
            return cc_fail(CC_E_TIMEOUT, "redis: %s takes too long", file->command);
        rc = cc_sleep(LOOK_MS);
        if (rc)
            return rc;
    }
}

/* One that was at work before may hold what has been removed since: it is waited for, and ours
 * comes behind it. */
static int write_file(struct cc_redis *redis, const struct file *file, int64_t deadline_ms)
{
    bool well = false;
    int rc = 0;

    while (rc == 0 && !well) {
        struct cc_cmd cmd;

        rc = until_idle(redis, file, deadline_ms, &well);
        if (rc)
            return rc;
        well = false;
        cc_cmd_init(&cmd, file->command);
        rc = cc_redis_call(redis, &cmd, NULL, CC_REDIS_MS);
        if (rc == CC_E_REPLY) /* another file is being written, or somebody was faster */
            rc = cc_sleep(LOOK_MS);
        else if (rc == 0)
            rc = until_idle(redis, file, deadline_ms, &well);
        if (rc == 0 && !well && cc_now() >= deadline_ms)
            rc = cc_fail(CC_E_TIMEOUT, "redis: %s does not succeed", file->command);
    }
    return rc;
}

static int is_wanted(struct cc_redis *redis, const struct file *file, bool *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_arena *mem;
    const char *save;
    int rc;

    if (*file->enabled) {
        rc = look(redis, &reply);
        if (rc == 0)
            *ret = strstr(reply->str, file->enabled) != NULL;
        return rc;
    }
    mem = cc_arena_new(1 << 16);
    rc = cc_redis_setting(redis, "save", mem, &save);
    if (rc == 0)
        *ret = *save != '\0';
    cc_arena_free(&mem);
    return rc;
}

int cc_erase_files(struct cc_redis *redis, int64_t deadline_ms)
{
    bool wanted = false;
    int rc = 0;

    for (size_t i = 0; i < sizeof files / sizeof *files && rc == 0; i++) {
        rc = is_wanted(redis, &files[i], &wanted);
        if (rc == 0 && wanted)
            rc = write_file(redis, &files[i], deadline_ms);
    }
    return rc;
}
