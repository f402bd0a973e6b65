#include "proto/base/json.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"

/* Compact; 15 digits: a decimal fraction comes out as people wrote it. */
#define PRINT_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

/*
 * Before jansson sees the text: its parser recurses, and 4 kB of brackets would
 * overflow a task's stack.
 */
static bool too_deep(const char *text, size_t len)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '[' || c == '{'))
            depth++;
        else if (!in_string && (c == ']' || c == '}'))
            depth--;
        if (depth > CC_JSON_DEPTH)
            return true;
    }
    return false;
}

int cc_json_parse(const char *text, size_t len, json_t **ret)
{
    json_error_t error;

    if (too_deep(text, len))
        return cc_fail(CC_E_INVALID, "JSON: nested deeper than %d", CC_JSON_DEPTH);
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value)
        return cc_fail(CC_E_INVALID, "JSON: line %d: %s", error.line, error.text);
    *ret = value;
    return 0;
}

static int print_piece(const char *bytes, size_t len, void *out)
{
    cc_buf_add(out, bytes, len);
    return cc_buf_over(out) ? -1 : 0;
}

void cc_json_print(const json_t *value, struct cc_buf *out)
{
    json_dump_callback(value, print_piece, out, PRINT_FLAGS);
}

char *cc_json_dup(const json_t *value, struct cc_arena *mem)
{
    size_t len = json_dumpb(value, NULL, 0, PRINT_FLAGS);
    char *text = cc_arena_get(mem, len + 1);

    json_dumpb(value, text, len, PRINT_FLAGS);
    return text;
}

const char *cc_json_str(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : fallback;
}

int64_t cc_json_int(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? (int64_t)json_integer_value(value) : fallback;
}

bool cc_json_bool(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_boolean(value) ? json_is_true(value) : fallback;
}
