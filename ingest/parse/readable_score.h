/*
 * readable_score.h - measures the parts of a page and looks for its one main text.
 */
#ifndef CC_INGEST_PARSE_READABLE_SCORE_H
#define CC_INGEST_PARSE_READABLE_SCORE_H

#include "ingest/parse/readable.h"

/* Part of a line of text: words, links, pictures. */
bool cc_readable_is_inline(const struct cc_html_node *node);

/* Share of its letters that are links. */
double cc_readable_density(const struct cc_html_node *node);

/* Fills the numbers of every node from what is not cut below it. */
void cc_readable_measure(struct cc_html_tree *tree);

/* A page of a site, with menus and the like: not a document. */
bool cc_readable_is_site(const struct cc_html_tree *tree);

/*
 * ARTICLE or MAIN when there is one main text: everything else is cut then.  WHOLE when not, and
 * marks are left behind.  gently: names of classes are not asked.
 */
enum cc_readable cc_readable_article(struct cc_html_tree *tree, bool gently);

#endif
