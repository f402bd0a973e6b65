#include "gateway/pure/widget_form.h"

#include <string.h>
#include <strings.h>

#include "gateway/pure/form.h"
#include "gateway/pure/weburl.h"
#include "proto/base/error.h"
#include "proto/store/source.h"

struct look {
    const char *title, *subtitle, *greeting, *placeholder, *launcher, *footer; /* texts */
    struct cc_texts starters;
    const char *color, *colour, *primary, *accent; /* colours */
    const char *theme, *position, *locale, *font, *size;
    const char *logo, *avatar, *privacy; /* addresses */
    const json_t *colors, *colours, *prechat;
    int upload, handoff;
};
struct field { /* of the form before the first question */
    const char *name, *label, *type;
    int required;
    struct cc_texts options;
};
struct prechat {
    const char *title, *text;
    const json_t *fields;
};
#define AT(member) offsetof(struct look, member)
#define URL(name, member)                                                                          \
    {                                                                                              \
        name, CC_FIELD_TEXT, AT(member), .max = CC_WEBURL_MAX                                      \
    }
#define COLOR(name, member)                                                                        \
    {                                                                                              \
        name, CC_FIELD_TEXT, AT(member), .max = 7                                                  \
    }

static const char *const themes[] = {"light", "dark", "auto", NULL};
static const char *const positions[] = {"right", "left", "bottom-right", "bottom-left", NULL};

static const char *const sizes[] = {"small", "medium", "large", NULL};

static const struct cc_form_field fields[] = {
    {"title", CC_FIELD_TEXT, AT(title), .max = 100},
    {"subtitle", CC_FIELD_TEXT, AT(subtitle), .max = 100},
    {"greeting", CC_FIELD_TEXT, AT(greeting), .max = 1000},
    {"placeholder", CC_FIELD_TEXT, AT(placeholder), .max = 100},
    {"launcher", CC_FIELD_TEXT, AT(launcher), .max = 60},
    {"footer", CC_FIELD_TEXT, AT(footer), .max = 300},
    {"starters", CC_FIELD_TEXTS, AT(starters), .max = 6, .each = 200},
    COLOR("color", color),
    COLOR("colour", colour),
    {"colors", CC_FIELD_JSON, AT(colors), .max = 0},
    {"colours", CC_FIELD_JSON, AT(colours), .max = 0},
    {"theme", CC_FIELD_WORD, AT(theme), .words = themes},
    {"position", CC_FIELD_WORD, AT(position), .words = positions},
    {"locale", CC_FIELD_TEXT, AT(locale), .max = 35},
    {"font", CC_FIELD_TEXT, AT(font), .max = 100},
    {"size", CC_FIELD_WORD, AT(size), .words = sizes},
    {"upload", CC_FIELD_SWITCH, AT(upload), .max = 1},
    {"handoff", CC_FIELD_SWITCH, AT(handoff), .max = 1},
    {"prechat", CC_FIELD_JSON, AT(prechat), .max = 0},
    URL("logo", logo),
    URL("avatar", avatar),
    URL("privacyUrl", privacy),
};
static const struct cc_form_field color_fields[] = {
    COLOR("primary", primary),
    COLOR("accent", accent),
};

#undef AT

static const char *const types[] = {"text", "email", "tel", "select", "checkbox", NULL};

#define AT(member) offsetof(struct prechat, member)
static const struct cc_form_field prechat_fields[] = {
    {"title", CC_FIELD_TEXT, AT(title), .max = 100},
    {"text", CC_FIELD_TEXT, AT(text), .max = 300},
    {"fields", CC_FIELD_JSON, AT(fields), .wanted = true},
};
#undef AT
#define AT(member) offsetof(struct field, member)
static const struct cc_form_field field_fields[] = {
    {"name", CC_FIELD_TEXT, AT(name), .min = 1, .max = CC_WIDGET_FIELD_NAME, .wanted = true},
    {"label", CC_FIELD_TEXT, AT(label), .min = 1, .max = 100, .wanted = true},
    {"type", CC_FIELD_WORD, AT(type), .words = types, .wanted = true},
    {"required", CC_FIELD_SWITCH, AT(required), .max = 1},
    {"options", CC_FIELD_TEXTS, AT(options), .min = 1, .max = 10, .each = 60},
};
#undef AT

/* ---- single values ---- */

/* "" is none. */
static bool is_color(const char *text)
{
    return !text || !*text ||
           (strlen(text) == 7 && text[0] == '#' && strspn(text + 1, "0123456789abcdefABCDEF") == 6);
}

static bool is_address(const char *text)
{
    return !text || !*text || (strncasecmp(text, "https://", 8) == 0 && cc_weburl_valid(text));
}

