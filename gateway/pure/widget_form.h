/*
 * widget_form.h - how a bot's widget looks and what it says first, as its owner sets it.
 *
 *     {"greeting": "Hello!", "starters": ["When are you open?"], "color": "#0f6b63",
 *      "theme": "auto", "position": "right", "locale": "de", "logo": "https://...",
 *      "prechat": {"fields": [{"name": "email", "label": "E-mail", "type": "email"}]}}
 *
 * Pages read it (GET /api/widget/config), our widget's and such as owners write themselves.  Other
 * members are refused, so that who mistypes one notices.
 */
#ifndef CC_GATEWAY_PURE_WIDGET_FORM_H
#define CC_GATEWAY_PURE_WIDGET_FORM_H

#include <jansson.h>

#include "proto/base/arena.h"

#define CC_WIDGET_BYTES      16384
#define CC_WIDGET_FIELDS     6  /* of the form before the first question */
#define CC_WIDGET_FIELD_NAME 40 /* characters */

/* INVALID names the member. */
int cc_widget_form_check(const json_t *widget, struct cc_arena *mem);

#endif
