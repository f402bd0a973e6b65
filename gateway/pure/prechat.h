/*
 * prechat.h - what a bot's visitor is asked for before his first question, and what he said.
 *
 *     widget: {"prechat": {"fields": [{"name": "mail", "type": "email", "required": true}]}}
 *     values: {"mail": "ada@example.com"}
 *
 * The fields are as the owner set them (widget_form.h); what is not as it should be of them is as
 * if it were not there.
 */
#ifndef CC_GATEWAY_PURE_PRECHAT_H
#define CC_GATEWAY_PURE_PRECHAT_H

#include <jansson.h>

#include "proto/base/arena.h"

#define CC_PRECHAT_FIELDS 6
#define CC_PRECHAT_MAX    300 /* characters of a value */

/*
 * What was said, as a JSON object in the fields' order; what was left empty is not in it.
 * CONFLICT: the bot asks for nothing.  INVALID names the value, and one that nobody asked for.
 */
int cc_prechat_read(const json_t *widget, const json_t *values, struct cc_arena *mem,
                    const char **ret);

#endif
