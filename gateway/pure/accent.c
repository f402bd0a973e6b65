#include "gateway/pure/accent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define READABLE 4.5
#define STEPS    100 /* from the colour to black or white */

struct rgb {
    double part[3]; /* 0 to 255 */
};
static const struct rgb white = {{255, 255, 255}}, black = {{0, 0, 0}};
/* The darkest that is light and the lightest that is dark: --line of the widget's style. */
static const struct rgb light_ground = {{228, 230, 233}}, dark_ground = {{49, 54, 61}};

static bool read_color(const char *text, struct rgb *ret)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    unsigned part[3];

    if (strlen(text) != CC_COLOR - 1 || text[0] != '#' || strspn(text + 1, digits) != 6)
        return false;
    if (sscanf(text + 1, "%2x%2x%2x", &part[0], &part[1], &part[2]) != 3)
        return false;
    for (int i = 0; i < 3; i++)
        ret->part[i] = part[i];
    return true;
}

static void write_color(const struct rgb *from, char out[CC_COLOR])
{
    snprintf(out, CC_COLOR, "#%02x%02x%02x", (unsigned char)lround(from->part[0]),
             (unsigned char)lround(from->part[1]), (unsigned char)lround(from->part[2]));
}

/* As it will be written: what counts is the colour of whole numbers. */
static double linear(double part)
{
    double c = round(part) / 255;

    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(const struct rgb *c)
{
    return 0.2126 * linear(c->part[0]) + 0.7152 * linear(c->part[1]) + 0.0722 * linear(c->part[2]);
}

static double contrast(const struct rgb *a, const struct rgb *b)
{
    double ratio = (luminance(a) + 0.05) / (luminance(b) + 0.05);

    return ratio < 1 ? 1 / ratio : ratio;
}

/* Mixed with black or white until it can be read on that ground. */
static struct rgb readable(const struct rgb *from, const struct rgb *to, const struct rgb *ground)
{
    struct rgb mixed = *from;

    for (int step = 1; step <= STEPS && contrast(&mixed, ground) < READABLE; step++)
        for (int i = 0; i < 3; i++)
            mixed.part[i] = from->part[i] + (to->part[i] - from->part[i]) * step / STEPS;
    return mixed;
}

bool cc_accent_of(const char *color, struct cc_accent *ret)
{
    struct rgb accent, mixed;

    if (!read_color(color, &accent))
        return false;
    write_color(contrast(&accent, &white) >= READABLE ? &white : &black, ret->on);
    mixed = readable(&accent, &black, &light_ground);
    write_color(&mixed, ret->light);
    mixed = readable(&accent, &white, &dark_ground);
    write_color(&mixed, ret->dark);
    return true;
}
