#include "ingest/parse/html_write.h"

#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/error.h"

/* The text of the innermost open block; written whenever another begins or this one ends. */
struct writer {
    struct cc_extract *doc;
    struct cc_buf text;
    enum cc_block_kind kind;
    int level, lists;
    bool images, code;
    int rc;
};

static void flush(struct writer *w)
{
    if (!w->rc && cc_buf_over(&w->text))
        w->rc = cc_fail(CC_E_LIMIT, "a block of more than %d bytes", CC_EXTRACT_TEXT);
    if (!w->rc && w->kind == CC_BLOCK_PAIR)
        w->rc = cc_html_add_pair(w->doc, w->text.bytes, w->text.len);
    else if (!w->rc && w->text.len)
        w->rc = cc_extract_add(w->doc, w->kind, w->level, 0, w->text.bytes, w->text.len);
    cc_buf_reset(&w->text);
    w->kind = w->lists ? CC_BLOCK_LIST : CC_BLOCK_PARAGRAPH;
    w->level = 0;
}

static void put_text(struct writer *w, const char *s, size_t len)
{
    if (w->code) {
        cc_buf_add(&w->text, s, len);
        return;
    }
    for (size_t i = 0; i < len; i++) /* a line end in the file is a blank on the screen */
        cc_buf_char(&w->text, s[i] == '\n' || s[i] == '\r' || s[i] == '\f' ? ' ' : s[i]);
}

static void put_image(struct writer *w, const struct cc_html_node *node)
{
    if (!w->images || !node->len)
        return;
    cc_buf_char(&w->text, '[');
    put_text(w, node->text, node->len);
    cc_buf_char(&w->text, ']');
}

static void write_node(struct writer *w, const struct cc_html_node *node);

static void write_children(struct writer *w, const struct cc_html_node *node)
{
    for (const struct cc_html_node *n = node->first; n && !w->rc; n = n->next)
        if (!n->cut)
            write_node(w, n);
}

static void write_block(struct writer *w, const struct cc_html_node *node)
{
    flush(w);
    write_children(w, node);
    flush(w);
}

static void write_as(struct writer *w, const struct cc_html_node *node, enum cc_block_kind kind)
{
    flush(w);
    w->kind = kind;
    w->level = node->tag->level;
    write_children(w, node);
    flush(w);
}

static void write_heading(struct writer *w, const struct cc_html_node *node)
{
    const char *text = cc_html_text(node, w->doc->mem);

    flush(w);
    w->kind = CC_BLOCK_HEADING;
    w->level = node->tag->level;
    cc_buf_text(&w->text, text);
    if (!w->text.len)
        write_children(w, node); /* a picture */
    flush(w);
}

static void write_code(struct writer *w, const struct cc_html_node *node)
{
    flush(w);
    w->code = true;
    w->kind = CC_BLOCK_CODE;
    write_children(w, node);
    flush(w);
    w->code = false;
}

/* Ordered items keep their numbers: "see step 3" is written elsewhere. */
static void write_list(struct writer *w, const struct cc_html_node *node)
{
    unsigned number = node->span ? node->span : 1;

    flush(w);
    w->lists++;
    for (const struct cc_html_node *n = node->first; n && !w->rc; n = n->next) {
        if (n->cut)
            continue;
        flush(w);
        if (n->tag->role == CC_HTML_ITEM && node->hints & CC_HINT_ORDERED) {
            number = n->span ? n->span : number;
            if (n->letters || n->images)
                cc_buf_printf(&w->text, "%u. ", number++);
        }
        if (n->tag->role == CC_HTML_ITEM)
            w->kind = CC_BLOCK_LIST;
        write_node(w, n);
    }
    w->lists--;
    flush(w);
}

