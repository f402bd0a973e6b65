#include "ingest/parse/readable.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/parse/readable_score.h"
#include "proto/base/text.h"

#define SMALL_PAGE 1500

static bool is_inline(const struct cc_html_node *node)
{
    enum cc_html_role role = node->tag->role;

    return role == CC_HTML_TEXT || role == CC_HTML_INLINE || role == CC_HTML_IMAGE ||
           role == CC_HTML_BREAK;
}

static double density(const struct cc_html_node *node)
{
    return node->letters ? (double)node->linked / node->letters : 0;
}

/* A frame that is mostly links, and what asks about cookies. */
static bool is_surely_around(const struct cc_html_node *node, uint32_t all)
{
    bool around = node->tag->role == CC_HTML_FRAME || (node->hints & CC_HINT_AROUND);

    if (node->hints & CC_HINT_MAIN || node->letters > all / 3)
        return false;
    if (node->hints & CC_HINT_CONSENT && !is_inline(node))
        return node->letters < 2000;
    return around && !is_inline(node) && density(node) > 0.5;
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
        tree->nodes[i]->cut = false;
}

enum cc_readable cc_readable_cut(struct cc_html_tree *tree)
{
    cc_readable_measure(tree);
    if (tree->root->letters < SMALL_PAGE)
        return CC_READABLE_WHOLE;
    for (int gently = 0; gently < 2; gently++) {
        if (cc_readable_article(tree, gently))
            return CC_READABLE_ARTICLE;
        uncut(tree);
        cc_readable_measure(tree);
    }
    cut_frame(tree);
    return CC_READABLE_PAGE;
}
