/*
 * redis_run.h - commands as data, and the one place that runs them.  For proto/bus only.
 *
 *     cc_cmd_init(&cmd, "HDEL");
 *     cc_cmd_text(&cmd, key);
 *     rc = cc_redis_call(redis, &cmd, &reply, CC_REDIS_MS);
 *
 * A command keeps pointers: what it was given must live until the call returns, and it must not
 * be copied.
 */
#ifndef CC_BUS_REDIS_RUN_H
#define CC_BUS_REDIS_RUN_H

#include <hiredis/hiredis.h>
#include <stddef.h>

#include "proto/base/clean.h"
#include "proto/base/hash.h"
#include "proto/bus/redis.h"
#include "proto/bus/redis_link.h"

CC_CLEANER(redisReply *, freeReplyObject)

#define CC_REDIS_MS 2000 /* what a command may take unless it blocks on purpose */

#define CC_CMD_MAX     28
#define CC_CMD_NUMBERS 12
struct cc_cmd {
    int argc, numbers;
    const char *argv[CC_CMD_MAX];
    size_t len[CC_CMD_MAX];
    char digits[CC_CMD_NUMBERS][24];
};
void cc_cmd_init(struct cc_cmd *cmd, const char *name);
void cc_cmd_text(struct cc_cmd *cmd, const char *text);
void cc_cmd_bytes(struct cc_cmd *cmd, const void *bytes, size_t len);
void cc_cmd_number(struct cc_cmd *cmd, int64_t number);
void cc_cmd_texts(struct cc_cmd *cmd, const char *const *texts); /* up to NULL */
#define CC_CMD_TEXTS(cmd, ...) cc_cmd_texts(cmd, (const char *const[]){__VA_ARGS__, NULL})

/*
 * Waits for n replies; 0 when all are in, errors of the server included: replies[0..n) are then
 * the caller's to freeReplyObject().  DOWN, BUSY (too much unanswered), TIMEOUT, CANCELLED.
 */
int cc_redis_run(struct cc_redis *redis, const struct cc_cmd *cmds, int n, redisReply **replies,
                 int timeout_ms);

/* Waits.  One command; an error of the server is a code, too.  ret may be NULL. */
int cc_redis_call(struct cc_redis *redis, const struct cc_cmd *cmd, redisReply **ret,
                  int timeout_ms);

/* 0, or the code of an error reply: REPLY, DOWN (not able now), BUSY (no memory). */
int cc_reply_check(const redisReply *reply);
bool cc_reply_is(const redisReply *reply, const char *error); /* such as "NOGROUP" */
/* The same, and *ret (may be NULL) is the caller's when it is 0; else reply is freed. */
int cc_reply_take(redisReply *reply, redisReply **ret);

/* Never fail: a nil for what is not there, 0 for what is no number. */
const redisReply *cc_reply_at(const redisReply *array, size_t i);
int64_t cc_reply_number(const redisReply *reply); /* integers, and texts of digits */
bool cc_reply_has_text(const redisReply *reply);

/* A Lua script is named by its SHA-1, which we compute: it is sent once per server. */
struct cc_script {
    const char *lua;
    char sha1[CC_SHA1_HEX];
};
/* Keys, then arguments, are appended afterwards. */
void cc_script_cmd(struct cc_cmd *cmd, struct cc_script *script, int keys);
int cc_script_call(struct cc_redis *redis, const struct cc_script *script, struct cc_cmd *cmd,
                   redisReply **ret); /* Waits.  CC_REDIS_MS for each of two tries at most. */

/* flag.c: keys that say something by being there.  Wait. */
int cc_flag_set(struct cc_redis *redis, const char *key, int64_t keep_s);
int cc_flag_get(struct cc_redis *redis, const char *key, int timeout_ms, bool *ret);

/* ---- between redis.c and sub.c ---- */
struct cc_subs;
void cc_subs_free(struct cc_subs *subs); /* no subscription may be open */
const struct cc_redis_url *cc_redis_url_of(const struct cc_redis *redis);
struct cc_subs **cc_redis_subs(struct cc_redis *redis);

#endif
