/*
 * memo.h - a bounded cache in this process: text -> something in an arena, for a while.
 *
 * Each key has one place; a newer entry of the same place pushes the older one out.
 * What get returns is valid until the next wait: copy what is needed longer.
 */
#ifndef CC_GATEWAY_PURE_MEMO_H
#define CC_GATEWAY_PURE_MEMO_H

#include <stdint.h>

#include "proto/base/arena.h"

struct cc_memo;

struct cc_memo *cc_memo_new(size_t places);
void cc_memo_free(struct cc_memo **memo);

/* NULL when absent or older than its time. */
const void *cc_memo_get(const struct cc_memo *memo, const char *key, int64_t now_ms);
/* Takes mem, in which value lives. */
void cc_memo_put(struct cc_memo *memo, const char *key, const void *value, struct cc_arena *mem,
                 int64_t until_ms);
void cc_memo_drop(struct cc_memo *memo, const char *key);
void cc_memo_clear(struct cc_memo *memo);

#endif
