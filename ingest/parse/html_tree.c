#include "ingest/parse/html_tree.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>
#include <strings.h>

#include "ingest/parse/html_hints.h"
#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define DATA_BYTES  (1 << 20) /* of application/ld+json that are looked at */
#define TITLE_BYTES 2048

static void free_context(htmlParserCtxtPtr ctxt)
{
    if (ctxt->myDoc)
        xmlFreeDoc(ctxt->myDoc);
    htmlFreeParserCtxt(ctxt);
}
CC_CLEANER(htmlParserCtxtPtr, free_context)

/* What the text that comes now is for. */
enum use { FOR_PAGE, FOR_TITLE, FOR_DATA, FOR_NOTHING };

struct builder {
    struct cc_html_tree *tree;
    struct cc_arena *mem;
    htmlParserCtxtPtr ctxt;
    struct cc_html_node *open[CC_HTML_DEPTH];
    int depth;   /* of open elements, also of those beyond the table */
    int outside; /* depth at which the text left the page; 0: within */
    enum use use;
    size_t room;
    struct cc_buf text, title, social_title, data;
    int rc;
};

static void stop(struct builder *b, int rc)
{
    b->rc = rc;
    xmlStopParser(b->ctxt);
}

static void remember(struct builder *b, struct cc_html_node *node)
{
    struct cc_html_tree *tree = b->tree;

    if (tree->n == b->room) {
        struct cc_html_node **more;

        b->room = b->room ? 2 * b->room : 512;
        more = cc_arena_array(b->mem, b->room, sizeof *more);
        if (tree->n)
            memcpy(more, tree->nodes, tree->n * sizeof *more);
        tree->nodes = more;
    }
    tree->nodes[tree->n++] = node;
}

static struct cc_html_node *innermost(const struct builder *b)
{
    if (!b->depth)
        return b->tree->root;
    return b->open[(b->depth < CC_HTML_DEPTH ? b->depth : CC_HTML_DEPTH) - 1];
}

static struct cc_html_node *add_node(struct builder *b, const struct cc_html_tag *tag)
{
    struct cc_html_node *node, *parent = innermost(b);

    if (b->tree->n >= CC_HTML_NODES) {
        stop(b, cc_fail(CC_E_LIMIT, "a web page of more than %d parts", CC_HTML_NODES));
        return NULL;
    }
    node = cc_arena_get(b->mem, sizeof *node);
    node->tag = tag;
    node->parent = parent;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    remember(b, node);
    return node;
}

static const char *attribute(const xmlChar **atts, const char *name)
{
    for (; atts && atts[0]; atts += 2)
        if (!strcasecmp((const char *)atts[0], name))
            return atts[1] ? (const char *)atts[1] : "";
    return NULL;
}

static bool says(const char *value, const char *what)
{
    return value && !strcasecmp(value, what);
}

static void read_meta(struct builder *b, const xmlChar **atts)
{
    const char *content = attribute(atts, "content");

    if (content && !b->social_title.len &&
        (says(attribute(atts, "property"), "og:title") || says(attribute(atts, "name"), "title")))
        cc_buf_text(&b->social_title, content);
    if (content && says(attribute(atts, "property"), "og:type"))
        b->tree->article = says(content, "article");
}

/* Elements without a node: their text is for something else, or for nobody. */
static enum use use_of(const struct cc_html_tag *tag, const char *name, const xmlChar **atts)
{
    if (tag->role == CC_HTML_META)
        return strcmp(name, "title") ? FOR_PAGE : FOR_TITLE;
    if (tag->role != CC_HTML_DROP)
        return cc_html_hidden((const char **)atts) ? FOR_NOTHING : FOR_PAGE;
    if (!strcmp(name, "script") && says(attribute(atts, "type"), "application/ld+json"))
        return FOR_DATA;
    return FOR_NOTHING;
}

static unsigned small_number(const char *digits)
{
    int64_t n;

    return digits && cc_text_int(digits, 0, 100000, &n) ? (unsigned)n : 0;
}

static void read_attributes(struct builder *b, struct cc_html_node *node, const char *name,
                            const xmlChar **atts)
{
    const char *alt;

    node->hints = cc_html_hints(name, (const char **)atts);
    switch (node->tag->role) {
    case CC_HTML_CELL: node->span = small_number(attribute(atts, "colspan")); break;
    case CC_HTML_LIST: node->span = small_number(attribute(atts, "start")); break;
    case CC_HTML_ITEM: node->span = small_number(attribute(atts, "value")); break;
    case CC_HTML_IMAGE:
        alt = attribute(atts, "alt");
        node->text = cc_arena_dup(b->mem, alt ? alt : "");
        node->len = strlen(node->text);
        break;
    default: break;
    }
}

/* Entities come one by one: text is gathered until something else comes. */
static void end_text(struct builder *b)
{
    static const struct cc_html_tag text = {"", CC_HTML_TEXT, 0};
    struct cc_html_node *node = b->text.len && !b->rc ? add_node(b, &text) : NULL;

    if (node) {
        node->text = cc_arena_dupn(b->mem, b->text.bytes, b->text.len);
        node->len = b->text.len;
    }
    cc_buf_reset(&b->text);
}

