/*
 * redis.h - one multiplexed, auto-pipelined connection per process and server.
 *
 * All commands of all tasks that run in one turn of the loop leave in one
 * write; a call parks until its replies are in.  A blocking command
 * (XREADGROUP BLOCK) needs a connection of its own: it would hold up everybody.
 * SIGPIPE is ignored from the first open on, unless the program handles it.
 * A lost link is re-made with back-off; while it is down calls fail at once with DOWN.
 * Outside of proto/bus only open, close, up, ping and the scripts' modules are used:
 * hiredis's types stay in here (redis_run.h).
 */
#ifndef CC_BUS_REDIS_H
#define CC_BUS_REDIS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/task/task.h"

struct cc_redis;

/* url: redis://ADDRESS:PORT (numeric address, or localhost), redis://:PASSWORD@..., or unix:PATH */
int cc_redis_open(const char *url, struct cc_redis **ret); /* connects in the background */
void cc_redis_close(struct cc_redis **redis);
bool cc_redis_is_up(const struct cc_redis *redis);
int cc_redis_ready(struct cc_redis *redis, int64_t deadline_ms); /* Waits until the link is up. */
int cc_redis_ping(struct cc_redis *redis, int timeout_ms);       /* Waits. */

/* Waits.  CONFIG GET, for operators' tools.  NOTFOUND */
int cc_redis_setting(struct cc_redis *redis, const char *name, struct cc_arena *mem,
                     const char **ret);

/* Grows by one each time the link was made again: what was sent or heard before may be lost. */
uint64_t cc_redis_epoch(const struct cc_redis *redis);

/* Channels: messages queue up (at most cap) until taken; the oldest make room. */
struct cc_sub;
int cc_sub_open(struct cc_redis *redis, const char *channel, int cap,
                struct cc_sub **ret); /* Waits. */
/* Waits.  text is malloc'ed, NUL-terminated, the caller's to free().  FENCED (once per event):
 * messages may have been lost, because the link was re-made or the queue overflowed: look at the
 * truth again. */
int cc_sub_next(struct cc_sub *sub, int64_t deadline_ms, char **ret_text, size_t *ret_len);
void cc_sub_close(struct cc_sub **sub);

int cc_publish(struct cc_redis *redis, const char *channel, const char *text,
               size_t len); /* Waits. */
/* The same without waiting: nobody learns whether it came there.  DOWN, BUSY. */
int cc_publish_soon(struct cc_redis *redis, const char *channel, const char *text, size_t len);

#endif
