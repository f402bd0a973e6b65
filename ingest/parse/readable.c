#include "ingest/parse/readable.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/parse/html_write.h"
#include "ingest/parse/readable_score.h"
#include "proto/base/text.h"

#define SMALL_PAGE 1500 /* letters; below, no one text is looked for */

/* A frame that is mostly links, and what asks about cookies. */
static bool is_surely_around(const struct cc_html_node *node, uint32_t all)
{
    bool around = node->tag->role == CC_HTML_FRAME || (node->hints & CC_HINT_AROUND);

    if (node->hints & CC_HINT_MAIN || node->letters > all / 3)
        return false;
    if (node->hints & CC_HINT_CONSENT && !cc_readable_is_inline(node))
        return node->letters < 2000;
    return around && !cc_readable_is_inline(node) && cc_readable_density(node) > 0.5;
}

/* Where a click opens an answer, its question stands on a button. */
static bool is_question(const struct cc_html_node *button, struct cc_arena *mem)
{
    enum cc_html_role above = button->parent->tag->role;

    return above == CC_HTML_HEADING || above == CC_HTML_TERM || above == CC_HTML_SUMMARY ||
           cc_html_asks(cc_html_text(button, mem));
}

static void cut_buttons(struct cc_html_tree *tree, struct cc_arena *mem)
{
    for (size_t i = 1; i < tree->n; i++) {
        struct cc_html_node *node = tree->nodes[i];

        if (node->tag->role == CC_HTML_BUTTON && !is_question(node, mem))
            node->cut = true;
    }
}

static void cut_frame(struct cc_html_tree *tree)
{
    uint32_t all = tree->root->letters;

    for (size_t i = 1; i < tree->n; i++)
        if (is_surely_around(tree->nodes[i], all))
            tree->nodes[i]->cut = true;
}

static void uncut(struct cc_html_tree *tree)
{
    for (size_t i = 0; i < tree->n; i++)
        if (tree->nodes[i]->tag->role != CC_HTML_BUTTON)
            tree->nodes[i]->cut = false;
}

enum cc_readable cc_readable_cut(struct cc_html_tree *tree, struct cc_arena *mem)
{
    bool small;

    cut_buttons(tree, mem);
    cc_readable_measure(tree);
    small = tree->root->letters < SMALL_PAGE;
    if (small && !cc_readable_is_site(tree))
        return CC_READABLE_WHOLE;
    for (int gently = 0; !small && gently < 2; gently++) {
        enum cc_readable how = cc_readable_article(tree, gently);

        if (how != CC_READABLE_WHOLE)
            return how;
        uncut(tree);
        cc_readable_measure(tree);
    }
    cut_frame(tree);
    return CC_READABLE_PAGE;
}