/* What is left of an item after a list within it is a block of its own. */
static void write_item(struct writer *w, const struct cc_html_node *node)
{
    for (const struct cc_html_node *n = node->first; n && !w->rc; n = n->next) {
        if (n->cut)
            continue;
        if (n->tag->role == CC_HTML_PARAGRAPH || n->tag->role == CC_HTML_BLOCK)
            write_children(w, n), cc_buf_char(&w->text, '\n');
        else
            write_node(w, n);
        w->kind = w->text.len ? w->kind : CC_BLOCK_LIST;
    }
    flush(w);
}

static void write_table(struct writer *w, const struct cc_html_node *node)
{
    flush(w);
    if (!cc_html_is_data(node))
        write_block(w, node);
    else if (!w->rc)
        w->rc = cc_html_write_table(node, w->doc);
}

static const struct cc_html_node *next_shown(const struct cc_html_node *node)
{
    for (node = node->next; node; node = node->next)
        if (!node->cut && (node->tag->role != CC_HTML_TEXT || node->letters))
            return node;
    return NULL;
}

static void write_term(struct writer *w, const struct cc_html_node *node)
{
    const struct cc_html_node *next = next_shown(node);
    const char *term = cc_html_text(node, w->doc->mem);

    flush(w);
    if (!next || next->tag->role != CC_HTML_MEANING || !*term) {
        write_as(w, node, CC_BLOCK_LIST);
        return;
    }
    w->kind = cc_html_asks(term) ? CC_BLOCK_PAIR : CC_BLOCK_LIST;
    cc_buf_text(&w->text, term);
    cc_buf_char(&w->text, '\n');
}

/* Joins its term, when that one waits. */
static void write_meaning(struct writer *w, const struct cc_html_node *node)
{
    if (!w->text.len)
        w->kind = CC_BLOCK_LIST;
    write_item(w, node);
}

static void write_lone_item(struct writer *w, const struct cc_html_node *node)
{
    if (!w->lists)
        flush(w);
    w->kind = CC_BLOCK_LIST;
    write_item(w, node);
}

static void write_pair(struct writer *w, const struct cc_html_node *node)
{
    bool done = false;

    flush(w);
    if (!w->rc)
        w->rc = cc_html_write_pair(node, w->doc, &done);
    if (!done && node->tag->role == CC_HTML_SUMMARY)
        write_as(w, node, CC_BLOCK_PARAGRAPH);
    else if (!done)
        write_block(w, node);
}

static void write_element(struct writer *w, const struct cc_html_node *node)
{
    switch (node->tag->role) {
    case CC_HTML_HEADING: write_heading(w, node); break;
    case CC_HTML_LIST: write_list(w, node); break;
    case CC_HTML_ITEM: write_lone_item(w, node); break;
    case CC_HTML_TABLE: write_table(w, node); break;
    case CC_HTML_CODE: write_code(w, node); break;
    case CC_HTML_TERM: write_term(w, node); break;
    case CC_HTML_MEANING: write_meaning(w, node); break;
    case CC_HTML_DETAILS: write_pair(w, node); break;
    default: write_block(w, node);
    }
}

static void write_node(struct writer *w, const struct cc_html_node *node)
{
    if (node->hints & CC_HINT_QUESTION && node->tag->role != CC_HTML_DETAILS) {
        write_pair(w, node);
        return;
    }
    switch (node->tag->role) {
    case CC_HTML_TEXT: put_text(w, node->text, node->len); break;
    case CC_HTML_IMAGE: put_image(w, node); break;
    case CC_HTML_BREAK: cc_buf_char(&w->text, '\n'); break;
    case CC_HTML_INLINE: write_children(w, node); break;
    default: write_element(w, node);
    }
}

int cc_html_write(const struct cc_html_tree *tree, bool images, struct cc_extract *doc)
{
    struct writer w = {.doc = doc, .kind = CC_BLOCK_PARAGRAPH, .images = images};

    cc_buf_init(&w.text, CC_EXTRACT_TEXT);
    write_block(&w, tree->root);
    cc_buf_done(&w.text);
    return w.rc;
}
