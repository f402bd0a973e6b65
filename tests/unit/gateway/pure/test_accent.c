#include "gateway/pure/accent.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

/* Said once more, by the definition: WCAG 2.2, relative luminance and contrast ratio. */
static double luminance(const char *color)
{
    static const double weight[] = {0.2126, 0.7152, 0.0722};
    unsigned part[3];
    double sum = 0;

    cr_assert_eq(sscanf(color, "#%2x%2x%2x", &part[0], &part[1], &part[2]), 3);
    for (int i = 0; i < 3; i++) {
        double c = part[i] / 255.0;
        sum += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(const char *a, const char *b)
{
    double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

    return x > y ? x / y : y / x;
}

Test(accent, can_be_read_whatever_the_colour)
{
    for (unsigned value = 0; value <= 0xffffff; value += 0x0043c1) {
        struct cc_accent made;
        char color[CC_COLOR];

        snprintf(color, sizeof color, "#%06x", value & 0xffffff);
        cr_assert(cc_accent_of(color, &made));
        cr_expect_geq(contrast(color, made.on), 4.5, "on %s", color);
        cr_expect_geq(contrast(made.light, "#e4e6e9"), 4.5, "in %s on light", color);
        cr_expect_geq(contrast(made.dark, "#31363d"), 4.5, "in %s on dark", color);
    }
}

Test(accent, leaves_a_colour_alone_that_can_be_read)
{
    struct cc_accent made;

    cr_assert(cc_accent_of("#0A3D38", &made));
    cr_expect_str_eq(made.on, "#ffffff");
    cr_expect_str_eq(made.light, "#0a3d38");
}

Test(accent, knows_what_is_no_colour)
{
    static const char *const bad[] = {"", "#", "#12345", "#1234567", "red", "#12345g", "# 12345"};
    struct cc_accent made;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(cc_accent_of(bad[i], &made), "%s", bad[i]);
}
