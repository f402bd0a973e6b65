#include "gateway/days.h"

#include "gateway/pure/when.h"
#include "proto/base/clock.h"

/* Leaves *ret as it is when the query does not say it. */
static int read_day(struct cc_rq *rq, const char *name, int64_t *ret)
{
    const char *text = cc_rq_query(rq, name);
    int64_t ms = 0;
    int rc = text && *text ? cc_when_day(name, text, &ms) : 0;

    if (rc == 0 && text && *text)
        *ret = ms / CC_DAY_MS;
    return rc;
}

int cc_input_days(struct cc_rq *rq, struct cc_days *ret)
{
    int64_t last = cc_unix_ms() / CC_DAY_MS, first;
    int rc = read_day(rq, "to", &last);

    first = last - CC_DAYS_USUAL + 1;
    if (rc == 0)
        rc = read_day(rq, "from", &first);
    if (rc != 0)
        return rc;
    if (first < 0)
        return cc_fail(CC_E_INVALID, "to: leaves no room for %d days before it", CC_DAYS_USUAL - 1);
    if (first > last || last - first >= CC_DAYS_MAX)
        return cc_fail(CC_E_INVALID, "from: at most %d days before to", CC_DAYS_MAX - 1);
    *ret = (struct cc_days){first, last};
    return 0;
}

json_t *cc_json_day(int64_t day)
{
    char text[CC_WHEN_DAY_TEXT];

    return json_string(cc_when_day_print(day * CC_DAY_MS, text));
}
