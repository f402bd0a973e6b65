/*
 * accent.h - an owner's colour as the set that a widget paints with.
 *
 * Whatever colour it is, text on it and text in it can be read: contrast of at least 4.5 as
 * WCAG 2.2 defines it (1.4.3; relative luminance of sRGB), on the least friendly ground of the
 * widget.
 */
#ifndef CC_GATEWAY_PURE_ACCENT_H
#define CC_GATEWAY_PURE_ACCENT_H

#include <stdbool.h>

#define CC_COLOR 8 /* "#rrggbb" */

struct cc_accent {
    char on[CC_COLOR];                    /* text on the colour: white or black */
    char light[CC_COLOR], dark[CC_COLOR]; /* text in the colour, on light and on dark ground */
};

/* false: color is no "#rrggbb". */
bool cc_accent_of(const char *color, struct cc_accent *ret);

#endif
