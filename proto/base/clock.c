#include "proto/base/clock.h"

#include <time.h>

static int64_t read_us(clockid_t which)
{
    struct timespec t;

    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t cc_clock_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t cc_clock_ms(void)
{
    return cc_clock_us() / 1000;
}

int64_t cc_unix_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

static char *put_digits(char *to, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + digits;
}

char *cc_rfc3339(int64_t unix_ms, char out[CC_RFC3339])
{
    int64_t rest = unix_ms % 1000 < 0 ? unix_ms % 1000 + 1000 : unix_ms % 1000;
    time_t seconds = (unix_ms - rest) / 1000;
    struct tm tm;

    gmtime_r(&seconds, &tm);
    const struct {
        int value, digits;
        char after;
    } parts[] = {{tm.tm_year + 1900, 4, '-'}, {tm.tm_mon + 1, 2, '-'}, {tm.tm_mday, 2, 'T'},
                 {tm.tm_hour, 2, ':'},        {tm.tm_min, 2, ':'},     {tm.tm_sec, 2, '.'},
                 {(int)rest, 3, 'Z'}};
    char *p = out;

    for (int i = 0; i < (int)(sizeof(parts) / sizeof(parts[0])); i++) {
        p = put_digits(p, parts[i].value, parts[i].digits);
        *p++ = parts[i].after;
    }
    *p = '\0';
    return out;
}
