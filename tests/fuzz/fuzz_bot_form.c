/* Settings of a bot from any client: what is taken keeps within its bounds, and what is printed of
 * it is taken again and prints the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/bot_form.h"
#include "gateway/pure/origin.h"
#include "gateway/pure/widget_form.h"
#include "proto/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bounds(const struct cc_bot *bot)
{
    if (bot->temperature > 2 || bot->max_tokens < 1 || bot->max_tokens > 100000 || bot->top_k < 1 ||
        bot->top_k > 50 || !(bot->threshold >= 0 && bot->threshold <= 1))
        abort();
    if (strlen(bot->limits) > 512 || strlen(bot->widget) > CC_WIDGET_BYTES ||
        strlen(bot->name) > 400)
        abort();
}

/* A written origin is the pattern that it is compared as. */
static void check_origins(const json_t *shown)
{
    char again[CC_ORIGIN_MAX];
    size_t i;
    json_t *origin;

    json_array_foreach(json_object_get(shown, "allowedOrigins"), i, origin)
    {
        const char *text = json_string_value(origin);

        if (strcmp(text, "*") != 0 && (!cc_origin_pattern(text, again) || strcmp(text, again) != 0))
            abort();
    }
}

static void check_again(const json_t *shown, struct cc_arena *mem)
{
    struct cc_bot read = cc_bot_fresh, laid = cc_bot_fresh;
    CC_AUTO(json_decref)
    json_t *members = json_deep_copy(shown);

    if (!*json_string_value(json_object_get(members, "name"))) /* nobody has named it */
        json_object_del(members, "name");
    if (cc_bot_form_read(members, mem, &read) != 0)
        abort();
    cc_bot_form_lay(shown, mem, &laid);
    CC_AUTO(json_decref)
    json_t *by_read = cc_bot_form_json(&read);
    CC_AUTO(json_decref)
    json_t *by_lay = cc_bot_form_json(&laid);
    if (!json_equal(by_read, shown) || !json_equal(by_lay, shown))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)64 << 20);
    struct cc_bot bot = cc_bot_fresh;
    json_t *members = NULL, *shown;

    if (cc_json_parse((const char *)data, size < 65536 ? size : 65536, &members) == 0 &&
        cc_bot_form_read(members, mem, &bot) == 0) {
        check_bounds(&bot);
        shown = cc_bot_form_json(&bot);
        check_origins(shown);
        check_again(shown, mem);
        json_decref(shown);
    }
    json_decref(members);
    cc_arena_free(&mem);
    return 0;
}
