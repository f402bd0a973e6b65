/*
 * bot_form.h - the settings of a bot as clients write and read them: one table of members.
 *
 *     {"name": "Help", "provider": "openai", "model": "gpt-4o-mini", "prompt": "Be kind.",
 *      "temperature": 0.2, "maxTokens": 800, "topK": 6, "threshold": 0, "refusal": "",
 *      "retrieval": {}, "chunking": {}, "widget": {"greeting": "Hi"}, "limits": {},
 *      "allowedOrigins": ["https://example.com"], "serverUse": false, "identity": "optional"}
 */
#ifndef CC_GATEWAY_PURE_BOT_FORM_H
#define CC_GATEWAY_PURE_BOT_FORM_H

#include <jansson.h>

#include "proto/store/bot.h"

/*
 * Lays the members of a client over the bot; those that are absent stay, temperature null is the
 * model's own.  INVALID names the member, and one that there is not.  retrieval and chunking are
 * only seen to be objects: proto/vec/tuning.h tells more.
 */
int cc_bot_form_read(const json_t *members, struct cc_arena *mem, struct cc_bot *bot);

/* The same of members that were checked when they were stored: a draft, a version. */
void cc_bot_form_lay(const json_t *members, struct cc_arena *mem, struct cc_bot *bot);

/* All members; a new object. */
json_t *cc_bot_form_json(const struct cc_bot *bot);

#endif