static void on_start(void *arg, const xmlChar *xml_name, const xmlChar **atts)
{
    struct builder *b = arg;
    const char *name = (const char *)xml_name;
    const struct cc_html_tag *tag = cc_html_tag(name);
    struct cc_html_node *node = NULL;

    end_text(b);
    if (b->use == FOR_PAGE) {
        b->use = use_of(tag, name, atts);
        b->outside = b->use == FOR_PAGE ? 0 : b->depth + 1;
        if (tag->role == CC_HTML_META)
            read_meta(b, atts);
        else if (b->use == FOR_PAGE)
            node = add_node(b, tag);
    }
    if (node)
        read_attributes(b, node, name, atts);
    if (b->depth < CC_HTML_DEPTH)
        b->open[b->depth] = node ? node : innermost(b);
    b->depth++;
}

static void on_end(void *arg, const xmlChar *name)
{
    struct builder *b = arg;

    (void)name;
    end_text(b);
    if (b->outside == b->depth) {
        b->outside = 0;
        if (b->use == FOR_DATA)
            cc_buf_char(&b->data, '\0');
        b->use = FOR_PAGE;
    }
    b->depth -= b->depth > 0;
}

static void on_text(void *arg, const xmlChar *s, int len)
{
    struct builder *b = arg;
    struct cc_buf *const into[] = {
        [FOR_PAGE] = &b->text, [FOR_TITLE] = &b->title, [FOR_DATA] = &b->data};

    if (b->use != FOR_NOTHING)
        cc_buf_add(into[b->use], s, (size_t)len);
}

/* Events instead of libxml2's own tree: that one is several times larger. */
static void hear_events(htmlParserCtxtPtr ctxt, struct builder *b)
{
    htmlSAXHandler events = {
        .startElement = on_start,
        .endElement = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
    };

    *ctxt->sax = events;
    ctxt->userData = b;
    b->ctxt = ctxt;
    htmlCtxtUseOptions(ctxt, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                 HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
}

static int read_page(struct builder *b, const char *bytes, size_t len)
{
    const char *text = cc_html_strip(bytes, &len, b->mem);
    CC_AUTO(free_context)
    htmlParserCtxtPtr ctxt = htmlCreateMemoryParserCtxt(text, (int)len);
    xmlCharEncodingHandlerPtr utf8 = xmlFindCharEncodingHandler("UTF-8");

    if (!ctxt || !utf8)
        return cc_fail(CC_E_PARSER, "libxml2 does not start");
    hear_events(ctxt, b);
    xmlSwitchToEncoding(ctxt, utf8);
    htmlParseDocument(ctxt);
    end_text(b);
    return b->rc;
}

static void hand_over(struct builder *b)
{
    const struct cc_buf *title = b->social_title.len ? &b->social_title : &b->title;

    b->tree->title = cc_arena_dupn(b->mem, title->bytes, title->len);
    b->tree->data = cc_arena_dupn(b->mem, b->data.bytes, b->data.len);
    b->tree->data_len = b->data.len;
}

int cc_html_tree(const char *text, size_t len, struct cc_arena *mem, struct cc_html_tree *ret)
{
    struct builder b = {.tree = ret, .mem = mem};
    int rc;

    if (len > CC_HTML_BYTES)
        return cc_fail(CC_E_LIMIT, "a web page of more than %u bytes", CC_HTML_BYTES);
    *ret = (struct cc_html_tree){.title = "", .data = ""};
    ret->root = cc_arena_get(mem, sizeof *ret->root);
    ret->root->tag = cc_html_tag("body");
    remember(&b, ret->root);
    if (!len)
        return 0;
    cc_buf_init(&b.text, CC_HTML_BYTES);
    cc_buf_init(&b.title, TITLE_BYTES);
    cc_buf_init(&b.social_title, TITLE_BYTES);
    cc_buf_init(&b.data, DATA_BYTES);
    rc = read_page(&b, text, len);
    if (!rc)
        hand_over(&b);
    cc_buf_done(&b.text);
    cc_buf_done(&b.title);
    cc_buf_done(&b.social_title);
    cc_buf_done(&b.data);
    return rc;
}

static void gather(const struct cc_html_node *node, struct cc_buf *out)
{
    for (const struct cc_html_node *n = node->first; n; n = n->next) {
        if (n->cut)
            continue;
        if (n->tag->role == CC_HTML_TEXT)
            cc_buf_add(out, n->text, n->len);
        else if (n->tag->role != CC_HTML_INLINE && n->tag->role != CC_HTML_IMAGE)
            cc_buf_char(out, ' ');
        gather(n, out);
    }
}

static size_t squeeze(const char *s, size_t len, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char c = strchr("\t\n\r\f", s[i]) ? ' ' : s[i];

        if (c != ' ' || (n && out[n - 1] != ' '))
            out[n++] = c;
    }
    return n && out[n - 1] == ' ' ? n - 1 : n;
}

const char *cc_html_text(const struct cc_html_node *node, struct cc_arena *mem)
{
    struct cc_buf out;
    char *text;

    cc_buf_init(&out, CC_HTML_BYTES);
    gather(node, &out);
    text = cc_arena_get(mem, out.len + 1);
    text[squeeze(out.bytes, out.len, text)] = '\0';
    cc_buf_done(&out);
    return text;
}
