/*
 * days.h - the range of days that a request of figures names.
 */
#ifndef CC_GATEWAY_DAYS_H
#define CC_GATEWAY_DAYS_H

#include "gateway/request.h"

#define CC_DAYS_MAX   366
#define CC_DAYS_USUAL 30

struct cc_days { /* since 1970, in UTC; both of them in it */
    int64_t first, last;
};
/* ?from=&to=: days; to is today if absent, and from so that it is the usual number.  INVALID */
int cc_input_days(struct cc_rq *rq, struct cc_days *ret);

/* "2026-11-20" */
json_t *cc_json_day(int64_t day);

#endif
