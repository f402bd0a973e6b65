#include "ingest/parse/html_hints.h"

#include <string.h>
#include <strings.h>

#include "ingest/parse/html_tree.h"

#define NAME_BYTES 2000 /* of a class or id that are looked at */

/* Words in class and id, as people who build pages use them; looked for anywhere in a name. */
static const struct word {
    const char *word;
    unsigned hints;
} words[] = {
    {"advert", CC_HINT_AROUND},     {"banner", CC_HINT_AROUND},      {"breadcrumb", CC_HINT_AROUND},
    {"combx", CC_HINT_AROUND},      {"comment", CC_HINT_AROUND},     {"disqus", CC_HINT_AROUND},
    {"footer", CC_HINT_AROUND},     {"gallery-nav", CC_HINT_AROUND}, {"masthead", CC_HINT_AROUND},
    {"menu", CC_HINT_AROUND},       {"navbar", CC_HINT_AROUND},      {"navigation", CC_HINT_AROUND},
    {"newsletter", CC_HINT_AROUND}, {"outbrain", CC_HINT_AROUND},    {"pager", CC_HINT_AROUND},
    {"pagination", CC_HINT_AROUND}, {"popup", CC_HINT_AROUND},       {"promo", CC_HINT_AROUND},
    {"recommend", CC_HINT_AROUND},  {"related", CC_HINT_AROUND},     {"replies", CC_HINT_AROUND},
    {"share", CC_HINT_AROUND},      {"sharing", CC_HINT_AROUND},     {"shoutbox", CC_HINT_AROUND},
    {"sidebar", CC_HINT_AROUND},    {"skip-link", CC_HINT_AROUND},   {"social", CC_HINT_AROUND},
    {"sponsor", CC_HINT_AROUND},    {"subscribe", CC_HINT_AROUND},   {"taboola", CC_HINT_AROUND},
    {"toolbar", CC_HINT_AROUND},    {"trending", CC_HINT_AROUND},    {"cookie", CC_HINT_CONSENT},
    {"consent", CC_HINT_CONSENT},   {"gdpr", CC_HINT_CONSENT},       {"contact", CC_HINT_POOR},
    {"foot", CC_HINT_POOR},         {"header", CC_HINT_POOR},        {"media", CC_HINT_POOR},
    {"meta", CC_HINT_POOR},         {"scroll", CC_HINT_POOR},        {"shopping", CC_HINT_POOR},
    {"tags", CC_HINT_POOR},         {"tool", CC_HINT_POOR},          {"widget", CC_HINT_POOR},
    {"byline", CC_HINT_POOR},       {"article", CC_HINT_TEXT},       {"body", CC_HINT_TEXT},
    {"content", CC_HINT_TEXT},      {"entry", CC_HINT_TEXT},         {"main", CC_HINT_TEXT},
    {"post", CC_HINT_TEXT},         {"story", CC_HINT_TEXT},         {"text", CC_HINT_TEXT},
    {"blog", CC_HINT_TEXT},
};

/* Whole names between blanks: too short to be looked for inside others. */
static const struct word whole[] = {
    {"ad", CC_HINT_AROUND},   {"ads", CC_HINT_AROUND},   {"nav", CC_HINT_AROUND},
    {"toc", CC_HINT_POOR},    {"rss", CC_HINT_AROUND},   {"noprint", CC_HINT_AROUND},
    {"side", CC_HINT_AROUND}, {"extra", CC_HINT_AROUND}, {"hid", CC_HINT_POOR},
};

static const struct word roles[] = {
    {"navigation", CC_HINT_AROUND},    {"banner", CC_HINT_AROUND},
    {"complementary", CC_HINT_AROUND}, {"contentinfo", CC_HINT_AROUND},
    {"search", CC_HINT_AROUND},        {"menu", CC_HINT_AROUND},
    {"menubar", CC_HINT_AROUND},       {"dialog", CC_HINT_AROUND},
    {"alertdialog", CC_HINT_AROUND},   {"main", CC_HINT_MAIN | CC_HINT_TEXT},
    {"article", CC_HINT_TEXT},
};

