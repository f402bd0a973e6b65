#include <stdlib.h>
#include <string.h>

#include "ingest/parse/html_tree.h"

/* Sorted by name.  level of headings: theirs; of others: points of readable.c. */
static const struct cc_html_tag tags[] = {
    {"address", CC_HTML_BLOCK, -3},   {"applet", CC_HTML_DROP, 0},
    {"article", CC_HTML_BLOCK, 8},    {"aside", CC_HTML_FRAME, -5},
    {"audio", CC_HTML_DROP, 0},       {"base", CC_HTML_DROP, 0},
    {"blockquote", CC_HTML_BLOCK, 3}, {"body", CC_HTML_BLOCK, 0},
    {"br", CC_HTML_BREAK, 0},         {"button", CC_HTML_BUTTON, 0},
    {"canvas", CC_HTML_DROP, 0},      {"caption", CC_HTML_BLOCK, 0},
    {"center", CC_HTML_BLOCK, 0},     {"datalist", CC_HTML_DROP, 0},
    {"dd", CC_HTML_MEANING, -3},      {"details", CC_HTML_DETAILS, 0},
    {"dialog", CC_HTML_DROP, 0},      {"dir", CC_HTML_LIST, -3},
    {"div", CC_HTML_BLOCK, 5},        {"dl", CC_HTML_BLOCK, -3},
    {"dt", CC_HTML_TERM, -3},         {"embed", CC_HTML_DROP, 0},
    {"fieldset", CC_HTML_BLOCK, -3},  {"figcaption", CC_HTML_BLOCK, 0},
    {"figure", CC_HTML_BLOCK, 0},     {"footer", CC_HTML_FRAME, -5},
    {"form", CC_HTML_BLOCK, -3},      {"frameset", CC_HTML_BLOCK, 0},
    {"h1", CC_HTML_HEADING, 1},       {"h2", CC_HTML_HEADING, 2},
    {"h3", CC_HTML_HEADING, 3},       {"h4", CC_HTML_HEADING, 4},
    {"h5", CC_HTML_HEADING, 5},       {"h6", CC_HTML_HEADING, 6},
    {"head", CC_HTML_META, 0},        {"header", CC_HTML_FRAME, -5},
    {"hgroup", CC_HTML_BLOCK, 0},     {"hr", CC_HTML_BLOCK, 0},
    {"html", CC_HTML_BLOCK, 0},       {"iframe", CC_HTML_DROP, 0},
    {"img", CC_HTML_IMAGE, 0},        {"input", CC_HTML_DROP, 0},
    {"legend", CC_HTML_BLOCK, 0},     {"li", CC_HTML_ITEM, -3},
    {"link", CC_HTML_DROP, 0},        {"listing", CC_HTML_CODE, 3},
    {"main", CC_HTML_BLOCK, 8},       {"map", CC_HTML_DROP, 0},
    {"menu", CC_HTML_LIST, -3},       {"meta", CC_HTML_META, 0},
    {"nav", CC_HTML_FRAME, -5},       {"noembed", CC_HTML_DROP, 0},
    {"noscript", CC_HTML_DROP, 0},    {"object", CC_HTML_DROP, 0},
    {"ol", CC_HTML_LIST, -3},         {"optgroup", CC_HTML_DROP, 0},
    {"option", CC_HTML_DROP, 0},      {"p", CC_HTML_PARAGRAPH, 0},
    {"plaintext", CC_HTML_CODE, 3},   {"pre", CC_HTML_CODE, 3},
    {"script", CC_HTML_DROP, 0},      {"search", CC_HTML_FRAME, -5},
    {"section", CC_HTML_BLOCK, 0},    {"select", CC_HTML_DROP, 0},
    {"source", CC_HTML_DROP, 0},      {"style", CC_HTML_DROP, 0},
    {"summary", CC_HTML_SUMMARY, 0},  {"svg", CC_HTML_DROP, 0},
    {"table", CC_HTML_TABLE, 0},      {"tbody", CC_HTML_BLOCK, 0},
    {"td", CC_HTML_CELL, 3},          {"template", CC_HTML_DROP, 0},
    {"textarea", CC_HTML_DROP, 0},    {"tfoot", CC_HTML_BLOCK, 0},
    {"th", CC_HTML_CELL, -5},         {"thead", CC_HTML_BLOCK, 0},
    {"title", CC_HTML_META, 0},       {"tr", CC_HTML_ROW, 0},
    {"track", CC_HTML_DROP, 0},       {"ul", CC_HTML_LIST, -3},
    {"video", CC_HTML_DROP, 0},       {"xmp", CC_HTML_CODE, 3},
};
static const struct cc_html_tag custom = {"", CC_HTML_BLOCK, 0};
static const struct cc_html_tag unknown = {"", CC_HTML_INLINE, 0};

static int by_name(const void *key, const void *row)
{
    return strcmp(key, ((const struct cc_html_tag *)row)->name);
}

const struct cc_html_tag *cc_html_tag(const char *name)
{
    const struct cc_html_tag *tag =
        bsearch(name, tags, sizeof tags / sizeof *tags, sizeof *tags, by_name);

    if (tag)
        return tag;
    return strchr(name, '-') ? &custom : &unknown;
}
