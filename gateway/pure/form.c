#include "gateway/pure/form.h"

#include <string.h>

#include "proto/base/error.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/store/source.h"

typedef int take_fn(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                    void *place);

static bool has_controls(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] < 0x20 && !strchr("\t\n\r", text[i])) || text[i] == 0x7f)
            return true;
    return false;
}

int cc_form_text(const char *name, const char *text, size_t len, const struct cc_form_field *field,
                 struct cc_arena *mem, const char **ret)
{
    size_t chars;

    if (!cc_utf8_valid(text, len) || memchr(text, '\0', len))
        return cc_fail(CC_E_INVALID, "%s: is no text in UTF-8", name);
    text = cc_text_trim(text, len, &len);
    if (has_controls(text, len))
        return cc_fail(CC_E_INVALID, "%s: holds a control character", name);
    chars = cc_utf8_count(text, len);
    if ((int64_t)chars < field->min || (int64_t)chars > field->max)
        return cc_fail(CC_E_INVALID, "%s: wants %lld to %lld characters", name,
                       (long long)field->min, (long long)field->max);
    *ret = cc_arena_dupn(mem, text, len);
    return 0;
}

static int take_text(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                     void *place)
{
    if (!json_is_string(value))
        return cc_fail(CC_E_INVALID, "%s: wants a text", field->name);
    return cc_form_text(field->name, json_string_value(value), json_string_length(value), field,
                        mem, place);
}

static int take_id(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                   void *place)
{
    const char *id = json_string_value(value);

    if (!id || !cc_id_valid(id, field->prefix))
        return cc_fail(CC_E_INVALID, "%s: wants an id such as %s_...", field->name, field->prefix);
    *(const char **)place = cc_arena_dup(mem, id);
    return 0;
}

static int take_word(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                     void *place)
{
    const char *word = json_string_value(value);

    (void)mem;
    for (size_t i = 0; word && field->words[i]; i++)
        if (strcmp(field->words[i], word) == 0) {
            *(const char **)place = field->words[i];
            return 0;
        }
    return cc_fail(CC_E_INVALID, "%s: wants one of its words, such as \"%s\"", field->name,
                   field->words[0]);
}

static int take_number(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                       void *place)
{
    json_int_t n = json_integer_value(value);

    (void)mem;
    if (!json_is_integer(value) || n < field->min || n > field->max)
        return cc_fail(CC_E_INVALID, "%s: wants a whole number from %lld to %lld", field->name,
                       (long long)field->min, (long long)field->max);
    *(int64_t *)place = n;
    return 0;
}

static int take_real(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                     void *place)
{
    double n = json_number_value(value);

    (void)mem;
    if (!json_is_number(value) || !(n >= (double)field->min && n <= (double)field->max))
        return cc_fail(CC_E_INVALID, "%s: wants a number from %lld to %lld", field->name,
                       (long long)field->min, (long long)field->max);
    *(double *)place = n;
    return 0;
}

static int take_switch(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                       void *place)
{
    (void)mem;
    if (!json_is_boolean(value))
        return cc_fail(CC_E_INVALID, "%s: wants true or false", field->name);
    *(int *)place = json_is_true(value);
    return 0;
}

static bool holds(const char *const *at, int n, const char *text)
{
    for (int i = 0; i < n; i++)
        if (strcmp(at[i], text) == 0)
            return true;
    return false;
}

static int take_texts(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                      void *place)
{
    const struct cc_form_field each = {.min = 1, .max = field->each};
    size_t n = json_array_size(value);
    const char **at = cc_arena_array(mem, n + 1, sizeof *at);
    struct cc_texts texts = {at, 0};
    int rc = 0;

    if (!json_is_array(value) || (int64_t)n < field->min || (int64_t)n > field->max)
        return cc_fail(CC_E_INVALID, "%s: wants a list of %lld to %lld texts", field->name,
                       (long long)field->min, (long long)field->max);
    for (size_t i = 0; i < n && rc == 0; i++) {
        const json_t *one = json_array_get(value, i);

        if (!json_is_string(one))
            return cc_fail(CC_E_INVALID, "%s: wants a list of texts", field->name);
        rc = cc_form_text(field->name, json_string_value(one), json_string_length(one), &each, mem,
                          &at[texts.n]);
        if (rc == 0 && !holds(at, texts.n, at[texts.n]))
            texts.n++;
    }
    if (rc == 0)
        *(struct cc_texts *)place = texts;
    return rc;
}

static int take_object(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                       void *place)
{
    const char *text;

    if (!json_is_object(value))
        return cc_fail(CC_E_INVALID, "%s: wants an object", field->name);
    text = cc_json_dup(value, mem);
    if ((int64_t)strlen(text) > field->max)
        return cc_fail(CC_E_INVALID, "%s: wants at most %lld bytes", field->name,
                       (long long)field->max);
    *(const char **)place = text;
    return 0;
}

static int take_json(const struct cc_form_field *field, const json_t *value, struct cc_arena *mem,
                     void *place)
{
    (void)field;
    (void)mem;
    *(const json_t **)place = value;
    return 0;
}

static take_fn *const takes[] = {
    [CC_FIELD_TEXT] = take_text,   [CC_FIELD_ID] = take_id,
    [CC_FIELD_WORD] = take_word,   [CC_FIELD_NUMBER] = take_number,
    [CC_FIELD_REAL] = take_real,   [CC_FIELD_SWITCH] = take_switch,
    [CC_FIELD_TEXTS] = take_texts, [CC_FIELD_OBJECT] = take_object,
    [CC_FIELD_JSON] = take_json,
};

static const struct cc_form_field *field_of(const struct cc_form_field *fields, size_t n,
                                            const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

int cc_form_read(const json_t *object, const struct cc_form_field *fields, size_t n,
                 struct cc_arena *mem, void *ret)
{
    const char *name;
    json_t *value;
    int rc = json_is_object(object) ? 0 : cc_fail(CC_E_INVALID, "a JSON object is wanted");

    for (size_t i = 0; i < n && rc == 0; i++)
        if (fields[i].wanted && !json_object_get(object, fields[i].name))
            rc = cc_fail(CC_E_INVALID, "%s: is missing", fields[i].name);
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const struct cc_form_field *field = field_of(fields, n, name);

        if (rc == 0 && !field)
            rc = cc_fail(CC_E_INVALID, "%.100s: there is no such member", name);
        if (rc == 0 && (field->wanted || !json_is_null(value)))
            rc = takes[field->kind](field, value, mem, (char *)ret + field->at);
    }
    return rc;
}