static const struct word properties[] = {
    {"articleBody", CC_HINT_BODY | CC_HINT_TEXT},
    {"name", CC_HINT_NAME},
};

static const struct word types[] = {
    {"schema.org/Question", CC_HINT_QUESTION},
    {"schema.org/Answer", CC_HINT_ANSWER},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static unsigned within(const char *value, const struct word *table, size_t n)
{
    unsigned hints = 0;

    for (size_t i = 0; i < n; i++)
        if (strcasestr(value, table[i].word))
            hints |= table[i].hints;
    return hints;
}

static unsigned equal(const char *value, size_t len, const struct word *table, size_t n)
{
    unsigned hints = 0;

    for (size_t i = 0; i < n; i++)
        if (strlen(table[i].word) == len && !strncasecmp(value, table[i].word, len))
            hints |= table[i].hints;
    return hints;
}

static unsigned of_names(const char *value)
{
    unsigned hints = within(value, words, COUNT(words));

    while (*value) {
        size_t len = strcspn(value, " \t\r\n-_");

        hints |= equal(value, len, whole, COUNT(whole));
        value += len + (value[len] != '\0');
    }
    return hints;
}

static unsigned of_link(const char *value)
{
    return *value && *value != '#' ? CC_HINT_LINK : 0;
}

static unsigned of_role(const char *value)
{
    return equal(value, strlen(value), roles, COUNT(roles));
}

static unsigned of_property(const char *value)
{
    return equal(value, strlen(value), properties, COUNT(properties));
}

static unsigned of_type(const char *value)
{
    return within(value, types, COUNT(types));
}

static const struct reader {
    const char *attribute;
    unsigned (*read)(const char *value);
} readers[] = {
    {"class", of_names},       {"id", of_names},      {"role", of_role},
    {"itemprop", of_property}, {"itemtype", of_type}, {"href", of_link},
};

static unsigned of_attribute(const char *name, const char *value)
{
    for (size_t i = 0; i < COUNT(readers); i++)
        if (!strcasecmp(name, readers[i].attribute) && strlen(value) < NAME_BYTES)
            return readers[i].read(value);
    return 0;
}

static const struct word elements[] = {
    {"main", CC_HINT_MAIN | CC_HINT_TEXT},
    {"article", CC_HINT_TEXT},
    {"ol", CC_HINT_ORDERED},
    {"th", CC_HINT_HEADER},
};

unsigned cc_html_hints(const char *name, const char **atts)
{
    unsigned hints = equal(name, strlen(name), elements, COUNT(elements));

    for (; atts && atts[0]; atts += 2)
        if (atts[1])
            hints |= of_attribute(atts[0], atts[1]);
    return hints;
}

/* "display : none", whatever blanks stand between. */
static bool has_rule(const char *style, const char *property, const char *value)
{
    for (const char *at = style; (at = strcasestr(at, property)); at++) {
        const char *p = at + strlen(property);

        p += strspn(p, " \t\r\n");
        if (*p != ':')
            continue;
        p++;
        p += strspn(p, " \t\r\n");
        if (!strncasecmp(p, value, strlen(value)))
            return true;
    }
    return false;
}

static bool hides(const char *style)
{
    return has_rule(style, "display", "none") || has_rule(style, "visibility", "hidden") ||
           has_rule(style, "font-size", "0;") || has_rule(style, "font-size", "0px");
}

/* What opens at a click is part of the page: tabs, and answers below their questions. */
static bool opens(const char **atts)
{
    for (; atts && atts[0]; atts += 2)
        if (!strcasecmp(atts[0], "role") && atts[1])
            return !strcasecmp(atts[1], "tabpanel") || !strcasecmp(atts[1], "region");
    return false;
}

bool cc_html_hidden(const char **atts)
{
    if (opens(atts))
        return false;
    for (; atts && atts[0]; atts += 2) {
        if (!strcasecmp(atts[0], "hidden"))
            return !atts[1] || strcasecmp(atts[1], "until-found") != 0;
        if (!strcasecmp(atts[0], "style") && atts[1] && hides(atts[1]))
            return true;
    }
    return false;
}
