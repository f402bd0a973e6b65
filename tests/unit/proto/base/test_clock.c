#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "proto/base/clock.h"

Test(clock, never_goes_back)
{
    int64_t before = cc_clock_us();

    for (int i = 0; i < 1000; i++) {
        int64_t now = cc_clock_us();

        cr_assert_geq(now, before);
        before = now;
    }
    cr_assert_leq(llabs((long long)(cc_clock_ms() - before / 1000)), 1000);
}

Test(clock, agrees_with_the_calendar)
{
    int64_t here = cc_unix_ms() / 1000;

    cr_assert_leq(llabs((long long)(here - (int64_t)time(NULL))), 1);
}

Test(clock, prints_RFC_3339_in_UTC)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00.000Z"},
                 {1763623800123, "2025-11-20T07:30:00.123Z"},
                 {951782399999, "2000-02-28T23:59:59.999Z"},
                 {951782400000, "2000-02-29T00:00:00.000Z"},
                 {253402300799999, "9999-12-31T23:59:59.999Z"},
                 {-1, "1969-12-31T23:59:59.999Z"}};
    char out[CC_RFC3339];

    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_assert_str_eq(cc_rfc3339(cases[i].ms, out), cases[i].text);
}
