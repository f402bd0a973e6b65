#include "gateway/pure/when.h"

#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/error.h"

static const struct {
    const char *text;
    int64_t from, until; /* -1: refused */
} moments[] = {
    {"1970-01-01", 0, CC_DAY_MS},
    {"2026-11-20", 1795132800000, 1795132800000 + CC_DAY_MS},
    {"2024-02-29", 1709164800000, 1709164800000 + CC_DAY_MS},
    {"2026-11-20T00:00:00Z", 1795132800000, 1795132800000},
    {"2026-11-20t07:30:01.5z", 1795159801500, 1795159801500},
    {"2026-11-20T07:30:01.123456789Z", 1795159801123, 1795159801123},
    {"2026-11-20T08:30:01+01:00", 1795159801000, 1795159801000},
    {"2026-11-20T08:30:01 01:00", 1795159801000, 1795159801000},
    {"2026-11-20T02:00:01-05:30", 1795159801000, 1795159801000},
    {"", -1, -1},
    {"2026", -1, -1},
    {"2026-11-2", -1, -1},
    {"2026-11-20x", -1, -1},
    {"2026-02-29", -1, -1},
    {"2026-02-30", -1, -1},
    {"2026-13-01", -1, -1},
    {"2026-00-01", -1, -1},
    {"1969-12-31", -1, -1},
    {"1970-01-01T00:00:00+01:00", -1, -1},
    {"2026-11-20T", -1, -1},
    {"2026-11-20T07:30:01", -1, -1},
    {"2026-11-20T24:00:00Z", -1, -1},
    {"2026-11-20T07:60:00Z", -1, -1},
    {"2026-11-20T07:30:60Z", -1, -1},
    {"2026-11-20T07:30:01.Z", -1, -1},
    {"2026-11-20T07:30:01.1234567891Z", -1, -1},
    {"2026-11-20T07:30:01Z ", -1, -1},
    {"2026-11-20T07:30:01+0100", -1, -1},
    {"2026-11-20T07:30:01+24:00", -1, -1},
    {"-026-11-20", -1, -1},
};

Test(moment, is_read_as_its_table_says)
{
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        int64_t from = -1, until = -1;
        int rc = cc_when_read("from", moments[i].text, CC_WHEN_FROM, &from);

        cr_expect_eq(rc, moments[i].from < 0 ? CC_E_INVALID : 0, "%s", moments[i].text);
        cr_expect_eq(from, moments[i].from, "%s: %lld", moments[i].text, (long long)from);
        cc_when_read("to", moments[i].text, CC_WHEN_UNTIL, &until);
        cr_expect_eq(until, moments[i].until, "%s: %lld", moments[i].text, (long long)until);
    }
}

Test(moment, names_the_parameter_that_is_wrong)
{
    int64_t ms;

    cr_assert_eq(cc_when_read("from", "yesterday", CC_WHEN_FROM, &ms), CC_E_INVALID);
    cr_assert_eq(strncmp(cc_fail_text(), "from: ", 6), 0);
}

Test(day, is_a_day_alone)
{
    int64_t ms = -1;

    cr_assert_eq(cc_when_day("to", "2026-11-20T00:00:00Z", &ms), CC_E_INVALID);
    cr_assert_eq(ms, -1);
    cr_assert_eq(cc_when_day("to", "2026-11-20", &ms), 0);
    cr_assert_eq(ms, 1795132800000);
}

Test(day, is_printed_as_it_is_read)
{
    char text[CC_WHEN_DAY_TEXT];

    cr_assert_str_eq(cc_when_day_print(1795159801123, text), "2026-11-20");
}
