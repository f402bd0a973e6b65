/*
 * clock.h - time.  Durations and deadlines use the monotonic clock; times that
 * people or other hosts read are Unix milliseconds.
 */
#ifndef CC_BASE_CLOCK_H
#define CC_BASE_CLOCK_H

#include <stdint.h>

int64_t cc_clock_ms(void); /* monotonic */
int64_t cc_clock_us(void); /* monotonic */
int64_t cc_unix_ms(void);

/* RFC 3339 in UTC with milliseconds, "2026-11-20T07:30:00.123Z": 25 bytes with the NUL. */
#define CC_RFC3339 25
char *cc_rfc3339(int64_t unix_ms, char out[CC_RFC3339]);

#endif