/* Subtags of BCP 47: a language of letters, then letters and digits, 1 to 8 each. */
static bool is_locale(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                      any[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t len;

    if (!text || !*text)
        return true;
    len = strspn(text, letters);
    while (len >= 1 && len <= 8 && text[len] == '-') {
        text += len + 1;
        len = strspn(text, any);
    }
    return len >= 1 && len <= 8 && text[len] == '\0';
}

/* Names of fonts with commas between them, as CSS has them.  It stands in a style sheet: neither a
 * quote that is left open nor anything that ends a declaration. */
static bool is_font(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    bool none = !text || !*text, any = false, quoted = false;

    for (; text && *text; text++) {
        if (*text == '\'') {
            if (!quoted && any) /* a name is quoted whole */
                return false;
            quoted = !quoted;
        } else if (*text == ',' && !quoted) {
            if (!any)
                return false;
            any = false;
        } else if (*text != ' ') {
            if (!strchr(letters, *text) || (!quoted && any && text[-1] == '\''))
                return false;
            any = true;
        }
    }
    return none || (any && !quoted);
}

static int check_values(const struct look *look)
{
    const struct {
        const char *name, *value, *wants;
        bool (*good)(const char *text);
    } all[] = {
        {"color", look->color, "a colour such as #0f6b63", is_color},
        {"colour", look->colour, "a colour such as #0f6b63", is_color},
        {"primary", look->primary, "a colour such as #0f6b63", is_color},
        {"accent", look->accent, "a colour such as #0f6b63", is_color},
        {"font", look->font, "names of fonts such as 'Open Sans', sans-serif", is_font},
        {"locale", look->locale, "a language such as de or pt-BR", is_locale},
        {"logo", look->logo, "an address that begins with https://", is_address},
        {"avatar", look->avatar, "an address that begins with https://", is_address},
        {"privacyUrl", look->privacy, "an address that begins with https://", is_address},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!all[i].good(all[i].value))
            return cc_fail(CC_E_INVALID, "widget: %s: wants %s", all[i].name, all[i].wants);
    return 0;
}

/* The words of a refused member, with whose member it is. */
static int within(const char *whose, int rc)
{
    char words[CC_FAIL_TEXT];

    if (rc != CC_E_INVALID)
        return rc;
    snprintf(words, sizeof words, "%s", cc_fail_text());
    return cc_fail(rc, "%s: %.230s", whose, words);
}

/* ---- the form before the first question ---- */

/* A name that a program may use: [a-z][a-z0-9_]*. */
static bool is_name(const char *text)
{
    return *text >= 'a' && *text <= 'z' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static bool is_select(const struct field *field)
{
    return strcmp(field->type, "select") == 0;
}

static int check_field(const json_t *json, struct cc_arena *mem, struct field *ret)
{
    int rc = CC_FORM_READ(json, field_fields, mem, ret);

    if (rc == 0 && !is_name(ret->name))
        rc = cc_fail(CC_E_INVALID, "name: wants a name such as company_size");
    if (rc == 0 && is_select(ret) != (ret->options.at != NULL))
        rc = cc_fail(CC_E_INVALID,
                     is_select(ret) ? "options: is missing" : "options: only a select has some");
    return rc;
}

static int check_fields(const json_t *list, struct cc_arena *mem)
{
    struct field all[CC_WIDGET_FIELDS] = {0};
    size_t n = json_array_size(list);
    char which[32];
    int rc = 0;

    if (!json_is_array(list) || n < 1 || n > CC_WIDGET_FIELDS)
        return cc_fail(CC_E_INVALID, "fields: wants a list of 1 to %d fields", CC_WIDGET_FIELDS);
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = check_field(json_array_get(list, i), mem, &all[i]);
        for (size_t j = 0; j < i && rc == 0; j++)
            if (strcmp(all[j].name, all[i].name) == 0)
                rc = cc_fail(CC_E_INVALID, "name: is that of another field, too");
        snprintf(which, sizeof which, "fields[%zu]", i);
        rc = within(which, rc);
    }
    return rc;
}

static int check_prechat(const json_t *json, struct cc_arena *mem)
{
    struct prechat prechat = {0};
    int rc = CC_FORM_READ(json, prechat_fields, mem, &prechat);

    if (rc == 0)
        rc = check_fields(prechat.fields, mem);
    return within("prechat", rc);
}

/* ---- all of it ---- */

int cc_widget_form_check(const json_t *widget, struct cc_arena *mem)
{
    struct look look = {0};
    int rc = CC_FORM_READ(widget, fields, mem, &look);

    if (rc == 0 && look.colors)
        rc = CC_FORM_READ(look.colors, color_fields, mem, &look);
    if (rc == 0 && look.colours)
        rc = CC_FORM_READ(look.colours, color_fields, mem, &look);
    if (rc == 0 && look.prechat)
        rc = check_prechat(look.prechat, mem);
    return rc ? within("widget", rc) : check_values(&look);
}
