#include <string.h>

#include "ingest/parse/charset.h"
#include "ingest/parse/html_write.h"
#include "ingest/parse/parse.h"
#include "ingest/parse/readable.h"
#include "proto/base/error.h"

/* The first heading of the first level, where the page gives itself no title. */
static const struct cc_html_node *find_heading(const struct cc_html_tree *tree)
{
    for (size_t i = 0; i < tree->n; i++)
        if (tree->nodes[i]->tag->role == CC_HTML_HEADING && tree->nodes[i]->tag->level == 1)
            return tree->nodes[i];
    return NULL;
}

static void set_title(struct cc_extract *doc, const struct cc_html_tree *tree)
{
    const struct cc_html_node *heading = find_heading(tree);

    if (heading) {
        const char *text = cc_html_text(heading, doc->mem);

        cc_extract_title(doc, text, strlen(text));
    }
    cc_extract_title(doc, tree->title, strlen(tree->title));
}

int cc_parse_html(const char *bytes, size_t len, struct cc_extract *doc)
{
    struct cc_html_tree tree;
    enum cc_readable how;
    const char *text;
    int rc;

    rc = cc_charset_decode_page(bytes, len, doc->mem, &text, &len);
    if (rc || (rc = cc_html_tree(text, len, doc->mem, &tree)))
        return rc;
    set_title(doc, &tree);
    how = cc_readable_cut(&tree, doc->mem);
    rc = cc_html_write(&tree, how != CC_READABLE_ARTICLE, doc);
    if (rc)
        return rc;
    return cc_html_write_data(&tree, doc);
}
