/* One value, for scripts or for people. */
#include <stdio.h>
#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/json.h"

static void show_scalar(const json_t *value)
{
    CC_AUTO(json_decref)
    json_t *copy = NULL;
    struct cc_buf text;

    if (json_is_string(value)) {
        fputs(json_string_value(value), stdout);
        return;
    }
    cc_buf_init(&text, 1 << 20);
    cc_json_print(value, &text);
    fputs(text.bytes, stdout);
    cc_buf_done(&text);
}

static void show_members(const json_t *object, const char *between, const char *after)
{
    const char *key, *separator = "";
    const json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        printf("%s%s: ", separator, key);
        show_scalar(value);
        separator = between;
    }
    fputs(after, stdout);
}

static void show_list(const json_t *list)
{
    size_t i;
    const json_t *row;

    if (json_array_size(list) == 0)
        puts("none");
    json_array_foreach(list, i, row) show_members(row, "  ", "\n");
}

void cc_ctl_show(const struct cc_ctl *ctl, const json_t *value)
{
    if (ctl->json) {
        show_scalar(value);
        putchar('\n');
    } else if (json_is_array(value)) {
        show_list(value);
    } else {
        show_members(value, "\n", "\n");
    }
}
