#include "gateway/pure/widget_form.h"

#include <string.h>
#include <strings.h>

#include "gateway/pure/form.h"
#include "gateway/pure/weburl.h"
#include "proto/base/error.h"
#include "proto/store/source.h"

struct look {
    const char *title, *greeting, *placeholder, *launcher, *footer; /* texts */
    struct cc_texts starters;
    const char *color, *colour, *primary, *accent; /* colours */
    const char *theme, *position, *locale;
    const char *logo, *avatar, *privacy; /* addresses */
    const json_t *colors, *colours;
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

static const struct cc_form_field fields[] = {
    {"title", CC_FIELD_TEXT, AT(title), .max = 100},
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
    URL("logo", logo),
    URL("avatar", avatar),
    URL("privacyUrl", privacy),
};
static const struct cc_form_field color_fields[] = {
    COLOR("primary", primary),
    COLOR("accent", accent),
};

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
static int within(int rc)
{
    char words[CC_FAIL_TEXT];

    if (rc != CC_E_INVALID)
        return rc;
    snprintf(words, sizeof words, "%s", cc_fail_text());
    return cc_fail(rc, "widget: %.230s", words);
}

int cc_widget_form_check(const json_t *widget, struct cc_arena *mem)
{
    struct look look = {0};
    int rc = CC_FORM_READ(widget, fields, mem, &look);

    if (rc == 0 && look.colors)
        rc = CC_FORM_READ(look.colors, color_fields, mem, &look);
    if (rc == 0 && look.colours)
        rc = CC_FORM_READ(look.colours, color_fields, mem, &look);
    return rc ? within(rc) : check_values(&look);
}
