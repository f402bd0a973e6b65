#include "gateway/pure/prechat.h"

#include <string.h>

#include "gateway/pure/form.h"
#include "proto/base/email.h"
#include "proto/base/error.h"
#include "proto/base/json.h"

struct field {
    const char *name, *type;
    bool required;
    const json_t *options;
};
struct fields {
    struct field at[CC_PRECHAT_FIELDS];
    int n;
};

/* ---- what is asked for ---- */

static const struct field *find(const struct fields *fields, const char *name)
{
    for (int i = 0; i < fields->n; i++)
        if (strcmp(fields->at[i].name, name) == 0)
            return &fields->at[i];
    return NULL;
}

static void read_fields(const json_t *widget, struct fields *ret)
{
    const json_t *prechat = json_object_get(widget, "prechat"),
                 *list = json_object_get(prechat, "fields");

    ret->n = 0;
    for (size_t i = 0; i < json_array_size(list) && ret->n < CC_PRECHAT_FIELDS; i++) {
        const json_t *row = json_array_get(list, i);
        struct field field = {.name = cc_json_str(row, "name", ""),
                              .type = cc_json_str(row, "type", "text"),
                              .required = cc_json_bool(row, "required", false),
                              .options = json_object_get(row, "options")};

        if (*field.name && !find(ret, field.name))
            ret->at[ret->n++] = field;
    }
}

/* ---- what was said ---- */

static bool any(const struct field *field, const char *text)
{
    (void)field;
    (void)text;
    return true;
}

static bool is_email(const struct field *field, const char *text)
{
    char key[CC_EMAIL_MAX + 1];

    (void)field;
    return strlen(text) <= CC_EMAIL_MAX && cc_email_key(text, key);
}

static bool is_option(const struct field *field, const char *text)
{
    for (size_t i = 0; i < json_array_size(field->options); i++) {
        const char *option = json_string_value(json_array_get(field->options, i));

        if (option && strcmp(option, text) == 0)
            return true;
    }
    return false;
}

static const struct kind {
    const char *type, *wants;
    bool (*good)(const struct field *field, const char *text);
} kinds[] = {
    {"email", "an address such as name@example.com", is_email},
    {"select", "one of the options", is_option},
    {"", "a text", any}, /* all others; the last */
};

static const struct kind *kind_of(const struct field *field)
{
    const struct kind *kind = kinds;

    while (*kind->type && strcmp(kind->type, field->type) != 0)
        kind++;
    return kind;
}

/* What one line can hold. */
static int take_text(const struct field *field, const json_t *value, struct cc_arena *mem,
                     json_t *into)
{
    static const struct cc_form_field rule = {.max = CC_PRECHAT_MAX};
    const char *name = cc_arena_printf(mem, "values.%.100s", field->name), *text;
    int rc = json_is_string(value) ? cc_form_text(name, json_string_value(value),
                                                  json_string_length(value), &rule, mem, &text)
                                   : cc_fail(CC_E_INVALID, "%s: wants a text", name);

    if (rc != 0)
        return rc;
    if (strpbrk(text, "\t\r\n"))
        return cc_fail(CC_E_INVALID, "%s: holds a control character", name);
    if (!*text && field->required)
        return cc_fail(CC_E_INVALID, "%s: is missing", name);
    if (*text && !kind_of(field)->good(field, text))
        return cc_fail(CC_E_INVALID, "%s: wants %s", name, kind_of(field)->wants);
    if (*text)
        json_object_set_new(into, field->name, json_string(text));
    return 0;
}

static int take_switch(const struct field *field, const json_t *value, json_t *into)
{
    if (!json_is_boolean(value))
        return cc_fail(CC_E_INVALID, "values.%.100s: wants true or false", field->name);
    if (field->required && !json_is_true(value))
        return cc_fail(CC_E_INVALID, "values.%.100s: is wanted", field->name);
    json_object_set(into, field->name, (json_t *)(uintptr_t)value);
    return 0;
}

static int take(const struct field *field, const json_t *value, struct cc_arena *mem, json_t *into)
{
    if (!value || json_is_null(value))
        return field->required ? cc_fail(CC_E_INVALID, "values.%.100s: is missing", field->name)
                               : 0;
    return strcmp(field->type, "checkbox") == 0 ? take_switch(field, value, into)
                                                : take_text(field, value, mem, into);
}

static int check_names(const struct fields *fields, const json_t *values)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)values, name, value)
    {
        if (!find(fields, name))
            return cc_fail(CC_E_INVALID, "values.%.100s: there is no such field", name);
    }
    return 0;
}

int cc_prechat_read(const json_t *widget, const json_t *values, struct cc_arena *mem,
                    const char **ret)
{
    CC_AUTO(json_decref)
    json_t *said = json_object();
    struct fields fields;
    int rc;

    read_fields(widget, &fields);
    if (fields.n == 0)
        return cc_fail(CC_E_CONFLICT, "this bot has no form");
    if (!json_is_object(values))
        return cc_fail(CC_E_INVALID, "values: wants an object");
    rc = check_names(&fields, values);
    for (int i = 0; i < fields.n && rc == 0; i++)
        rc = take(&fields.at[i], json_object_get(values, fields.at[i].name), mem, said);
    if (rc == 0)
        *ret = cc_json_dup(said, mem);
    return rc;
}
