/*
 * when.h - the moments and days that a client names: RFC 3339, or a day in UTC.
 */
#ifndef CC_GATEWAY_PURE_WHEN_H
#define CC_GATEWAY_PURE_WHEN_H

#include <stdint.h>

#define CC_DAY_MS ((int64_t)24 * 60 * 60 * 1000)

/*
 * "2026-11-20T07:30:00.5Z", "2026-11-20T08:30:00+01:00" or "2026-11-20", from the year 1970 on, in
 * Unix milliseconds.  A day means its beginning, and as an end (CC_WHEN_UNTIL) the beginning of the
 * next.  INVALID names the parameter.
 */
enum cc_when_side { CC_WHEN_FROM, CC_WHEN_UNTIL };
int cc_when_read(const char *name, const char *text, enum cc_when_side side, int64_t *ret_ms);
/* A day alone: its beginning. */
int cc_when_day(const char *name, const char *text, int64_t *ret_ms);

/* "2026-11-20" */
#define CC_WHEN_DAY_TEXT 11
char *cc_when_day_print(int64_t unix_ms, char out[CC_WHEN_DAY_TEXT]);

#endif
