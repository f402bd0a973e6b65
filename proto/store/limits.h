/*
 * limits.h - what a tenant or a bot may use: requests a minute, tokens and money a day.
 *
 *     {"requestsPerMinute": 60, "dailyTokens": 200000, "dailySpend": 1.5}
 *
 * Each member may be absent or null: no limit.  Days are those of UTC; money is a decimal number of
 * the installation's currency with at most six places, and is counted in millionths here and in the
 * database.  A tenant has its own limits and the operator's ceiling, a bot has its own; where
 * several say something the smallest counts.
 */
#ifndef CC_STORE_LIMITS_H
#define CC_STORE_LIMITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_LIMITS_BYTES   512 /* of such a JSON text; none that is valid is longer */
#define CC_LIMITS_RATE    INT64_C(1000000)
#define CC_LIMITS_TOKENS  INT64_C(1000000000000)
#define CC_LIMITS_SPEND   INT64_C(1000000000) /* in units */
#define CC_MONEY_MILLIONS INT64_C(1000000)    /* millionths of a unit */

struct cc_limits {
    int64_t per_minute;    /* requests; 1 and more */
    int64_t tokens, spend; /* of a day; spend in millionths; 0: nothing */
};                         /* -1: no limit */

/* INVALID names the member.  text NULL or "" reads as {}. */
int cc_limits_read(const char *text, struct cc_limits *ret);
int cc_limits_read_json(const json_t *object, struct cc_limits *ret);

/* Of each member the smallest that any of the n texts says.  Texts come from the database, where
 * only valid ones are stored: what cannot be read fails with REPLY. */
int cc_limits_least(const char *const *texts, size_t n, struct cc_limits *ret);

/* Some tokens or some money of a day are capped: what is used must be reserved. */
static inline bool cc_limits_capped(const struct cc_limits *limits)
{
    return limits->tokens >= 0 || limits->spend >= 0;
}

/* A new object of the members that are there. */
json_t *cc_limits_json(const struct cc_limits *limits);

/* An amount of millionths as a JSON number of units, exact to the last of its six places. */
json_t *cc_money_json(int64_t millionths);

#endif
