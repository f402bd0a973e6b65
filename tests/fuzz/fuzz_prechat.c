/* What visitors fill in: what is kept keeps within its bounds, and is taken again as it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/prechat.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const json_t *value)
{
    const char *text = json_string_value(value);

    if (json_is_boolean(value))
        return;
    if (!text || !*text || cc_utf8_count(text, strlen(text)) > CC_PRECHAT_MAX)
        abort();
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            abort();
}

static void check_again(const json_t *widget, const char *form, struct cc_arena *mem)
{
    CC_AUTO(json_decref)
    json_t *values = NULL;
    const char *name, *again;
    json_t *value;

    if (cc_json_parse(form, strlen(form), &values) != 0 ||
        json_object_size(values) > CC_PRECHAT_FIELDS)
        abort();
    json_object_foreach(values, name, value)
    {
        check_value(value);
    }
    if (cc_prechat_read(widget, values, mem, &again) != 0 || strcmp(again, form) != 0)
        abort();
}

/* {"widget": ..., "values": ...} */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)16 << 20);
    json_t *both = NULL;
    const char *form;

    if (cc_json_parse((const char *)data, size < 65536 ? size : 65536, &both) == 0) {
        const json_t *widget = json_object_get(both, "widget");

        if (cc_prechat_read(widget, json_object_get(both, "values"), mem, &form) == 0)
            check_again(widget, form, mem);
    }
    json_decref(both);
    cc_arena_free(&mem);
    return 0;
}
