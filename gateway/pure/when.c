#include "gateway/pure/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/base/clock.h"
#include "proto/base/error.h"

/* Digits in text, one after the other; false: something else stands there. */
struct reader {
    const char *at;
    bool ok;
};

static int digits(struct reader *r, int n, int min, int max)
{
    int value = 0;

    for (int i = 0; i < n && r->ok; i++) {
        r->ok = *r->at >= '0' && *r->at <= '9';
        if (r->ok)
            value = value * 10 + (*r->at++ - '0');
    }
    r->ok = r->ok && value >= min && value <= max;
    return value;
}

static bool has(struct reader *r, const char *one_of)
{
    bool found = r->ok && *r->at && strchr(one_of, *r->at);

    r->at += found ? 1 : 0;
    return found;
}

static void wants(struct reader *r, const char *one_of)
{
    r->ok = has(r, one_of);
}

/* A day that the calendar does not have comes back as another one. */
static int64_t read_day(struct reader *r)
{
    struct tm day = {0}, back;
    time_t at;

    day.tm_year = digits(r, 4, 1970, 9999) - 1900;
    wants(r, "-");
    day.tm_mon = digits(r, 2, 1, 12) - 1;
    wants(r, "-");
    day.tm_mday = digits(r, 2, 1, 31);
    if (!r->ok)
        return 0;
    back = day;
    at = timegm(&back);
    r->ok = back.tm_mday == day.tm_mday;
    return (int64_t)at * 1000;
}

/* Below milliseconds nothing is kept. */
static int read_fraction(struct reader *r)
{
    int ms = 0, weight = 100, n = 0;

    if (!has(r, "."))
        return 0;
    for (; r->ok && *r->at >= '0' && *r->at <= '9'; n++, weight /= 10)
        ms += weight * (*r->at++ - '0');
    r->ok = r->ok && n > 0 && n <= 9;
    return ms;
}

static int64_t read_zone(struct reader *r)
{
    int64_t sign = *r->at == '-' ? -1 : 1, minutes;

    if (has(r, "Zz"))
        return 0;
    wants(r, "+- "); /* a plus that was not escaped in a query is a blank */
    minutes = digits(r, 2, 0, 23) * 60;
    wants(r, ":");
    minutes += digits(r, 2, 0, 59);
    return sign * minutes * 60000;
}

static int64_t read_time(struct reader *r)
{
    int64_t ms = digits(r, 2, 0, 23) * 3600000;

    wants(r, ":");
    ms += digits(r, 2, 0, 59) * 60000;
    wants(r, ":");
    ms += digits(r, 2, 0, 59) * 1000;
    ms += read_fraction(r);
    return ms - read_zone(r);
}

int cc_when_read(const char *name, const char *text, enum cc_when_side side, int64_t *ret_ms)
{
    struct reader r = {text, true};
    int64_t ms = read_day(&r);

    if (r.ok && has(&r, "Tt "))
        ms += read_time(&r);
    else if (side == CC_WHEN_UNTIL)
        ms += CC_DAY_MS;
    if (!r.ok || *r.at || ms < 0)
        return cc_fail(CC_E_INVALID, "%s: a time such as 2026-11-20T07:30:00Z, or a day", name);
    *ret_ms = ms;
    return 0;
}

int cc_when_day(const char *name, const char *text, int64_t *ret_ms)
{
    struct reader r = {text, true};
    int64_t ms = read_day(&r);

    if (!r.ok || *r.at)
        return cc_fail(CC_E_INVALID, "%s: a day such as 2026-11-20", name);
    *ret_ms = ms;
    return 0;
}

char *cc_when_day_print(int64_t unix_ms, char out[CC_WHEN_DAY_TEXT])
{
    char text[CC_RFC3339];

    snprintf(out, CC_WHEN_DAY_TEXT, "%.10s", cc_rfc3339(unix_ms, text));
    return out;
}
