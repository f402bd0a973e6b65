/*
 * usage.h - what a tenant has used, by days, bots or models.  Waits.
 */
#ifndef CC_STORE_USAGE_H
#define CC_STORE_USAGE_H

#include <stdint.h>

#include "proto/store/pg.h"

enum cc_usage_group { CC_USAGE_DAY, CC_USAGE_BOT, CC_USAGE_MODEL };

struct cc_usage_query {
    const char *tenant;
    const char *bot;             /* "": all */
    int64_t first_day, last_day; /* since 1970, in UTC; both of them in it */
    enum cc_usage_group group;
};
struct cc_usage {
    const char *of;  /* "2026-11-20", a bot's id, or a model's name: "" where none was asked */
    int64_t answers; /* those that failed are none, but what they used counts */
    int64_t input_tokens, output_tokens, cached_tokens, cost; /* cost in millionths */
};
#define CC_USAGE_MAX 1000 /* rows */
/* In the order of `of`; groups of which nothing was used are left out. */
int cc_usage_list(struct cc_pg *pool, const struct cc_usage_query *query, struct cc_arena *mem,
                  struct cc_usage **ret, int *ret_n);

#endif
